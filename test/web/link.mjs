// Personal-Link for officers: declaring by the forms alone, withdrawing with
// what ends told before, counts with their table and files, an old cache's
// light, a rule of what residents see.
import { axe, browse, everything, keyboard, none, ok, open, settled, signIn, small, wide } from "./kit.mjs";

const [center, cache, name, password] = process.argv.slice(2);

const text = (page) => page.textContent("main");

async function tab(page, word) {
  await page.click(`[role=tab]:has-text("${word}")`);
  await settled(page);
}

async function form(page, what) {
  none(await small(page), `${what}: tap targets`);
  none(await keyboard(page), `${what}: keyboard`);
  none(await wide(page), `${what}: 320 pixels`);
  none(await axe(page), `${what}: axe`);
}

async function fill(page, values) {
  for (const [key, value] of Object.entries(values)) await page.fill(`dialog [name=${key}]`, value);
}

async function send(page) {
  await page.click("dialog button[type=submit]");
  await page.waitForSelector("dialog", { state: "detached" });
  await settled(page);
}

async function declares(page) {
  await tab(page, "組織");
  await page.click('button:has-text("組織を登録")');
  await fill(page, { member: "LAB/COM/7002", name_ja: "銀行 <b>", name_en: "Bank <b>" });
  await send(page);
  ok((await text(page)).includes("銀行 <b>"), "an organisation is added, its name is text");
  await tab(page, "サービス宣言");
  await page.click('button:has-text("サービスを宣言")');
  await page.click("dialog button[type=submit]");
  ok((await page.$$("dialog [aria-invalid=true]")).length > 5, "empty fields are named");
  await page.click('dialog button:has-text("項目を増やす")');
  const both = (key, word) => ({ [`${key}_ja`]: word, [`${key}_en`]: word });
  await fill(page, {
    target: "LAB/GOV/9000020994014/pl/residents", ...both("title", "住民票"), ...both("data", "住所"), ...both("legal", "条例"),
    code0: "address", ...both("item0", "住所"), code1: "household", ...both("item1", "世帯"), maxDays: "30",
  });
  await form(page, "the form of a service");
  await send(page);
  ok((await text(page)).includes("住所、世帯"), "a service is declared with two items");
  await tab(page, "目的宣言");
  await page.click('button:has-text("目的を宣言")');
  await fill(page, {
    subsystem: "LAB/COM/7002/accounts", code: "open", ...both("title", "口座開設"), ...both("reason", "本人確認"),
    policyUrl: "http://plain.example.org/",
  });
  await page.click("dialog button[type=submit]");
  await page.waitForSelector("dialog .banner, dialog [aria-invalid=true]");
  ok(true, "an address without TLS is refused, in the form");
  await fill(page, { policyUrl: "https://www.example.org/privacy" });
  await send(page);
  ok((await text(page)).includes("口座開設"), "a purpose is declared");
}

async function withdraws(page) {
  await tab(page, "サービス宣言");
  await page.click('[aria-label="取りやめる: 課税証明"]');
  const asked = await page.textContent("dialog");
  ok(asked.includes("許諾中の同意 2 件") && asked.includes("待っている同意 1 件"), "what ends is told before");
  ok((await page.getAttribute('dialog .button.danger', "aria-disabled")) === "true", "not without the name");
  await page.fill("dialog input", "課税証明");
  await page.click("dialog .button.danger");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.locator("main tbody tr", { hasText: "課税証明" }).locator("button").waitFor({ state: "detached" });
  await settled(page);
  ok(!(await page.$('[aria-label="取りやめる: 課税証明"]')), "it is withdrawn");
}

async function counts(page) {
  await tab(page, "統計");
  await page.waitForSelector("main table");
  const rows = await page.$$eval("main .table-wrap tr, main table tr", (list) => list.map((x) => x.textContent));
  ok(rows.some((r) => r.includes("課税証明") && r.includes("会社")), "counts by service and consumer");
  ok((await page.$$("main details table")).length > 0, "a table under the chart");
  const csv = await page.getAttribute('a[download="personal-link.csv"]', "href");
  const lines = decodeURIComponent(csv.split(",").slice(1).join(",")).split("\r\n");
  ok(/"課税証明","会社",3,2,0,0,0$/.test(lines[1] ?? ""), `CSV: ${lines[1]}`);
  const json = await page.evaluate(async () => (await fetch(document.querySelector('a[download="personal-link.json"]').href)).json());
  ok(json.statistics.length > 1, "JSON");
}

await browse([center, cache], async ({ page, another }) => {
  await page.goto(`${center}/`);
  await signIn(page, name, password);
  await open(page, "#/personal-link");
  ok((await text(page)).includes("LAB/COM/2010401999001"), "caches and how far they are");
  ok((await text(page)).includes("まだ連絡がありません"), "and when they were heard");
  await declares(page);
  await counts(page);
  await everything(page, "statistics");
  await withdraws(page);

  const other = await another();
  await other.goto(`${cache}/`);
  await signIn(other, name, password);
  await open(other, "#/personal-link");
  await other.waitForSelector("main .light.bad");
  ok((await text(other)).includes("まだ一度もつながっていません"), "a cache that never heard of the center says so");
  await everything(other, "state of a cache");
  await tab(other, "利用履歴の決まり");
  ok((await text(other)).includes("すべての利用が、すぐに本人に示されます"), "no rules: said in words");
  await other.click('main button:has-text("決まりを作る")');
  await fill(other, { days: "90", consumer: "LAB/COM/2010401999001", reason: "捜査" });
  await form(other, "the form of a rule");
  await send(other);
  ok((await text(other)).includes("90 日後に見せる"), "a rule is made");
  none((await other.$$eval("main th, main td", (l) => l.map((x) => x.textContent))).filter((x) => /undefined|NaN/.test(x)), "no holes");
});
