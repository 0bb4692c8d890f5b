// The resident in Chromium with JavaScript switched off, from the link in a
// letter to the withdrawal; then every page in both languages, light, dark and
// forced colours judged by axe-core, at 320 pixels and by keyboard.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

async function atProvider(page, name) {
  await page.fill("input[name=login]", name);
  await page.fill("input[name=password]", "x");
  await page.click("button[type=submit]");
  if (/interaction/.test(page.url())) await page.click("button[type=submit]");
}

/** Everything a resident does, without scripts. */
async function live(context, { base, ok, is, door, ask, stateOf }) {
  const page = await context.newPage();
  const outside = [];
  await context.route((url) => url.hostname !== "127.0.0.1", (route) => { // the provider's own pages would
    if (route.request().frame().url().startsWith(base)) outside.push(route.request().url());
    return route.abort();
  });
  let [reference, link] = await ask();
  await page.goto(link);
  ok((await page.textContent("main")).includes("会社からの依頼"), "browser: the link says from whom");
  await page.click("text=一番のカードでサインイン");
  await atProvider(page, "sachiko");
  is(new URL(page.url()).pathname, "/ja/welcome", "browser: new here");
  await page.click("button.primary");
  is(new URL(page.url()).pathname, "/ja/request", "browser: on to the request");
  await door("/linked?sub=sachiko");
  await page.reload();
  await page.getByLabel("所得額").check();
  await page.getByLabel("年度").check();
  await page.click("text=選んだ項目を許諾する");
  ok((await page.textContent(".notice")).includes("許諾しました"), "browser: consent is given");
  is(await stateOf(reference), "approved", "browser: at the center");
  await door(`/transfer?reference=${reference}`);
  await page.click("nav >> text=利用の記録");
  is(await page.locator("tbody tr").count(), 1, "browser: the transfer is in the history");
  await page.click("tbody a");
  is(new URL(page.url()).pathname, `/ja/consent/${reference}`, "browser: and leads to its consent");
  await page.click("text=許諾を取り消す");
  ok((await page.textContent(".notice")).includes("取り消しました"), "browser: taken back");
  is(await stateOf(reference), "withdrawn", "browser: at the center");
  await page.click("text=English");
  is(await page.getAttribute("html", "lang"), "en", "browser: the same page in English");
  is(new URL(page.url()).pathname, `/en/consent/${reference}`, "browser: the same");
  [reference, link] = await ask();
  await page.goto(link);
  is(outside.length, 0, `browser: nothing from elsewhere ${outside}`);
  await page.close();
  const cookies = (await context.cookies(base)).filter((c) => c.name.startsWith("__Host-"));
  is(cookies.length, 1, "browser: one cookie");
  ok(cookies[0].httpOnly && cookies[0].secure && cookies[0].sameSite === "Lax" && cookies[0].expires === -1, "browser: a session's");
  return reference;
}

const looks = [
  { name: "light", media: { colorScheme: "light", forcedColors: "none" } },
  { name: "dark", media: { colorScheme: "dark", forcedColors: "none" } },
  { name: "forced", media: { colorScheme: "light", forcedColors: "active" } },
];

/** MACHILINK_SHOT=prefix: what it looks like. */
async function picture(page, name) {
  const shot = process.env.MACHILINK_SHOT;
  if (shot) await page.screenshot({ path: `${shot}-${name.replace(/[^a-z0-9]+/gi, "-")}.png`, fullPage: true });
}

/** Everything that axe knows; of further looks, what looks can change. */
async function judge(page, what, whole, ok) {
  const runOnly = whole
    ? ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    : { type: "rule", values: ["color-contrast", "link-in-text-block", "target-size"] };
  if (whole) await page.evaluate(axe);
  const found = await page.evaluate((only) => globalThis.axe.run(document, { runOnly: only }), runOnly);
  const list = found.violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 120)}`);
  ok(list.length === 0, `axe: ${what} ${list.join(" | ")}`);
}

async function narrow(page, what, ok) {
  await page.setViewportSize({ width: 320, height: 640 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  const small = await page.evaluate(() => [...document.querySelectorAll("button, nav a, .button, .language a, footer a")]
    .map((x) => [x.getBoundingClientRect().height, x.textContent]).filter(([h]) => h > 0 && h < 43.5).map(([h, t]) => `${t} ${h}`));
  await picture(page, `${what} narrow`);
  ok(wide <= 320, `320 pixels: ${what} (${wide})`);
  ok(small.length === 0, `targets of 44 pixels: ${what} ${small}`);
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** The pages, as seen by who is signed in (state: its cookies) or nobody. */
async function look(browser, state, paths, ok) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, bypassCSP: true, storageState: state });
  const page = await context.newPage();
  for (const path of paths)
    for (const language of ["ja", "en"]) {
      const url = path(language);
      await page.goto(url);
      const what = new URL(url).pathname + (state ? "" : " (nobody)");
      for (const [i, { name, media }] of looks.entries()) {
        await page.emulateMedia(media);
        await judge(page, `${what} ${name}`, i === 0, ok);
        await picture(page, `${what} ${name}`);
      }
      await page.emulateMedia(looks[0].media);
      await narrow(page, what, ok);
    }
  await context.close();
}

/** Tab reaches everything, in order, and is seen. */
async function keyboard(browser, state, url, ok) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, storageState: state });
  const page = await context.newPage();
  await page.goto(url);
  const wanted = await page.locator("a[href], button, input:not([type=hidden])").count();
  const seen = new Set();
  let dull = 0;
  for (let i = 0; i < wanted * 4; i++) {
    await page.keyboard.press("Tab");
    const [key, ring] = await page.evaluate(() => {
      const x = document.activeElement;
      const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden])")];
      return [all.indexOf(x), parseFloat(getComputedStyle(x).outlineWidth)];
    });
    if (key >= 0) seen.add(key);
    if (key >= 0 && ring < 2) dull++;
    if (seen.size === wanted) break;
  }
  ok(seen.size === wanted && dull === 0, `keyboard: ${new URL(url).pathname} ${seen.size} of ${wanted}, ${dull} unseen`);
  await context.close();
}

export async function browse(kit) {
  const { base, ok } = kit;
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium", headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: false, locale: "ja-JP" });
    const waiting = await live(context, kit);
    const state = await context.storageState();
    await look(browser, undefined, [(l) => `${base}/${l}/`, (l) => `${base}/${l}/about`, (l) => `${base}/${l}/accessibility`, (l) => `${base}/${l}/none`], ok);
    await look(browser, state, [
      (l) => `${base}/${l}/`, (l) => `${base}/${l}/consents`, (l) => `${base}/${l}/consent/${waiting}`,
      (l) => `${base}/${l}/request`, (l) => `${base}/${l}/history`, (l) => `${base}/${l}/services`,
      (l) => `${base}/${l}/download`, (l) => `${base}/${l}/leave`,
    ], ok);
    await keyboard(browser, state, `${base}/ja/request`, ok);
    await keyboard(browser, state, `${base}/ja/services`, ok);
  } finally {
    await browser.close();
  }
}
