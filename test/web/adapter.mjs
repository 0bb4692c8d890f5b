// The adapter by the browser alone: a database, a data service from nothing, its
// publication, the first call by the company, its trace, one step back; then a
// CSV file. Arguments: the town's pages, its password, the SQLite file, the
// company's security server for information systems.
import { axe, browse, everything, none, ok, open, pagesOf, picture, settled, signIn, until, wide } from "./kit.mjs";

const [url, password, file, company] = process.argv.slice(2);
const caller = "LAB/COM/2010401999001/logistics";

const text = (page, where) => page.textContent(where);
const button = (page, name) => page.getByRole("button", { name, exact: true });

/** A banner whose title fits; its whole text. */
async function banner(page, title) {
  const one = page.locator("main .banner", { hasText: title }).first();
  await one.waitFor();
  return one.textContent();
}

async function write(page, sql) {
  await page.click("#sql .cm-content");
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await page.keyboard.type(sql);
}

async function database(page) {
  await open(page, "#/databases");
  await page.getByRole("link", { name: "データベースを追加" }).first().click();
  await page.fill("[name=displayName]", "町の施設台帳");
  await page.fill("[name=id]", "sites");
  await page.fill("[name=databaseName]", `${file}.none`);
  await page.click("#test");
  ok(/がありません/.test(await banner(page, "接続できませんでした")), "a file that is not there is told, and why");
  await page.fill("[name=databaseName]", file);
  await page.click("#test");
  ok(/ミリ秒/.test(await banner(page, "接続できました")), "the connection is tried before it is saved");
  await page.click("main form [type=submit]");
  await page.waitForFunction(() => location.hash === "#/databases/sites");
  await page.locator("main td", { hasText: "capacity" }).waitFor();
  ok(true, "its tables and columns are shown");
  await picture(page, "adapter-database");
  none([...(await axe(page)), ...(await wide(page))], "a database: axe, 320 pixels");
}

async function draft(page) {
  await page.getByRole("link", { name: "データサービスを作る" }).click();
  await page.locator("#sql .cm-content").waitFor();
  await page.click("[data-table=site] summary");
  await page.click("[data-table=site] button");
  await page.waitForFunction(() => document.querySelector("#sql").shadowRoot.textContent.includes("FROM site"));
  await page.click("#read");
  await banner(page, "パラメータ 0 個、結果の列 4 個");
  ok(true, "a table gives the first query, of several lines");
  await page.fill("[name=displayName]", "指定緊急避難場所");
  await page.fill("[name=name]", "shelters");
  await write(page, "SELECT nothing FROM site");
  await page.click("#read");
  ok(/nothing/.test(await banner(page, "この問い合わせは使えません")), "a wrong query is refused with the reason");
  await write(page, "SELECT name, capacity\nFROM site\nWHERE district = :district ORDER BY id");
  await page.click("#read");
  await banner(page, "パラメータ 1 個、結果の列 2 個");
  ok((await page.inputValue("[aria-label='capacity の種類']")) === "LONG", "kinds are proposed by the database");
}

/** What callers may give, and how much they get. */
async function rules(page) {
  await page.click("[data-rules=district] summary");
  await page.getByLabel("district の最少の文字数").fill("9");
  await page.getByLabel("district の最多の文字数").fill("2");
  await page.getByLabel("district に許す値").fill("港\n山手\n");
  await page.getByLabel("name は個人情報").check();
  await page.getByLabel("返す行の上限").fill("500");
  await page.fill("#try-district", "港");
  await page.click("#try");
  const said = await banner(page, "試した結果、断られました");
  ok(/「district」の最少の文字数.*直してください/.test(said) && !/[a-z]{3,} [a-z]{3,}/.test(said), `rules that contradict each other are told in Japanese: ${said}`);
  await page.getByLabel("district の最少の文字数").fill("");
  await page.fill("#try-district", "沖");
  await page.click("#try");
  const refused = page.locator("main .banner", { hasText: "沖" }).first();
  await refused.waitFor();
  ok(/港.*山手|許/.test(await refused.textContent()), `a value that is not allowed: ${await refused.textContent()}`);
  ok(/規則（2 個）/.test(await text(page, "[data-rules=district] summary")), "how many rules there are");
  await picture(page, "adapter-rules");
}

/** They are there when the service is opened again. */
async function kept(page) {
  await page.click("[data-rules=district] summary");
  const now = [
    await page.getByLabel("district の最多の文字数").inputValue(),
    await page.getByLabel("district に許す値").inputValue(),
    await page.getByLabel("返す行の上限").inputValue(),
    String(await page.getByLabel("name は個人情報").isChecked()),
  ];
  ok(now.join("|") === "2|港\n山手|500|true", `rules and limits are kept: ${JSON.stringify(now)}`);
}

async function trial(page) {
  await page.fill("#try-district", "港");
  await page.click("#try");
  await page.waitForSelector("[data-tried]");
  ok(/2 行、.*ミリ秒/.test(await text(page, "[data-tried]")), "a trial: rows and milliseconds");
  ok(/港小学校/.test(await text(page, "[data-as-is] table")), "the rows themselves");
  await page.getByText("データベースの実行計画").click();
  ok(/SCAN|SEARCH/.test(await text(page, "main pre")), "and the plan");
  await picture(page, "adapter-service");
  await everything(page, "the editor");
}

async function saved(page) {
  await page.click("main form [type=submit]");
  await page.waitForFunction(() => location.hash.startsWith("#/data-services/shelters"));
  await button(page, "公開する").waitFor();
  ok(true, "saved, and publishing is next");
}

async function publish(page) {
  await button(page, "公開する").click();
  await page.locator("main .error", { hasText: "一つ以上選んでください" }).waitFor();
  ok(true, "nobody chosen is said");
  const who = await page.$$eval("select[name=client] option", (list) => list.map((x) => x.value));
  ok(who.includes("LAB:GOV:9000020994014:opendata"), "the town's subsystem can offer it");
  await page.selectOption("select[name=client]", "LAB:GOV:9000020994014:opendata");
  const boxes = page.locator(".choose .choice");
  for (let i = 0; i < (await boxes.count()); i++) {
    const box = boxes.nth(i);
    await box.locator("input").setChecked(/2010401999001:logistics/.test(await box.textContent()));
  }
  await button(page, "公開する").click();
  const said = await banner(page, /公開しました|途中で止まりました/);
  const steps = await page.$$eval("main tbody tr", (list) => list.map((x) => x.textContent));
  ok(/公開しました/.test(said), `published: ${steps.join(" | ")}`);
  await picture(page, "adapter-publish");
  await everything(page, "publication");
}

async function call(district) {
  const path = `/r1/LAB/GOV/9000020994014/opendata/data/api/service/shelters?district=${encodeURIComponent(district)}`;
  const answer = await fetch(company + path, { headers: { "X-Road-Client": caller } });
  return `${answer.status} ${await answer.text()}`;
}

/** Rights reach the other side with the next look at them: at once. */
async function called(page) {
  const got = await call("港");
  ok(/^200 .*港小学校/s.test(got), `the company calls it: ${got.slice(0, 200)}`);
  await open(page, "#/calls?service=shelters");
  const row = page.locator("main tbody tr", { hasText: caller }).first();
  await again(page, row);
  ok(/district = 港.*成功/s.test(await row.textContent()), "and the trace has it");
  await everything(page, "calls");
}

/** Reads the list again until what is written a little later is in it. */
function again(page, row) {
  return until(async () => {
    await button(page, "更新").click();
    await settled(page);
    return row.count();
  });
}

async function back(page) {
  await open(page, "#/data-services/shelters");
  await page.locator("#sql .cm-content").waitFor();
  await kept(page);
  await write(page, "SELECT name FROM site WHERE district = :district ORDER BY id");
  await page.click("#read");
  await banner(page, "結果の列 1 個");
  await page.click("main form [type=submit]");
  await page.locator(".toast", { hasText: "保存しました" }).last().waitFor();
  ok(!/capacity/.test(await call("港")), "a change is in force at once");
  await open(page, "#/data-services/shelters?tab=versions");
  await button(page, "一つ前に戻す").click();
  await page.locator("dialog .solid").click();
  await page.locator(".toast", { hasText: "前の内容に戻しました" }).waitFor();
  ok(/capacity/.test(await call("港")), "and taken back with one press");
  none([...(await axe(page)), ...(await wide(page))], "versions: axe, 320 pixels");
}

async function off(page) {
  await button(page, "停止する").click();
  ok(/指定緊急避難場所/.test(await text(page, "dialog")), "turning off asks with the name");
  await page.locator("dialog .solid").click();
  await banner(page, "停止しています");
  ok(/^[45]/.test(await call("港")), "calls are refused while it is off");
  await button(page, "再開する").click();
  await button(page, "停止する").waitFor();
  ok(/^200/.test(await call("港")), "and answered again");
}

async function csv(page) {
  await open(page, "#/open-data");
  await page.setInputFiles("[name=file]", {
    name: "library.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("館名,住所,蔵書数\n中央図書館,海辺県海風町本町1,52000\n港分館,海辺県海風町港2,8300\n"),
  });
  await page.fill("[name=name]", "libraries");
  await page.fill("[name=title]", "図書館一覧");
  await page.click("main form [type=submit]");
  await page.waitForSelector("#take");
  ok(/2 行、3 列/.test(await text(page, "main")), "a CSV file is looked at first");
  await everything(page, "a CSV file");
  await page.click("#take");
  await banner(page, "取り込みました");
  await page.getByRole("link", { name: /公開する: libraries/ }).first().click();
  await button(page, "公開する").waitFor();
  ok(true, "and becomes a data service to publish");
}

/** A services.json of the Connector, as it is. */
async function whole(page) {
  await open(page, "#/data-services");
  await page.getByRole("link", { name: "定義ファイルの保存と取り込み" }).click();
  await page.locator("[name=file]").waitFor();
  const services = [{ id: "1", name: "taken", sqlTemplate: "SELECT name FROM site WHERE id = :id", status: "VALID", params: [{ name: "id", type: "STRING" }], queryTimeout: 5 }];
  const give = (text) => page.setInputFiles("[name=file]", { name: "services.json", mimeType: "application/json", buffer: Buffer.from(text) });
  await give("a,b\n1,2\n");
  await page.click("main form [type=submit]");
  await page.locator("main .error", { hasText: "services.json として読めません" }).waitFor();
  ok(true, "a file that is none is told");
  await give(JSON.stringify({ name: "All", dbSources: [{ id: "connector", databaseType: "SQLITE", databaseName: file, password: "secret", dbServices: services, jdbcUrl: "", params: null }] }));
  await page.click("main form [type=submit]");
  await banner(page, "取り込みました（データサービス 1 個）");
  await everything(page, "the definition file");
  const saved = page.waitForEvent("download");
  await page.getByRole("link", { name: "services.json を保存" }).click();
  const text = await (await (await saved).createReadStream()).toArray().then((all) => Buffer.concat(all).toString());
  const ids = JSON.parse(text).dbSources.map((x) => x.id);
  ok(ids.includes("sites") && ids.includes("connector") && !text.includes("password"), `added to what was there, and saved without passwords: ${ids}`);
  await page.getByRole("link", { name: "データサービスの一覧を見る" }).click();
  await page.locator("main tbody tr", { hasText: "taken" }).waitFor();
  ok(true, "its service is in the list");
}

async function removed(page) {
  await button(page, "削除").click();
  const confirm = page.locator("dialog .solid");
  ok((await confirm.getAttribute("aria-disabled")) === "true", "deleting wants the name typed");
  await page.fill("dialog input", "libraries");
  await confirm.click();
  await page.waitForFunction(() => location.hash === "#/data-services");
  await page.locator(".toast", { hasText: "削除しました" }).waitFor();
  ok(true, "then it is gone");
}

await browse([url], async ({ page }) => {
  await page.goto(`${url}/`);
  await signIn(page, "admin", password);
  const all = await pagesOf(page);
  none(["#/databases", "#/data-services", "#/open-data", "#/calls"].filter((x) => !all.includes(x)), "the adapter's pages");
  await database(page);
  await draft(page);
  await rules(page);
  await trial(page);
  await saved(page);
  await publish(page);
  await called(page);
  await back(page);
  await off(page);
  await csv(page);
  await removed(page);
  await whole(page);
});
