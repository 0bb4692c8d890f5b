// Every words.ts of the pages: each key has both languages with the same
// {places}, none is empty, and each is used by a file of its folder. No file of
// the pages has Japanese text of its own, and none makes markup out of text. Every
// picture of a help topic is there, with words, in both languages.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const ts = require("typescript");
const root = fileURLToPath(new URL("../../web/src", import.meta.url));
let failed = 0;

function none(found, what) {
  if (found.length) failed++;
  console.log(found.length ? `not ok - ${what}: ${found.slice(0, 12).join(" | ")}` : `ok - ${what}`);
}

function files(dir) {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    return statSync(path).isDirectory() ? files(path) : /\.tsx?$/.test(name) ? [path] : [];
  });
}

function parse(path) {
  return ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
}

function walk(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

const texts = (node) => ts.isArrayLiteralExpression(node) ? node.elements.map((x) => x.text) : [];
const places = (text) => (text?.match(/\{\w+\}/g) ?? []).sort().join();
const japanese = /[\u3040-\u30ff\u4e00-\u9fff]/;

/** key: [ja, en] of every words({...}) in a file. */
function tableOf(source) {
  const found = new Map();
  walk(source, (n) => {
    if (!ts.isCallExpression(n) || n.expression.getText() !== "words") return;
    for (const row of n.arguments[0].properties) found.set(row.name.text, texts(row.initializer));
  });
  return found;
}

/** What a file may name: literals, and the families of say.of("family", x). */
function names(source) {
  const exact = new Set();
  const families = new Set();
  walk(source, (n) => {
    if (ts.isStringLiteralLike(n)) exact.add(n.text);
    if (ts.isTemplateExpression(n)) families.add(n.head.text);
    if (ts.isCallExpression(n) && n.expression.getText().endsWith(".of") && n.arguments[0] && ts.isStringLiteralLike(n.arguments[0]))
      families.add(`${n.arguments[0].text}_`);
  });
  return { exact, families };
}

/** The pages.ts rows and other [ja, en] pairs outside of words(). */
function isPair(node) {
  const p = node.parent;
  return ts.isArrayLiteralExpression(p) && p.elements.length === 2 && p.elements.every(ts.isStringLiteralLike) && p.elements[0] === node;
}

const all = files(root);
const sources = new Map(all.map((path) => [path, parse(path)]));
const holes = [], strange = [], unused = [], bare = [], markup = [];
let keys = 0;
for (const [path, source] of sources) {
  const short = path.slice(root.length + 1);
  const table = tableOf(source);
  const near = all.filter((p) => dirname(p).startsWith(dirname(path)) && p !== path).map((p) => names(sources.get(p)));
  for (const [key, [ja, en, ...more]] of table) {
    keys++;
    if (!ja || !en || more.length) holes.push(`${short} ${key}`);
    else if (places(ja) !== places(en)) holes.push(`${short} ${key}: other places`);
    else if (japanese.test(en) && !/^(language|languageLabel)$/.test(key)) strange.push(`${short} ${key}`);
    if (!near.some((n) => n.exact.has(key) || [...n.families].some((f) => f.length > 1 && f.endsWith("_") && key.startsWith(f)))) unused.push(`${short} ${key}`);
  }
  if (!/words\.ts$/.test(basename(path)) && !/format\.ts$/.test(path))
    walk(source, (n) => {
      if ((ts.isJsxText(n) || ts.isStringLiteralLike(n)) && /[\u3040-\u309f\u4e00-\u9fff]/.test(n.text) && !isPair(n)) bare.push(`${short}: ${n.text.trim()}`);
      if (ts.isIdentifier(n) && /^(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|eval|Function)$/.test(n.text)) markup.push(`${short}: ${n.text}`);
    });
}
/** The pictures of a help topic: [file, words]. */
function picturesOf(language, name) {
  const text = readFileSync(join(root, "../help", language, name), "utf8");
  return [...text.matchAll(/!\[([^\]]*)\]\(([^)]*)\)/g)].map(([, alt, href]) => [href, alt]);
}

const lost = [], mute = [], uneven = [];
let pictures = 0;
for (const name of readdirSync(join(root, "../help/ja"))) {
  const [ja, en] = ["ja", "en"].map((l) => picturesOf(l, name));
  pictures += ja.length;
  for (const [href, alt] of [...ja, ...en]) {
    const path = join(root, "../help/ja", href);
    if (!existsSync(path) || readFileSync(path).toString("latin1", 1, 4) !== "PNG") lost.push(`${name} ${href}`);
    if (alt.length < 10) mute.push(`${name} ${href}`);
  }
  if (ja.map(([href]) => href).join() !== en.map(([href]) => href).join()) uneven.push(name);
  strange.push(...en.filter(([, alt]) => japanese.test(alt)).map(([href]) => `${name} ${href}`));
}

if (keys < 100) failed++;
console.log(`${keys < 100 ? "not ok" : "ok"} - ${keys} keys are read`);
none(holes, "every key has both languages, with the same places");
none(strange, "no Japanese in the English words");
none(unused, "every key is used");
none(bare, "all words are in tables");
none(markup, "no markup is made out of text");
none(pictures ? lost : ["none"], `${pictures} pictures of help topics are there`);
none(mute, "each with words for those who cannot see it");
none(uneven, "the same in both languages");
process.exitCode = failed ? 1 : 0;
