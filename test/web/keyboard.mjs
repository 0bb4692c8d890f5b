// The main flows by keyboard alone: a subsystem and a service with a right at a
// town, its call found and verified, a request approved at the center. Nothing
// here uses a pointer, or an address. Arguments: the pages and passwords of the
// town and the center.
import { browse, ok, settled } from "./kit.mjs";

const [url, password, centerUrl, centerPassword] = process.argv.slice(2);
const service = "LAB/GOV/9000020994014/opendata/evacuation-sites";

/** What the control with the focus is called: its own name, its label, its text. */
function focused(page) {
  return page.evaluate(() => {
    const x = document.activeElement;
    return (x?.getAttribute("aria-label") ?? x?.labels?.[0]?.textContent ?? x?.textContent ?? "").trim();
  });
}

/** Tab, until the control whose name begins so has the focus. */
async function reach(page, name) {
  for (let i = 0; i < 200; i++) {
    await page.keyboard.press("Tab");
    if ((await focused(page)).startsWith(name)) return;
  }
  throw new Error(`no way by keyboard to ${name}`);
}

async function press(page, name) {
  await reach(page, name);
  await page.keyboard.press("Enter");
}

async function type(page, name, text) {
  await reach(page, name);
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
}

const title = (page, text) => page.waitForFunction((t) => document.activeElement?.id === "title" && document.activeElement.textContent.includes(t), text);
const dialog = (page) => page.waitForFunction(() => document.querySelector("dialog[open]")?.contains(document.activeElement));

async function closed(page) {
  await page.waitForSelector("dialog[open]", { state: "detached" });
  await settled(page);
}

/** A page of the navigation; its heading has the focus then. */
async function visit(page, name, heading = name) {
  await press(page, name);
  await title(page, heading);
  await settled(page);
}

async function enter(page, at, secret) {
  await page.goto(`${at}/`);
  await page.waitForFunction(() => document.activeElement?.getAttribute("name") === "name");
  await page.keyboard.type("admin");
  await page.keyboard.press("Tab");
  await page.keyboard.type(secret);
  await page.keyboard.press("Enter");
  await title(page, "ホーム");
  await settled(page);
}

async function subsystem(page) {
  await visit(page, "メンバーとサブシステム");
  await press(page, "サブシステムを追加");
  await title(page, "サブシステムの追加");
  await settled(page);
  await type(page, "サブシステムコード", "keys-only");
  await page.keyboard.press("Enter");
  await reach(page, "HTTP");
  await page.keyboard.press("ArrowDown");
  await press(page, "次へ");
  await press(page, "追加する");
  await title(page, "keys-only");
  ok(true, "a subsystem is added and registered");
}

async function offered(page) {
  await settled(page);
  await reach(page, "状態");
  while (!(await focused(page)).startsWith("提供するサービス")) await page.keyboard.press("ArrowRight");
  await settled(page);
  await press(page, "サービスを追加");
  await dialog(page);
  await type(page, "アドレス", "http://127.0.0.1:1/");
  await type(page, "サービスコード", "nothing");
  await page.keyboard.press("Enter");
  await closed(page);
  await press(page, "公開する: nothing");
  await page.getByRole("button", { name: "公開を止める: nothing" }).waitFor();
  ok(true, "with a service that is on");
  await press(page, "nothing");
  await title(page, "nothing");
  await settled(page);
  await press(page, "利用を許可");
  await dialog(page);
  await type(page, "相手を探す", "物流");
  await reach(page, "物流");
  await page.keyboard.press("Space");
  await press(page, "利用を許可");
  await closed(page);
  ok((await page.locator("main tbody tr", { hasText: "logistics" }).count()) === 1, "which the company may call");
}

async function evidence(page) {
  await visit(page, "メッセージログ");
  await press(page, "探す");
  await type(page, "サービス", service);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /service=/.test(location.hash));
  await settled(page);
  await press(page, "検証");
  await page.locator(".verdict[data-verdict=valid]").first().waitFor();
  ok(true, "an exchange is found and its evidence verified");
}

/** From now on somebody looks; then somebody does. */
async function byHand(page) {
  await visit(page, "承認待ちの申請");
  await press(page, "自動承認の設定を開く");
  for (const name of ["サーバの登録", "利用者システムの登録"]) {
    await reach(page, name);
    await page.keyboard.press("Space");
  }
  await press(page, "保存する");
  await page.locator(".toast.success").waitFor();
}

async function approved(page) {
  await visit(page, "ホーム");
  await visit(page, "承認待ちの申請");
  await reach(page, "絞り込み");
  while (!(await page.evaluate(() => document.activeElement?.matches("main tbody a")))) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.id === "title");
  await settled(page);
  await press(page, "承認");
  await dialog(page);
  await press(page, "承認");
  await closed(page);
  await page.getByText("承認済み").first().waitFor();
  ok(true, "a request is approved at the center");
}

await browse([url, centerUrl], async ({ page, another }) => {
  const center = await another();
  await enter(center, centerUrl, centerPassword);
  await byHand(center);
  await enter(page, url, password);
  await subsystem(page);
  await offered(page);
  await evidence(page);
  await approved(center);
});
