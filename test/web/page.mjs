// Drives the dashboard in a real browser: sign in, health, exchanges, verify in
// place, language, keyboard. Called by page.t with the page's address and the
// account; prints one TAP line per check.
import { createRequire } from "node:module";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const [url, password, shot] = process.argv.slice(2);
let failed = 0;

function ok(good, what) {
  if (!good) failed++;
  console.log(`${good ? "ok" : "not ok"} - ${what}`);
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
  page.on("request", (r) => { if (!r.url().startsWith(url) && !r.url().startsWith("data:")) outside.push(r.url()); });
  const answer = await page.goto(url);
  ok(answer.status() === 200, "the page is there");
  ok(/default-src/.test(answer.headers()["content-security-policy"] ?? ""), "with a content security policy");
  await page.waitForSelector("#name");
  ok((await page.getAttribute("html", "lang")) === "ja", "Japanese is the default");
  ok((await page.textContent("h1")) === "ログイン", "the sign-in form");

  await page.fill("#name", "admin");
  await page.fill("#password", "not the password");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".error:not([hidden])");
  ok(/正しくありません/.test(await page.textContent(".error")), "a wrong password is said in Japanese");

  await page.fill("#password", password);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".cards .role");
  const roles = await page.$$eval(".role", (list) => list.map((x) => x.dataset.role));
  ok(roles.includes("security-server") && roles.includes("adapter"), `health of the roles: ${roles}`);
  const bad = await page.$$eval(".light.bad", (list) => list.length);
  ok(bad === 0, "every light is good");
  const rows = await page.$$eval("tbody tr", (list) => list.length);
  ok(rows >= 4, `the last exchanges (${rows})`);
  ok((await page.textContent("tbody")).includes("タイムスタンプ済み"), "with their state");

  const row = page.locator("tbody tr", { hasText: "タイムスタンプ済み" }).first();
  await row.locator("button").click();
  await row.locator(".verdict[data-verdict]").waitFor();
  ok((await row.locator(".verdict").getAttribute("data-verdict")) === "valid", "verify in place: valid");
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
  if (shot) await page.screenshot({ path: shot, fullPage: true });
  await page.click("#logout");
  await page.waitForSelector("#name");
  ok(true, "sign out");
  ok(problems.length === 0, `no error in the console ${problems.join(" | ")}`);
  ok(outside.length === 0, `nothing is loaded from outside ${outside.join(" ")}`);
} catch (problem) {
  ok(false, String(problem));
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
