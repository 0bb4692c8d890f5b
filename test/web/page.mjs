// Drives the dashboard in a real browser: sign in, health, exchanges, verify in
// place, language, keyboard. Called by page.t with the page's address and the
// account; prints one TAP line per check.
import { createRequire } from "node:module";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const [url, password, centerUrl, centerPassword, shot] = process.argv.slice(2);
let failed = 0;

function ok(good, what) {
  if (!good) failed++;
  console.log(`${good ? "ok" : "not ok"} - ${what}`);
}

/** Health keys and table heads without a Japanese word. */
function rawKeys(page) {
  return page.$$eval(".role dt, .role h3, .role th[scope=col]", (list) =>
    list.map((x) => x.textContent ?? "").filter((text) => !/[\u3040-\u30ff\u4e00-\u9fff]/.test(text)));
}
/** Times as a machine writes them, and numbers that are times. */
function rawTimes(page) {
  return page.$$eval("dd, td", (list) =>
    list.map((x) => x.textContent ?? "").filter((text) => /\d{4}-\d\d-\d\dT|\b1[67]\d{11}\b/.test(text)));
}
/** Controls without a name, fields without a label, headings that skip a level. */
function unnamed(page) {
  return page.evaluate(() => {
    const found = [];
    for (const x of document.querySelectorAll("button, a[href], input")) {
      const label = x.id && document.querySelector(`label[for="${x.id}"]`)?.textContent;
      if (!(x.getAttribute("aria-label") || x.textContent || label || "").trim()) found.push(x.outerHTML);
    }
    let level = 0;
    for (const h of document.querySelectorAll("h1, h2, h3, h4")) {
      const next = Number(h.tagName[1]);
      if (next > level + 1) found.push(`${h.tagName} after H${level}`);
      level = next;
    }
    return found;
  });
}
/** WCAG 1.4.3: text against the nearest painted background; below 4.5 is told. */
function pale(page) {
  return page.evaluate(() => {
    const rgb = (css) => (css.match(/[\d.]+/g) ?? []).map(Number);
    const light = (c) => c.slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (x) => {
      for (let at = x; at; at = at.parentElement) {
        const c = rgb(getComputedStyle(at).backgroundColor);
        if (c.length === 3 || c[3] > 0) return c;
      }
      return [255, 255, 255];
    };
    const found = new Set();
    for (const x of document.querySelectorAll("body *")) {
      if (![...x.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || !x.getClientRects().length) continue;
      const [a, b] = [light(rgb(getComputedStyle(x).color)), light(ground(x))].sort((p, q) => q - p);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < 4.5) found.add(`${x.tagName}.${x.className} ${ratio.toFixed(2)}`);
    }
    return [...found];
  });
}
async function picture(page, name) {
  if (shot) await page.screenshot({ path: shot.replace(/(\.png)?$/, `-${name}.png`), fullPage: true });
}
async function signIn(page, secret) {
  await page.fill("#name", "admin");
  await page.fill("#password", secret);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".cards .role");
}

const profile = mkdtempSync(join(tmpdir(), "machilink-web-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: "/usr/bin/chromium",
  headless: true,
  ignoreHTTPSErrors: true,
  locale: "ja-JP",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});
try {
  const page = await context.newPage();
  const problems = [];
  const outside = [];
  page.on("pageerror", (e) => problems.push(e.message));
  page.on("console", (m) => { if (m.type() === "error" && !/401/.test(m.text())) problems.push(m.text()); });
  page.on("request", (r) => { if (!r.url().startsWith(url) && !r.url().startsWith(centerUrl) && !r.url().startsWith("data:")) outside.push(r.url()); });
  const answer = await page.goto(url);
  ok(answer.status() === 200, "the page is there");
  ok(/default-src/.test(answer.headers()["content-security-policy"] ?? ""), "with a content security policy");
  await page.waitForSelector("#name");
  ok((await page.getAttribute("html", "lang")) === "ja", "Japanese is the default");
  ok((await page.textContent("h1")) === "ログイン", "the sign-in form");
  ok((await unnamed(page)).length === 0, "labels and headings of the form");
  ok((await pale(page)).length === 0, "contrast of the form");
  await picture(page, "login");

  await page.fill("#name", "admin");
  await page.fill("#password", "not the password");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".error:not([hidden])");
  ok(/正しくありません/.test(await page.textContent(".error")), "a wrong password is said in Japanese");

  await signIn(page, password);
  ok((await page.title()).startsWith("稼働状況"), "the title follows");
  await page.waitForFunction(() => document.activeElement?.id === "title");
  ok(true, "the focus goes to the heading");
  const roles = await page.$$eval(".role", (list) => list.map((x) => x.dataset.role));
  ok(roles.includes("security-server") && roles.includes("adapter"), `health of the roles: ${roles}`);
  const bad = await page.$$eval(".light.bad", (list) => list.length);
  ok(bad === 0, "every light is good");
  let raw = await rawKeys(page);
  ok(raw.length === 0, `every key has a Japanese word ${raw}`);
  raw = await rawTimes(page);
  ok(raw.length === 0, `times are for people ${raw}`);
  let found = await unnamed(page);
  ok(found.length === 0, `names and headings ${found}`);
  found = await pale(page);
  ok(found.length === 0, `contrast ${found}`);
  const rows = await page.$$eval(".exchanges tbody tr", (list) => list.length);
  ok(rows >= 4, `the last exchanges (${rows})`);
  ok((await page.textContent(".exchanges tbody")).includes("タイムスタンプ済み"), "with their state");

  const row = page.locator(".exchanges tbody tr", { hasText: "タイムスタンプ済み" }).first();
  await row.locator("button").click();
  await row.locator(".verdict[data-verdict]").waitFor();
  ok((await row.locator(".verdict").getAttribute("data-verdict")) === "valid", "verify in place: valid");
  ok(/有効です.*署名者: /.test(await row.locator(".verdict").textContent()), "in words");
  found = await pale(page);
  ok(found.length === 0, `contrast of the verdict ${found}`);
  await picture(page, "ja");
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  ok(width <= 320, `320 pixels are enough (${width})`);
  const wide = await page.evaluate(() => { const t = document.querySelector(".exchanges"); return t.scrollWidth - t.parentElement.clientWidth; });
  ok(wide <= 0, "the exchanges too");
  await picture(page, "narrow");
  await page.setViewportSize({ width: 1280, height: 800 });
  const [download] = await Promise.all([page.waitForEvent("download"), row.locator("a.button").click()]);
  ok(/\.asice$/.test(download.suggestedFilename()), `download: ${download.suggestedFilename()}`);

  await page.click("#language");
  await page.waitForFunction(() => document.documentElement.lang === "en" && document.querySelector(".role"));
  ok((await page.textContent("h1")) === "Health", "English on demand");
  await page.reload();
  await page.waitForSelector(".role");
  ok((await page.getAttribute("html", "lang")) === "en", "and it is remembered");
  await page.keyboard.press("Tab");
  ok((await page.evaluate(() => document.activeElement?.className)) === "skip", "the first Tab is the skip link");
  const ring = await page.evaluate(() => { document.getElementById("refresh").focus(); return getComputedStyle(document.activeElement).outlineWidth; });
  ok(parseFloat(ring) >= 2, `the focus is seen (${ring})`);
  await picture(page, "en");
  await page.click("#logout");
  await page.waitForSelector("#name");
  ok(true, "sign out");
  ok((await page.evaluate(() => fetch("/api/v1/user").then((r) => r.status))) === 401, "the session is over");
  ok((await context.cookies()).length === 0, "no cookie is left");

  await page.goto(centerUrl);
  await page.evaluate(() => localStorage.setItem("language", "ja"));
  await page.reload();
  await page.waitForSelector("#name");
  await signIn(page, centerPassword);
  raw = await rawKeys(page);
  ok(raw.length === 0, `center: every key has a Japanese word ${raw}`);
  raw = await rawTimes(page);
  ok(raw.length === 0, `center: times are for people ${raw}`);
  ok((await page.textContent("main")).includes("セキュリティサーバではない"), "center: keeps no exchanges and says so");
  await picture(page, "center");
  ok(problems.length === 0, `no error in the console ${problems.join(" | ")}`);
  ok(outside.length === 0, `nothing is loaded from outside ${outside.join(" ")}`);
} catch (problem) {
  ok(false, String(problem));
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
