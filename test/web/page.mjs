// Drives the pages in a real browser: sign in, health, exchanges, verify in
// place, language, keyboard, an ended session.
import { axe, browse, none, ok, open, picture, raw, setLanguage, signIn, wide } from "./kit.mjs";

const [url, password, centerUrl, centerPassword] = process.argv.slice(2);

async function signingIn(page) {
  const answer = await page.goto(`${url}/`);
  ok(answer.status() === 200, "the page is there");
  const policy = answer.headers()["content-security-policy"] ?? "";
  ok(/default-src 'self'/.test(policy) && !/unsafe/.test(policy), "with a strict content security policy");
  await page.waitForSelector("[name=name]");
  ok((await page.getAttribute("html", "lang")) === "ja", "Japanese is the default");
  ok((await page.textContent("h1")) === "ログイン", "the sign-in form");
  none(await axe(page), "axe: the sign-in form");
  none(await wide(page), "320 pixels: the sign-in form");
  await picture(page, "sign-in");
  await page.fill("[name=name]", "admin");
  await page.fill("[name=password]", "not the password");
  await page.keyboard.press("Enter");
  await page.waitForSelector("main .error");
  ok(/正しくありません/.test(await page.textContent("main .error")), "a wrong password is said in Japanese");
  none(await axe(page), "axe: the refusal");
  await signIn(page, "admin", password);
  await page.waitForFunction(() => document.activeElement?.id === "title");
  ok(true, "the focus goes to the heading");
}

async function home(page) {
  ok((await page.title()).startsWith("ホーム"), "the title follows");
  const roles = await page.$$eval(".role", (list) => list.map((x) => x.dataset.role));
  ok(roles.includes("security-server") && roles.includes("adapter"), `health of the roles: ${roles}`);
  ok((await page.$$eval(".role > p .light.bad", (list) => list.length)) === 0, "every light is good");
  none(await raw(page), "every key has a Japanese word");
}

async function log(page) {
  await open(page, "#/log");
  const rows = await page.$$eval("main tbody tr", (list) => list.length);
  ok(rows >= 4, `the last exchanges (${rows})`);
  const row = page.locator("main tbody tr", { hasText: "タイムスタンプ済み" }).first();
  ok((await row.count()) === 1, "with their state");
  await row.locator("button").click();
  await row.locator(".verdict[data-verdict]").waitFor();
  ok((await row.locator(".verdict").getAttribute("data-verdict")) === "valid", "verify in place: valid");
  ok(/有効です.*署名者: /s.test(await row.locator(".verdict").textContent()), "in words");
  none(await axe(page), "axe: the verdict");
  const [download] = await Promise.all([page.waitForEvent("download"), row.locator("a.button").click()]);
  ok(/\.asice$/.test(download.suggestedFilename()), `download: ${download.suggestedFilename()}`);
}

async function languages(page) {
  await setLanguage(page, "en");
  ok((await page.textContent("h1")) === "Message log", "English on demand");
  await page.reload();
  await page.waitForSelector("main tbody tr");
  ok((await page.getAttribute("html", "lang")) === "en", "and it is remembered");
  await page.keyboard.press("Tab");
  ok((await page.evaluate(() => document.activeElement?.className)) === "skip", "the first Tab is the skip link");
  await page.keyboard.press("Enter");
  ok((await page.evaluate(() => document.activeElement?.id)) === "main", "which leads to the content");
  await setLanguage(page, "ja");
}

/** The session ends on the server; what is on the page stays. */
async function ended(page) {
  await page.fill("main input[type=search]", "optional");
  await page.context().clearCookies();
  await page.click("main .page-header button");
  await page.waitForSelector("dialog [name=password]");
  ok((await page.inputValue("dialog [name=name]")) === "admin", "an ended session asks for the password again");
  none(await axe(page), "axe: the dialog");
  await page.fill("dialog [name=password]", password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog", { state: "detached" });
  ok((await page.inputValue("main input[type=search]")) === "optional", "and the page goes on where it was");
}

async function leaving(page, context) {
  await open(page, "#/no-such-page");
  ok((await page.textContent("h1")) === "ページが見つかりません", "an unknown page is said to be one");
  await page.click("#sign-out");
  await page.waitForSelector("[name=name]");
  ok(true, "sign out");
  ok((await page.evaluate(() => fetch("api/v1/user").then((r) => r.status))) === 401, "the session is over");
  ok((await context.cookies()).length === 0, "no cookie is left");
}

async function center(page) {
  await page.goto(`${centerUrl}/#/log`);
  await signIn(page, "admin", centerPassword);
  ok((await page.textContent("h1")) === "このページは表示できません", "center: keeps no exchanges and says so");
  await open(page, "#/home");
  none(await raw(page), "center: every key has a Japanese word");
}

await browse([url, centerUrl], async ({ page, context }) => {
  await signingIn(page);
  await home(page);
  await log(page);
  await languages(page);
  await ended(page);
  await leaving(page, context);
  await center(page);
});
