// What browser tests share: a real Chromium, signing in, and what must hold on
// every page (axe, 320 pixels, contrast, tap targets, words, keyboard). A test
// prints one TAP line per check with ok(); Web.pm counts them.
import { readdirSync, readFileSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const shots = process.env.MACHILINK_SHOT;
const patience = 60000; // ms; the machine may be busy with something else
let failed = 0;

export function ok(good, what) {
  if (!good) failed++;
  console.log(`${good ? "ok" : "not ok"} - ${what}`);
}

/** A list of findings that must be empty. */
export function none(found, what) {
  ok(found.length === 0, found.length ? `${what}: ${found.slice(0, 8).join(" | ")}` : what);
}

/** Japanese fonts for machines without any: the files of MACHILINK_FONTS, put
    into every page the way no content policy speaks about. */
function fontsOf(dir) {
  const files = dir ? readdirSync(dir).filter((name) => /\.woff2$/.test(name)) : [];
  return files.map((name) => ({
    weight: /-(\d00)-/.exec(name)?.[1] ?? "400",
    data: readFileSync(join(dir, name)).toString("base64"),
  }));
}

async function addFonts(context) {
  const fonts = fontsOf(process.env.MACHILINK_FONTS);
  if (!fonts.length) return;
  await context.addInitScript((list) => {
    for (const { weight, data } of list) {
      const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
      document.fonts.add(new FontFace("Noto Sans JP", bytes, { weight }));
    }
  }, fonts);
}

/** Calls that have not been answered to the end yet, counted on every page:
    what settled() waits for. */
function countCalls(context) {
  return context.addInitScript(() => {
    const { fetch } = window;
    window.openCalls = 0;
    window.fetch = async (...asked) => {
      window.openCalls++;
      const done = () => { window.openCalls--; };
      try {
        const answer = await fetch(...asked);
        answer.clone().arrayBuffer().then(done, done);
        return answer;
      } catch (problem) {
        done();
        throw problem;
      }
    };
  });
}

/** What every window shows, for whoever reads why a test failed. */
async function seen(context) {
  for (const page of context.browser().contexts().flatMap((c) => c.pages())) {
    const text = await page.evaluate(() => document.querySelector("dialog[open]")?.innerText ?? document.querySelector("main")?.innerText ?? "").catch(String);
    console.log(`# ${page.url()}: ${text.replace(/\s+/g, " ").slice(0, 1500)}`);
  }
}

const reader = { ignoreHTTPSErrors: true, locale: "ja-JP", timezoneId: "Asia/Tokyo", viewport: { width: 1280, height: 800 } };

/** Runs a test in a browser of its own; {context, page, another} to work with,
    another() makes a page in a window of its own, with sessions of its own: a
    browser slows the tabs down that nobody sees. The pages' own errors, and
    requests to anywhere else than `hosts`, are findings; expected: errors that
    belong to what is tested. */
export async function browse(hosts, work, expected) {
  const profile = mkdtempSync(join(tmpdir(), "machilink-web-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: "/usr/bin/chromium",
    headless: true,
    ...reader,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
      ...(process.env.MACHILINK_FONTS ? ["--lang=ja"] : []),
    ],
  });
  const problems = [];
  const outside = [];
  try {
    const paged = async (within) => {
      await addFonts(within);
      await countCalls(within);
      const page = await within.newPage();
      page.setDefaultTimeout(patience);
      page.on("pageerror", (e) => problems.push(e.message));
      // The browser itself notes answers that the page deals with.
      page.on("console", (m) => { if (m.type() === "error" && !/the server responded with a status of 4\d\d/.test(m.text())) problems.push(m.text()); });
      page.on("request", (r) => {
        if (!hosts.some((h) => r.url().startsWith(h)) && !/^(data|blob):/.test(r.url())) outside.push(r.url());
      });
      return page;
    };
    const another = async () => paged(await context.browser().newContext(reader));
    await work({ context, page: await paged(context), another });
    none(problems.filter((x) => !expected?.test(x)), "no error in the console");
    none(outside, "nothing is loaded from outside");
  } catch (problem) {
    ok(false, String(problem?.stack ?? problem));
    await seen(context);
    if (problems.length) console.log(`# console: ${problems.slice(0, 5).join(" | ").replace(/\n/g, " ")}`);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
  process.exitCode = failed ? 1 : 0;
}

// ---- getting about ----

export async function signIn(page, name, password) {
  await page.waitForSelector("[name=password]");
  await page.fill("[name=name]", name);
  await page.fill("[name=password]", password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#navigation");
  await settled(page);
}

let turn = 0;

/** The heading is there, every call is answered and drawn: quiet for two looks,
    because what is drawn may begin a call of its own. */
export async function settled(page) {
  await page.waitForFunction((mine) => {
    if (window.look?.turn !== mine) window.look = { turn: mine, quiet: 0 };
    const busy = window.openCalls > 0 || !document.querySelector("main h1") || document.querySelector("main .progress, main [aria-busy=true]");
    window.look.quiet = busy ? 0 : window.look.quiet + 1;
    return window.look.quiet > 2;
  }, ++turn);
}

/** Asks until it is so: what a page shows comes a moment after what was done. */
export async function until(so, most = patience) {
  const end = Date.now() + most;
  while (!(await so())) {
    if (Date.now() > end) return false;
    await new Promise((next) => setTimeout(next, 50));
  }
  return true;
}

/** Goes to an address. Another place (all but the query) has another heading:
    until the one from before is gone, what is seen is the page from before. */
export async function open(page, hash) {
  await page.evaluate((to) => new Promise((done) => {
    const place = (x) => x.replace(/^#\/?/, "").split("?")[0] || "home";
    const heading = document.querySelector("main h1");
    if (heading && place(to) !== place(location.hash)) heading.dataset.before = "";
    if (to === location.hash) return done();
    addEventListener("hashchange", () => done(), { once: true });
    location.hash = to;
  }), hash);
  await page.waitForFunction((to) => location.hash === to, hash);
  await page.waitForFunction(() => !document.querySelector("main h1[data-before]"));
  await settled(page);
}

/** The addresses of the navigation: every page this reader may see. */
export function pagesOf(page) {
  return page.$$eval("#navigation a", (list) => list.map((x) => x.getAttribute("href")));
}

export async function setLanguage(page, to) {
  if ((await page.getAttribute("html", "lang")) !== to) await page.click("#language");
  await page.waitForFunction((x) => document.documentElement.lang === x, to);
  await settled(page);
}

export async function setTheme(page, to) {
  await page.selectOption("#theme", to);
  await page.waitForFunction((x) => document.documentElement.dataset.theme === x, to);
}

export async function picture(page, name) {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: process.env.MACHILINK_SHOT_WHOLE !== "0" });
}

// ---- the steps of a first run ----

export const step = (page, id, state) => page.waitForSelector(`[data-step="${id}"][data-state="${state}"]`);
export const check = (page, id, state) => page.waitForSelector(`[data-check="${id}"][data-state="${state}"]`);
export const submit = (page) => page.click("main form [type=submit]");

/** By the button at the end of the step. */
export async function onward(page, id) {
  await page.locator("main .section > .actions.end a").last().click();
  await page.waitForSelector(`[data-open="${id}"]`);
}

// ---- what must hold everywhere ----

/** axe-core's violations, as "rule: element". */
export async function axe(page) {
  if (!(await page.evaluate("typeof axe !== 'undefined'"))) await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"], preload: false, iframes: false });
    return violations.flatMap((v) => v.nodes.slice(0, 3).map((n) => `${v.id}: ${n.html.slice(0, 120)} ${n.any[0]?.message ?? ""}`));
  });
}

/** What is wider than a screen of 320 pixels (400 % zoom of 1280); 640: 200 %. */
export async function wide(page, width = 320) {
  const size = page.viewportSize();
  await page.setViewportSize({ width, height: 640 });
  const found = await page.evaluate((most) => {
    if (document.documentElement.scrollWidth <= most) return [];
    const inner = (x) => x.closest(".scroll, pre, .u-wrap") && !x.matches(".scroll, pre");
    return [...document.querySelectorAll("body *")]
      .filter((x) => x.getBoundingClientRect().right > most + 1 && !inner(x))
      .map((x) => `${x.tagName}.${x.className} ${Math.round(x.getBoundingClientRect().right)}`);
  }, width);
  await page.setViewportSize(size);
  return found;
}

/** Controls smaller than 44 pixels; links within text are text. */
export function small(page) {
  return page.evaluate(() => [...document.querySelectorAll("button, .button, select, input, summary, nav a, [role=tab]")]
    .map((x) => (x.matches("[type=checkbox], [type=radio]") ? x.closest("label") ?? x : x))
    .filter((x) => x.getClientRects().length && getComputedStyle(x).visibility === "visible" && !x.closest(".u-legend"))
    .filter((x) => { const r = x.getBoundingClientRect(); return r.height < 43.5 || r.width < 43.5; })
    .map((x) => `${x.tagName}.${x.className} ${x.textContent.trim().slice(0, 20)}`));
}

/** Heads, labels and buttons without a Japanese word, and times as machines write them. */
export function raw(page) {
  return page.evaluate(() => {
    const own = (x) => [...x.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent).join("").trim();
    const heads = [...document.querySelectorAll("main dt, main h1, main h2, main h3, main th[scope=col], main label, main legend, main button, nav a")]
      .filter((x) => !x.closest("[data-as-is]"))
      .map(own).filter((text) => /[A-Za-z]{3}/.test(text) && !/[\u3040-\u30ff\u4e00-\u9fff]/.test(text))
      .filter((text) => !/^(PIN|URL|OCSP|REST|SOAP|WSDL|OpenAPI|SQL|CSV|JSON|API|TLS|HTTPS?|DNS|CSR|CA|TSA|ACME|Personal-Link|ID)$/.test(text));
    const times = [...document.querySelectorAll("main dd, main td, main p")]
      .map((x) => x.textContent).filter((text) => /\d{4}-\d\d-\d\dT\d\d|\b1[67]\d{11}\b/.test(text));
    return [...heads, ...times];
  });
}

/** What was said at the edge would go by itself while we count. */
export async function dismiss(page) {
  await page.evaluate(() => document.querySelectorAll(".toast button").forEach((x) => x.click()));
  await page.waitForSelector(".toast", { state: "detached" });
}

/** Tab through the page: everything that can be used is reached, the focus is
    seen, and it gets out again. */
export async function keyboard(page) {
  await dismiss(page);
  await page.evaluate(() => { // Tab begins where the focus was last
    const start = document.createElement("span");
    start.tabIndex = -1;
    (document.querySelector("dialog[open]") ?? document.body).prepend(start);
    start.focus();
    start.remove();
    scrollTo(0, 0);
  });
  const wanted = await page.evaluate(() => {
    const can = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    const all = [...(document.querySelector("dialog[open]") ?? document).querySelectorAll(can)].filter((x) => x.tabIndex >= 0 && x.checkVisibility({ visibilityProperty: true }));
    all.forEach((x, i) => { x.dataset.walk = String(i); });
    return all.filter((x) => x.type !== "radio").length;
  });
  const seen = new Set();
  const found = [];
  let last = "";
  for (let i = 0; i < 4 * wanted + 10; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const x = document.activeElement;
      const style = getComputedStyle(x.shadowRoot?.querySelector(".cm-editor") ?? x);
      const ring = parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none";
      return x === document.body ? null : { key: x.dataset.walk ?? "", what: `${x.tagName}.${x.className}`, ring };
    });
    if (!at) break;
    if (at.key && at.key === last) continue; // year, month and day of a date
    last = at.key;
    if (!at.ring) found.push(`focus is not seen: ${at.what}`);
    if (at.key && seen.has(at.key)) break;
    seen.add(at.key);
  }
  if (seen.size < wanted) found.push(`${seen.size} of ${wanted} controls reached`);
  await page.evaluate(() => document.querySelectorAll("[data-walk]").forEach((x) => delete x.dataset.walk));
  return found;
}

/** Presses Tab until the control of this name has the focus: its own text, or
    its label. False when it comes around without. */
export async function tabTo(page, name, most = 120) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const x = document.activeElement;
      return (x?.getAttribute("aria-label") ?? x?.labels?.[0]?.textContent ?? x?.textContent ?? "").trim();
    });
    if (at === name || at.startsWith(`${name}:`)) return true;
  }
  return false;
}

/** Everything above that does not depend on the language, once; width and words
    in both languages; axe in both languages and both themes. */
export async function everything(page, what) {
  await dismiss(page);
  none(await small(page), `${what}: tap targets`);
  none(await keyboard(page), `${what}: keyboard`);
  for (const language of ["ja", "en"]) {
    await setLanguage(page, language);
    none(await wide(page), `${what}: 320 pixels, ${language}`);
    none(await wide(page, 640), `${what}: 200 % zoom, ${language}`);
    if (language === "ja") none(await raw(page), `${what}: Japanese words`);
    for (const theme of language === "ja" ? ["light", "dark"] : ["dark", "light"]) {
      await setTheme(page, theme);
      none(await axe(page), `${what}: axe, ${language}, ${theme}`);
    }
  }
  await setTheme(page, "light");
  await setLanguage(page, "ja");
}
