// What an administrator does with the machine itself: settings are found,
// connections tested, backups made, kept, brought back and removed.
import { axe, browse, none, ok, open, settled, signIn, tabTo } from "./kit.mjs";

const [url, password, pin] = process.argv.slice(2);
const rows = (page) => page.$$eval("main tbody tr", (list) => list.map((x) => x.textContent));

/** Calls the machine's own interface with the page's session. */
function call(page, method, path, body) {
  return page.evaluate(async ([method, path, body]) => {
    const token = document.cookie.split("; ").find((c) => c.startsWith("XSRF-TOKEN="))?.slice(11) ?? "";
    const headers = { "Content-Type": "application/json", "X-XSRF-TOKEN": token };
    const answer = await fetch(`api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
    return answer.status;
  }, [method, path, body]);
}

async function lampOf(page, name) {
  await page.locator("main .page-header button", { hasText: "更新" }).click();
  await page.waitForFunction(() => !document.querySelector("main .page-header [aria-disabled=true]"));
  return page.$eval(`[data-lamp="${name}"]`, (x) => ({ state: x.dataset.state, text: x.textContent }));
}

/** The lights of the home page tell the truth: the key token is locked. */
async function lamps(page) {
  await open(page, "#/home");
  ok((await lampOf(page, "keys")).state === "good", "home: the keys are ready");
  ok(/センターの時計と合って/.test((await lampOf(page, "clock")).text), "home: the clock agrees with the center's");
  ok((await call(page, "PUT", "tokens/0/logout")) === 200, "the token is locked");
  const dark = await lampOf(page, "keys");
  ok(dark.state === "bad" && /ロック中/.test(dark.text) && /PIN を入力/.test(dark.text), "home: the light says so, and what to do");
  ok(/問題があります/.test(await page.textContent("main .banner")), "home: and so does the first line");
  none(await axe(page), "axe: home with trouble");
  ok((await call(page, "PUT", "tokens/0/login", { password: pin })) === 200, "the token is unlocked");
  ok((await lampOf(page, "keys")).state === "good", "home: the light is good again");
}

async function settings(page) {
  await open(page, "#/settings");
  await page.fill("main input[type=search]", "ポート 4000");
  await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length < 5);
  const found = await rows(page);
  ok(found.some((x) => x.includes("listen-port") && x.includes("4000")), "settings: found by Japanese words and a value");
  await page.fill("main input[type=search]", "存在しない項目");
  await page.waitForSelector(".empty");
  ok(/条件に合うものがありません/.test(await page.textContent(".empty")), "settings: nothing found is said");
  await page.click(".empty button");
  await page.selectOption("main select", "given");
  await page.waitForFunction(() => [...document.querySelectorAll("main tbody tr")].every((x) => x.textContent.includes("設定済み")));
  const asked = await page.$$eval("main tbody tr", (list) => list.length);
  await page.click("main .sorter");
  const order = await page.$eval("main th[aria-sort]", (x) => x.getAttribute("aria-sort"));
  ok(asked > 5 && order === "ascending", "settings: those of the file, sorted");
}

/** A setting is changed, taken back, changed again and then in force. */
async function changing(page) {
  await open(page, "#/home");
  await open(page, "#/settings");
  await page.fill("main input[type=search]", "backup-keep-days");
  const row = page.locator('main tr[data-id="[machilink] backup-keep-days"]');
  const edit = async () => {
    await row.getByRole("button", { name: "変更" }).click();
    await page.waitForSelector("dialog [name=value]");
  };
  await edit();
  none(await axe(page), "axe: changing a setting");
  await page.fill("dialog [name=value]", "0");
  await page.click("dialog [type=submit]");
  await page.waitForSelector("dialog [aria-invalid=true]");
  ok(/1 以上/.test(await page.textContent("dialog [id$=-error]")), "settings: a value out of its limits is said at the field");
  await page.fill("dialog [name=value]", "45");
  await page.click("dialog [type=submit]");
  await page.waitForSelector("#restart");
  ok(/再起動後: 45 日/.test(await row.textContent()), "settings: a change waits for the restart");
  none(await axe(page), "axe: a change that waits");
  await edit();
  await page.locator("dialog button", { hasText: "元の値に戻す" }).click();
  await page.waitForSelector("#restart", { state: "detached" });
  ok(!/再起動後/.test(await row.textContent()), "settings: it is taken back");
  await edit();
  await page.fill("dialog [name=value]", "45");
  await page.click("dialog [type=submit]");
  await page.click("#restart");
  await page.waitForSelector("dialog .danger");
  ok(/PIN/.test(await page.textContent("dialog")), "settings: what a restart means is said before");
  await page.click("dialog .danger");
  await page.waitForSelector("main .banner.success", { timeout: 70000 });
  await page.locator("main .banner.success button").click();
  await signIn(page, "admin", password);
  await open(page, "#/home");
  await open(page, "#/settings");
  await page.fill("main input[type=search]", "backup-keep-days");
  await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 1);
  ok(/45 日.*この画面で変更済み/s.test(await row.textContent()), "settings: after the restart it counts");
}

async function diagnostics(page) {
  await open(page, "#/diagnostics");
  const lights = await page.$$eval("main .light", (list) => list.map((x) => x.className));
  ok(lights.length >= 3 && lights.every((x) => /good|wait/.test(x)), "diagnostics: everything works");
  const tests = page.locator("main .section", { hasText: "接続を試す" });
  await tests.nth(0).locator("button", { hasText: "接続を試す" }).click();
  await tests.nth(0).locator("table .light").first().waitFor();
  const sources = await tests.nth(0).locator("table tbody").textContent();
  ok(/正常/.test(sources), "diagnostics: a source of the configuration answers");
  ok(/異常.*接続できません/s.test(sources), "diagnostics: the one that does not is told with its reason in Japanese");
  await tests.nth(1).locator("button", { hasText: "接続を試す" }).click();
  await tests.nth(1).locator(".light.good").waitFor();
  ok(true, "diagnostics: the registration service answers");
  const form = page.locator("main form");
  await form.locator("button[type=submit]").click();
  await form.locator("[aria-invalid=true]").first().waitFor();
  ok((await form.locator("[aria-invalid=true]").count()) === 3, "diagnostics: what is missing is said at its field");
  await page.waitForFunction(() => document.activeElement?.getAttribute("name") === "from");
  ok(true, "and the first has the focus");
  const choose = async (name, text) => {
    const value = await form.locator(`[name=${name}] option`, { hasText: text }).first().evaluate((x) => x.value);
    await form.locator(`[name=${name}]`).selectOption(value);
  };
  await choose("from", "logistics");
  await choose("to", "opendata");
  await choose("server", "town-ss1");
  await form.locator("button[type=submit]").click();
  await page.waitForSelector("main .banner.success");
  ok(/届きました/.test(await page.textContent("main .banner.success")), "diagnostics: the other server is reached");
  await choose("server", "company-ss1");
  await form.locator("button[type=submit]").click();
  await page.waitForSelector("main .banner.error");
  none(await axe(page), "axe: diagnostics with an answer that is bad");
  const [report] = await Promise.all([page.waitForEvent("download"), page.click("main .page-header a[download]")]);
  ok(/\.json$|\.txt$|diag/.test(report.suggestedFilename()), `diagnostics: report ${report.suggestedFilename()}`);
}

/** From the sign-in to a backup made and removed, with the keyboard alone. */
async function byKeyboard(page) {
  await page.click("#sign-out");
  await page.waitForFunction(() => document.activeElement?.getAttribute("name") === "name");
  await page.keyboard.type("admin");
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.id === "title");
  ok((await tabTo(page, "ログアウト")) && (await tabTo(page, "バックアップ")), "keyboard: around to the navigation");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.id === "title" && document.title.startsWith("バックアップ"));
  await settled(page);
  const before = (await rows(page)).length;
  ok(await tabTo(page, "今すぐ作成"), "keyboard: the button");
  await page.keyboard.press("Enter");
  await page.waitForFunction((n) => document.querySelectorAll("main tbody tr").length === n + 1, before);
  ok(await tabTo(page, "削除"), "keyboard: the row");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog");
  ok(await tabTo(page, "削除", 10), "keyboard: the question");
  await page.keyboard.press("Enter");
  await page.waitForFunction((n) => document.querySelectorAll("main tbody tr").length === n, before);
  ok(true, "keyboard: a backup is made and removed");
}

async function backups(page) {
  await open(page, "#/backups");
  const names = () => page.$$eval("main tbody tr", (list) => list.map((x) => x.dataset.id));
  const before = await names();
  await page.click("main .solid");
  await page.waitForFunction((n) => document.querySelectorAll("main tbody tr").length > n, before.length);
  const name = (await names()).find((x) => !before.includes(x)) ?? "";
  const told = await page.$$eval(".toast.success", (list) => list.map((x) => x.textContent).join());
  ok(/^conf_backup/.test(name) && told.includes(name), `backups: made ${name}`);
  const row = page.locator(`main tr[data-id="${name}"]`);
  const [file] = await Promise.all([page.waitForEvent("download"), row.locator("a").click()]);
  const path = await file.path();
  ok(file.suggestedFilename() === name, "backups: downloaded");
  await row.locator("button.danger").click();
  await page.waitForSelector("dialog");
  ok((await page.textContent("dialog")).includes(name), "backups: removing names the file");
  none(await axe(page), "axe: the question");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  ok((await row.count()) === 1, "backups: Escape removes nothing");
  await row.locator("button.danger").click();
  await page.click("dialog .danger");
  await row.waitFor({ state: "detached" });
  ok(true, "backups: removed");
  await page.locator("main button", { hasText: "ファイルを取り込む" }).first().click();
  await page.setInputFiles("dialog input[type=file]", { name: "not-a-backup.mlbackup", mimeType: "application/octet-stream", buffer: Buffer.from("no backup") });
  await page.click("dialog .solid");
  await page.waitForSelector("dialog .banner.error");
  ok(/[ぁ-ん]/.test(await page.textContent("dialog .banner.error")), "backups: what is no backup is refused in words");
  await page.setInputFiles("dialog input[type=file]", { name, mimeType: "application/octet-stream", buffer: (await import("node:fs")).readFileSync(path) });
  await page.click("dialog .solid");
  await row.waitFor();
  ok(true, "backups: added again from the file");
  await row.locator("button", { hasText: "復元" }).click();
  await page.waitForSelector("dialog input");
  ok((await page.getAttribute("dialog .danger", "aria-disabled")) === "true", "backups: restoring wants the name typed");
  await page.fill("dialog input", name);
  await page.click("dialog .danger");
  await page.waitForSelector("main .banner.success");
  ok(/復元しました/.test(await page.textContent("main .banner.success")), "backups: restored, the service is back");
  await page.locator("main .banner.success button").click();
  await signIn(page, "admin", password);
  ok((await page.$("#navigation")) !== null, "backups: and one can sign in again");
}

await browse([url], async ({ page }) => {
  await page.goto(`${url}/`);
  await signIn(page, "admin", password);
  await lamps(page);
  await settings(page);
  await changing(page);
  await diagnostics(page);
  await byKeyboard(page);
  await backups(page);
  await settled(page);
}, /net::ERR_(CONNECTION|EMPTY|SSL)/); // while the service starts again
