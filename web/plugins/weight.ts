// The first load must stay light: what index.html needs before anything is
// shown, compressed, is measured at every build.
import { gzipSync } from "node:zlib";
import type { Plugin, Rollup } from "vite";

function needed(bundle: Rollup.OutputBundle): Set<string> {
  const found = new Set<string>();
  const take = (name: string) => {
    const item = bundle[name];
    if (!item || found.has(name)) return;
    found.add(name);
    if (item.type !== "chunk") return;
    item.imports.forEach(take);
    item.viteMetadata?.importedCss.forEach(take);
  };
  for (const item of Object.values(bundle))
    if (item.type === "asset" ? item.fileName === "index.html" : item.isEntry) take(item.fileName);
  return found;
}

/** most: bytes after gzip. */
export function weight(most: number): Plugin {
  return {
    name: "weight",
    enforce: "post",
    generateBundle(_, bundle) {
      let sum = 0;
      for (const name of needed(bundle)) {
        const item = bundle[name];
        sum += gzipSync(item.type === "chunk" ? item.code : item.source, { level: 9 }).length;
      }
      if (sum > most) throw new Error(`the first load has ${sum} bytes compressed, more than ${most}`);
      this.info(`first load: ${sum} bytes compressed`);
    },
  };
}
