// Makes web/help/<language>/<topic>.md into modules "virtual:help/<language>":
// trees of a few harmless elements. HTML in a file, or a link or a picture of the
// outside stops the build: the pages load nothing and know no markup. Pictures
// are those of web/pictures, as ![what it shows](../../pictures/name.png); the
// named ones become part of the pages, loaded when they come into view.
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { marked, type Token, type Tokens } from "marked";
import type { Plugin } from "vite";

type Node = string | [string, Record<string, string>, ...Node[]];
const prefix = "virtual:help/";
const languages = ["ja", "en"];
const pictures = resolve(import.meta.dirname, "../pictures");
const pictureMost = 200 * 1024; // bytes: they are all in the binary

function unescape(text: string): string {
  const names: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => names[name]);
}

/** Only other topics and pages are linked to. */
function link(token: Tokens.Link): Node {
  const topic = /^([\w-]+)\.md$/.exec(token.href);
  const page = /^#\/[\w/-]+$/.test(token.href);
  if (!topic && !page) throw new Error(`a link to ${token.href}: link to topic.md or #/page`);
  return ["a", { href: topic ? `#/help/${topic[1]}` : token.href }, ...inline(token.tokens)];
}

/** With its size, so that nothing moves when it comes. */
function image(token: Tokens.Image): Node {
  const file = /^\.\.\/\.\.\/pictures\/([\w-]+\.png)$/.exec(token.href)?.[1];
  if (!file) throw new Error(`a picture ${token.href}: use ../../pictures/name.png`);
  if (!token.text.trim()) throw new Error(`the picture ${file} needs words for those who cannot see it`);
  const data = readFileSync(`${pictures}/${file}`);
  if (data.length > pictureMost) throw new Error(`the picture ${file} has ${data.length} bytes, more than ${pictureMost}`);
  const size = { width: String(data.readUInt32BE(16)), height: String(data.readUInt32BE(20)) };
  return ["img", { src: `picture:${file}`, alt: unescape(token.text), loading: "lazy", decoding: "async", ...size }];
}

/** The topics as a module; their pictures are imported, which gives them a name
    that changes with the content. */
function moduleOf(topics: object[]): string {
  const files: string[] = [];
  const body = JSON.stringify(topics).replace(/"src":"picture:([\w-]+\.png)"/g, (_, file: string) => {
    if (!files.includes(file)) files.push(file);
    return `"src":picture${files.indexOf(file)}`;
  });
  const imports = files.map((file, i) => `import picture${i} from ${JSON.stringify(`${pictures}/${file}`)};\n`);
  return `${imports.join("")}export default ${body};`;
}

function inline(tokens: Token[] = []): Node[] {
  return tokens.map((t): Node => {
    switch (t.type) {
      case "text":
      case "escape":
        return "tokens" in t && t.tokens ? ["span", {}, ...inline(t.tokens)] : unescape(t.text as string);
      case "strong":
      case "em":
        return [t.type, {}, ...inline(t.tokens)];
      case "codespan":
        return ["code", {}, unescape(t.text as string)];
      case "br":
        return ["br", {}];
      case "link":
        return link(t as Tokens.Link);
      case "image":
        return image(t as Tokens.Image);
      default:
        throw new Error(`${t.type} is not for help: ${t.raw}`);
    }
  });
}

function cell(tag: string, c: Tokens.TableCell): Node {
  return [tag, tag === "th" ? { scope: "col" } : {}, ...inline(c.tokens)];
}

function table(t: Tokens.Table): Node {
  const body = t.rows.map((r): Node => ["tr", {}, ...r.map((c) => cell("td", c))]);
  const head: Node = ["thead", {}, ["tr", {}, ...t.header.map((c) => cell("th", c))]];
  return ["div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t.header[0].text }, ["table", {}, head, ["tbody", {}, ...body]]];
}

function list(t: Tokens.List): Node {
  return [t.ordered ? "ol" : "ul", {}, ...t.items.map((i): Node => ["li", {}, ...blocks(i.tokens)])];
}

function blocks(tokens: Token[]): Node[] {
  return tokens.flatMap((t): Node[] => {
    switch (t.type) {
      case "space":
        return [];
      case "heading":
        return [[`h${(t as Tokens.Heading).depth}`, {}, ...inline(t.tokens)]];
      case "paragraph":
        return [["p", {}, ...inline(t.tokens)]];
      case "text":
        return inline(t.tokens ?? [t]);
      case "list":
        return [list(t as Tokens.List)];
      case "code":
        return [["pre", { tabindex: "0" }, ["code", {}, t.text as string]]];
      case "blockquote":
        return [["blockquote", {}, ...blocks(t.tokens ?? [])]];
      case "table":
        return [table(t as Tokens.Table)];
      default:
        throw new Error(`${t.type} is not for help: ${t.raw}`);
    }
  });
}

function words(node: Node): string {
  return typeof node === "string" ? node : node.slice(2).map((x) => words(x as Node)).join(" ");
}

function topic(file: string, name: string): object {
  const [first, ...rest] = marked.lexer(readFileSync(file, "utf8"));
  try {
    if (first?.type !== "heading" || first.depth !== 1) throw new Error("the first line must be # title");
    const body = blocks(rest);
    return { name, title: (first as Tokens.Heading).text, text: body.map(words).join(" ").replace(/\s+/g, " "), body };
  } catch (problem) {
    throw new Error(`${file}: ${(problem as Error).message}`);
  }
}

function names(root: string, language: string): string[] {
  return readdirSync(`${root}/${language}`).filter((f) => f.endsWith(".md")).map((f) => f.slice(0, -3)).sort();
}

export function help(root: string): Plugin {
  return {
    name: "help",
    buildStart() {
      const [a, b] = languages.map((l) => names(root, l));
      const lonely = [...a.filter((x) => !b.includes(x)), ...b.filter((x) => !a.includes(x))];
      if (lonely.length) throw new Error(`help in one language only: ${lonely.join(", ")}`);
    },
    resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${prefix}`)) return undefined;
      const language = id.slice(prefix.length + 1);
      const all = names(root, language).map((n) => topic(`${root}/${language}/${n}.md`, n));
      return moduleOf(all);
    },
  };
}
