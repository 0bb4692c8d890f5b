// Finding one exchange among others, its steps, its evidence verified in place
// and downloaded. Arguments: the company's pages, its password, its security
// server for information systems.
import { browse, everything, ok, open, picture, settled, signIn, until } from "./kit.mjs";

const [url, password, server] = process.argv.slice(2);
const service = "LAB/GOV/9000020994014/opendata";
const id = "find-me-<b>1</b>";
/** A day on which everything here happened or later, also around midnight. */
const day = new Date(Date.now() - 3600000).toLocaleDateString("sv", { timeZone: "Asia/Tokyo" });

function call(name, message) {
  return fetch(`${server}/r1/${service}/${name}`, { headers: { "X-Road-Client": "LAB/COM/2010401999001/logistics", "X-Road-Id": message } });
}

const rows = (page) => page.locator("main tbody tr");

async function searched(page, fill, what, good) {
  await open(page, "#/log");
  await page.getByText("探す", { exact: true }).first().click();
  await fill();
  const before = page.url();
  await page.click("main form [type=submit]");
  await page.waitForFunction((was) => location.href !== was, before);
  let found;
  const right = await until(async () => {
    await settled(page);
    found = await rows(page).allTextContents();
    return good(found);
  });
  ok(right, `${what} (${found.length})`);
}

async function searches(page) {
  await searched(page, () => page.fill("[name=message-id]", id), "found by its message id", (x) => x.length === 2 && x.every((t) => t.includes(id)));
  await searched(page, () => page.fill("[name=service]", `${service}/evacuation-sites`), "by the service", (x) => x.length >= 2 && x.every((t) => /evacuation-sites/.test(t)));
  await searched(page, async () => {
    await page.fill("[name=member]", "LAB:GOV:9000020994014");
    await page.selectOption("[name=direction]", "response");
    await page.fill("[name=from]", day);
  }, "by member, direction and day", (x) => x.length >= 2 && x.every((t) => /応答/.test(t)));
  await searched(page, () => page.fill("[name=to]", "2001-01-01"), "nothing in another century", (x) => x.length === 0);
  ok(/条件に合う記録はありません/.test(await page.textContent("main")), "which is said, and what to do");
  await page.fill("[name=member]", "LAB");
  await page.click("main form [type=submit]");
  ok(/形式が正しくありません/.test(await page.textContent("main form .field .error")), "half an identifier is refused at its field");
}

/** Stamps come a moment later. */
async function stamped(page) {
  await open(page, `#/log?message-id=${encodeURIComponent(id)}`);
  const both = rows(page).filter({ hasText: "タイムスタンプ済み" });
  await until(async () => {
    await page.click("main .page-header button");
    await settled(page);
    return (await both.count()) === 2;
  });
}

async function timeline(page) {
  await stamped(page);
  await rows(page).first().locator("a", { hasText: "find-me" }).click();
  await page.locator("h2", { hasText: "流れ" }).waitFor();
  const steps = await page.locator("section", { hasText: "流れ" }).first().locator("tbody th").allTextContents();
  const order = ["情報システムから要求を受け取った", "要求を証拠として記録した", "相手の機器に送った", "相手の機器から応答を受け取った", "応答を証拠として記録した", "情報システムに返した"];
  const at = order.map((text) => steps.findIndex((s) => s.includes(text)));
  ok(at.every((x) => x >= 0), `all steps of the exchange: ${steps.join(" → ")}`);
  ok(at[0] === 0 && at[2] < at[3] && at[3] < at[5], "in their order");
  await picture(page, "log-exchange");
  await everything(page, "one exchange");
}

async function evidence(page) {
  const row = page.locator("section", { hasText: "証拠" }).last().locator("tbody tr").first();
  await row.locator("button").click();
  await row.locator(".verdict[data-verdict]").waitFor();
  const said = await row.locator(".verdict").textContent();
  ok(/有効です.*内容が変わっていない.*署名者: .*タイムスタンプ: /s.test(said), "the verdict in words, with who and when");
  const [download] = await Promise.all([page.waitForEvent("download"), row.locator("a.button").click()]);
  ok(/\.asice$/.test(download.suggestedFilename()), `the container: ${download.suggestedFilename()}`);
}

/** What failed is told with its reason: nobody may call this one. */
async function refused(page) {
  const answer = await call("public-facilities", "find-refused");
  ok(answer.status >= 400, "an exchange that is refused");
  await open(page, `#/log/find-refused?near=${Date.now()}`);
  const said = page.locator("main .banner", { hasText: "失敗しました" });
  await until(async () => {
    await page.reload();
    await page.waitForSelector("main .pairs");
    await settled(page);
    return said.count();
  });
  ok(/access_denied/.test(await said.first().textContent()), "the timeline says that, and why");
}

await browse([url], async ({ page }) => {
  for (const message of ["before-1", id, "after-1", "after-2"]) await call("evacuation-sites", message);
  await page.goto(`${url}/`);
  await signIn(page, "admin", password);
  await searches(page);
  await timeline(page);
  await evidence(page);
  await refused(page);
  await open(page, "#/log/no-such-id");
  ok(/メッセージログにありません/.test(await page.textContent("main .banner")), "an id that is none");
});
