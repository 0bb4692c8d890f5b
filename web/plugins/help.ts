// Makes web/help/<language>/<topic>.md into modules "virtual:help/<language>":
// trees of a few harmless elements. HTML in a file, a picture or a link to the
// outside stops the build: the pages load nothing and know no markup.
import { readdirSync, readFileSync } from "node:fs";
import { marked, type Token, type Tokens } from "marked";
import type { Plugin } from "vite";

type Node = string | [string, Record<string, string>, ...Node[]];
const prefix = "virtual:help/";
const languages = ["ja", "en"];

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
      return `export default ${JSON.stringify(all)};`;
    },
  };
}
