// Accounts in a browser: see account.t.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { axe, browse, keyboard, none, ok, open, picture, raw, settled, signIn, small, wide } from "./kit.mjs";

const [url, password, events] = process.argv.slice(2);
const first = "umbrella night train";
const own = "quiet river by the window";
const name = "hanako";

/** RFC 6238 of a base32 secret, as the phone would show it. */
function totp(secret, steps = 0) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replace(/[\s=]/g, "")].map((c) => letters.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
  const mac = createHmac("sha1", key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1000000).padStart(6, "0");
}

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const jsqr = readFileSync(require.resolve("jsqr"), "utf8");

/** What a camera would read off an element of the page. */
async function scan(context, element) {
  const png = (await element.screenshot()).toString("base64");
  const page = await context.newPage(); // no content policy there
  await page.evaluate(jsqr);
  const text = await page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const { width, height } = image;
    const canvas = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
    canvas.drawImage(image, 0, 0);
    return jsQR(canvas.getImageData(0, 0, width, height).data, width, height)?.data ?? "";
  }, png);
  await page.close();
  return text;
}

const inDialog = (page) => page.locator("dialog[open]");
const press = (page, text) => page.locator("main").getByRole("button", { name: text }).click();
/** It is said, and the lists are read again. */
async function toasted(page, text) {
  await page.locator(".toast", { hasText: text }).last().waitFor();
  await settled(page);
}

/** What a dialog must be, too. */
async function checked(page, what) {
  none(await axe(page), `${what}: axe`);
  none(await wide(page), `${what}: 320 pixels`);
  none(await small(page), `${what}: tap targets`);
  none(await keyboard(page), `${what}: keyboard`);
  none(await raw(page), `${what}: Japanese words`);
}

async function adding(page) {
  await open(page, "#/users");
  await press(page, "利用者を追加");
  const box = inDialog(page);
  await box.locator("[type=submit]").click();
  await box.locator("[aria-invalid=true]").first().waitFor();
  ok((await box.locator(".error").count()) >= 2, "an empty form says what is missing");
  await checked(page, "adding a user");
  await box.locator("[name=name]").fill(name);
  await box.locator("[name=display_name]").fill("<b>山田 花子</b>");
  await box.locator("[name=password]").fill("password12345");
  await box.locator("[type=submit]").click();
  await box.getByText("少なくとも一つ選んでください").waitFor();
  ok(true, "a role is needed");
  await box.getByText("閲覧者").click();
  await box.locator("[type=submit]").click();
  await box.getByText("推測されやすいパスワード").waitFor();
  ok(true, "a weak password is refused in Japanese");
  await box.locator("[name=password]").fill(first);
  await box.locator("[type=submit]").click();
  await toasted(page, "追加しました");
  const row = page.locator(`tr[data-id=${name}]`);
  ok(/閲覧者.*変更待ち.*未設定/s.test(await row.textContent()), "the new user: role, state, second factor");
  ok((await row.locator("b").count()) === 0, "a name is text");
}

/** The first sign-in: nothing but a new password. */
async function beginning(page) {
  await page.goto(`${url}/`);
  await signIn(page, name, first);
  await page.waitForFunction(() => location.hash.startsWith("#/account"));
  await settled(page);
  ok(/パスワードの変更が必要/.test(await page.textContent("main .banner")), "the first sign-in asks for a new password");
  await page.evaluate(() => { location.hash = "#/home"; });
  await page.waitForFunction(() => location.hash.startsWith("#/account"));
  ok(true, "and leads nowhere else");
  await settled(page);
  await page.fill("[name=old_password]", first);
  await page.fill("[name=new_password]", own);
  await page.fill("[name=again]", `${own}s`);
  await page.locator("#password [type=submit]").click();
  await page.getByText("と同じものを入力").waitFor();
  ok(true, "two different passwords are noticed");
  await page.fill("[name=again]", own);
  await page.locator("#password [type=submit]").click();
  await toasted(page, "パスワードを変更しました");
  await page.waitForSelector("main .banner", { state: "detached" });
  await page.waitForSelector("#sessions");
  ok(true, "then everything is there");
}

async function secondFactor(page) {
  await page.locator("#second-factor").getByRole("button", { name: "設定する" }).click();
  await page.fill("#second-factor [name=password]", own);
  await page.locator("#second-factor [type=submit]").click();
  await page.waitForSelector(".qr path");
  await page.locator("#second-factor summary").click();
  const secret = (await page.textContent("#second-factor .copyable code")).replace(/\s/g, "");
  ok(/^[A-Z2-7]{32}$/.test(secret), "the key can be typed instead");
  const uri = await scan(page.context(), page.locator(".qr"));
  ok(uri.startsWith("otpauth://totp/") && uri.includes(`secret=${secret}&`), "a phone reads the same key off the picture");
  const ink = await page.$eval(".qr path", (x) => getComputedStyle(x).fill);
  ok(ink === "rgb(0, 0, 0)", "black on white in every theme");
  await checked(page, "setting up a second factor");
  await picture(page, "second-factor");
  const right = totp(secret);
  await page.fill("#second-factor [name=code]", right === "000000" ? "000001" : "000000");
  await page.locator("#second-factor [type=submit]").click();
  await page.getByText("このコードは違います").waitFor();
  ok(true, "a wrong code is said to be one");
  await page.fill("#second-factor [name=code]", totp(secret));
  await page.locator("#second-factor [type=submit]").click();
  await page.getByText("回復コードを保管してください").waitFor();
  const codes = (await page.textContent("#second-factor .copyable code")).trim().split("\n");
  ok(codes.length >= 8 && new Set(codes).size === codes.length, `${codes.length} recovery codes`);
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "ファイルに保存" }).click()]);
  ok(readFileSync(await file.path(), "utf8").trim() === codes.join("\n"), "which can be saved");
  await press(page, "保管しました");
  await page.getByText(`未使用の回復コード: ${codes.length} 個`).waitFor();
  ok(true, "the second factor is on");
  return { secret, codes };
}

async function signInAgain(page, code) {
  await page.click("#sign-out");
  await page.waitForSelector("[name=name]");
  await page.fill("[name=name]", name);
  await page.fill("[name=password]", own);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[name=code]");
  await page.fill("[name=code]", "000000");
  await page.keyboard.press("Enter");
  await page.waitForSelector("main .error");
  ok(/コードが違うか/.test(await page.textContent("main .error")), "signing in asks for the code, and a wrong one is refused");
  await page.fill("[name=code]", code);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#navigation");
  await settled(page);
}

/** An observer sees, and is told what is not for them. */
async function observer(page) {
  const names = await page.$$eval("#navigation a", (list) => list.map((x) => x.getAttribute("href")));
  ok(!names.includes("#/users") && !names.includes("#/sessions") && names.includes("#/audit"), "an observer's navigation");
  await open(page, "#/users");
  ok((await page.textContent("h1")) === "このページは表示できません", "a page of others is refused in words");
  const status = await page.evaluate(() => fetch("api/v1/machilink/users").then((r) => r.status));
  ok(status === 403, "and so is its call");
  await open(page, "#/api-keys");
  ok((await page.getByRole("button", { name: /APIキーを作成|失効/ }).count()) === 0, "keys are seen, not made");
}

/** The administrator ends what hanako is doing; she goes on after signing in. */
async function revoked(admin, page, codes) {
  await open(page, "#/audit");
  await page.fill("main [name=text]", "typed before");
  await open(admin, "#/sessions");
  const row = admin.locator("tr", { hasText: name });
  ok((await row.count()) === 1, "the administrator sees her session");
  ok(/Chrome/.test(await row.textContent()), "and her browser");
  await row.getByRole("button").click();
  ok(new RegExp(name).test(await inDialog(admin).textContent()), "ending it names her");
  await inDialog(admin).locator(".solid").click();
  await toasted(admin, "終了させました");
  await page.locator("main form [type=submit]").first().click();
  await page.waitForSelector("dialog [name=password]");
  await page.fill("dialog [name=password]", own);
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog [name=code]");
  await page.fill("dialog [name=code]", codes[1]);
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog", { state: "detached" });
  ok((await page.inputValue("main [name=text]")) === "typed before", "a revoked session asks to sign in; what was typed stays");
}

async function keys(page) {
  await open(page, "#/api-keys");
  await press(page, "APIキーを作成");
  const box = inDialog(page);
  await box.locator("[name=name]").fill("夜間バッチ");
  await box.getByText("閲覧者").click();
  await box.locator("[type=submit]").click();
  await box.getByText("いま保管してください").waitFor();
  const key = await box.locator("code").first().textContent();
  ok(/^[0-9a-f-]{36}$/.test(key), "a key is shown once");
  await checked(page, "a new key");
  const status = (k) => page.evaluate(async (token) => (await fetch("api/v1/machilink/health", { credentials: "omit", headers: { Authorization: `X-Road-ApiKey token=${token}` } })).status, k);
  ok((await status(key)) === 200, "and works");
  await box.getByRole("button", { name: "保管しました" }).click();
  await open(page, "#/home");
  await open(page, "#/api-keys");
  const row = page.locator("tr", { hasText: "夜間バッチ" });
  ok(!(await row.textContent()).includes(key) && !/まだ使われていません/.test(await row.textContent()), "its last use is known, its text is not");
  await row.getByRole("button", { name: /変更/ }).click();
  await inDialog(page).locator("[name=expires_at]").fill("");
  await checked(page, "changing a key");
  await inDialog(page).locator("[type=submit]").click();
  await toasted(page, "変更しました");
  await row.getByText("期限なし").waitFor();
  ok(true, "its end is changed");
  await row.getByRole("button", { name: /失効/ }).click();
  await inDialog(page).locator(".solid").click();
  await toasted(page, "失効させました");
  ok((await row.count()) === 0 && (await status(key)) === 401, "a revoked key is nothing any more");
}

async function ending(admin, page) {
  await open(admin, `#/users/${name}`);
  await checked(admin, "one user");
  await press(admin, "二要素認証を解除する");
  await inDialog(admin).locator(".solid").click();
  await toasted(admin, "解除しました");
  await admin.locator("main .light", { hasText: "未設定" }).waitFor();
  ok(true, "a lost second factor is removed");
  await press(admin, "利用を停止する");
  await inDialog(admin).locator(".solid").click();
  await toasted(admin, "停止しました");
  await page.goto(`${url}/`);
  await page.waitForSelector("[name=password]");
  await page.fill("[name=name]", name);
  await page.fill("[name=password]", own);
  await page.keyboard.press("Enter");
  await page.waitForSelector("main .error");
  ok(/停止されています|正しくありません/.test(await page.textContent("main .error")), "who is disabled cannot sign in");
  await press(admin, "利用者を削除する");
  ok((await inDialog(admin).locator(".solid").getAttribute("aria-disabled")) === "true", "deleting asks for the name");
  await inDialog(admin).locator("input").fill(name);
  await inDialog(admin).locator(".solid").click();
  await toasted(admin, "削除しました");
  await admin.waitForFunction(() => location.hash === "#/users");
  await admin.locator("tr[data-id=admin]").waitFor();
  ok((await admin.locator(`tr[data-id=${name}]`).count()) === 0, "and she is gone");
  await open(admin, "#/users/admin");
  ok((await admin.getByRole("button", { name: /停止する|削除する/ }).count()) === 0, "nobody deletes themselves");
}

async function audit(page) {
  await open(page, "#/audit");
  await page.getByText("改ざんはありません").waitFor();
  ok(true, "the audit is intact");
  await page.selectOption("[name=event]", "Add user");
  await page.locator("main form [type=submit]").click();
  await page.waitForFunction(() => /\d 件/.test(document.querySelector("main .found")?.textContent ?? ""));
  await settled(page);
  const rows = await page.$$eval("main tbody tr", (list) => list.map((x) => x.textContent));
  ok(rows.length >= 2 && rows.every((x) => x.includes("利用者の追加")), `the search finds it (${rows.length})`);
  ok(rows.some((x) => x.includes("拒否")) && rows.some((x) => x.includes("成功")), "what was refused is there too");
  await page.locator("main tbody tr button").first().click();
  const text = await inDialog(page).textContent();
  ok(text.includes(name) && !text.includes(first), "with what was sent, without its secret");
  await checked(page, "a record");
  await inDialog(page).locator(".solid").click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /CSV/ }).click()]);
  const csv = readFileSync(await file.path(), "utf8");
  ok(csv.charCodeAt(0) === 0xfeff && csv.trim().split("\r\n").length === rows.length + 1, "the export has what the page has");
  await page.fill("[name=user]", "nobody at all");
  await page.locator("main form [type=submit]").click();
  await page.getByText("条件に合う記録はありません").waitFor();
  ok(true, "nothing found is said, with what to do");
}

/** Each act of the table has its words. */
function words() {
  const names = [...readFileSync(events, "utf8").matchAll(/^EVENT\([^"]*"[^"]*", "[^"]*", "([^"]*)"\)/gm)].map((m) => m[1]);
  const text = readFileSync(new URL("../../web/src/pages/audit/event_words.ts", import.meta.url), "utf8");
  const missing = names.filter((n) => !text.includes(`event_${n.toLowerCase().replace(/[^a-z0-9]+/g, "_")}:`));
  ok(names.length > 100, `${names.length} acts`);
  none(missing, "each has its Japanese name");
}

words();
await browse([url], async ({ page, another }) => {
  await page.goto(`${url}/`);
  await signIn(page, "admin", password);
  await adding(page);
  const hers = await another();
  await beginning(hers);
  const { codes } = await secondFactor(hers);
  await signInAgain(hers, codes[0]);
  ok(true, "a recovery code stands in for the phone");
  await observer(hers);
  await revoked(page, hers, codes);
  await keys(page);
  await ending(page, hers);
  await audit(page);
});
