// Bundles lib_checks.js as the pages are bundled, runs it in a real Chromium on
// a page of its own, and tells what differs.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { browse, ok } from "./kit.mjs";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const made = await require("esbuild").build({
  entryPoints: [new URL("lib_checks.js", import.meta.url).pathname],
  bundle: true, write: false, format: "esm", target: "es2022", jsx: "automatic", jsxImportSource: "preact",
});
const server = createServer((asked, reply) => {
  const script = asked.url === "/checks.js";
  reply.setHeader("Content-Type", script ? "text/javascript" : "text/html; charset=utf-8");
  reply.end(script ? made.outputFiles[0].text : `<!doctype html><link rel="icon" href="data:,"><script type="module" src="checks.js"></script>`);
});
await new Promise((go) => server.listen(0, "127.0.0.1", go));
const at = `http://127.0.0.1:${server.address().port}`;
await browse([at], async ({ page }) => {
  await page.goto(`${at}/`);
  await page.waitForFunction(() => window.found);
  for (const [what, got, wanted] of await page.evaluate(() => window.found)) ok(got === wanted, got === wanted ? what : `${what}: ${got}, not ${wanted}`);
});
server.closeAllConnections();
server.close();
