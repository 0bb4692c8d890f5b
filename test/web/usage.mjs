// Use of services in a browser: see usage.t. "known": after exchanges that are
// counted here; "year": a year that was filled in.
import { readFileSync } from "node:fs";
import { axe, browse, none, ok, open, picture, settled, signIn, until } from "./kit.mjs";

const [what, url, password, companyUrl, companyPassword] = process.argv.slice(2);
const service = "LAB/GOV/9000020994014/opendata/evacuation-sites";
const client = "LAB/COM/2010401999001/logistics";
const door = `http://${new URL(companyUrl).hostname}:${8080 + Number(new URL(companyUrl).port) - 4000}/r1/`;
const times = 7;

async function exchange(to) {
  const answer = await fetch(door + to, { headers: { "X-Road-Client": client } });
  await answer.arrayBuffer();
  return answer.status;
}

const api = (page, path) => page.evaluate((p) => fetch(`api/v1/machilink/${p}`, { headers: { Accept: "application/json" } }).then((r) => r.json()), path);
const japanese = (n, digits = 0) => new Intl.NumberFormat("ja-JP", { maximumFractionDigits: digits }).format(n);
const figure = (page, id) => page.textContent(`[data-figure=${id}] strong`);

/** Settled, charts included. */
async function drawn(page) {
  await settled(page);
  await page.waitForSelector(".chart canvas");
  await settled(page);
}

const cells = (page, id) => page.$$eval(`main tr[data-id="${id}"] [data-number]`, (list) => list.map((x) => Number(x.dataset.number)));

/** Calls and failures of the service, as the interface tells: the provider's. */
async function told(page, by = "service", side = "provider") {
  const answer = await api(page, `usage?by=${by}&side=${side}&compare=true`);
  return { total: answer.total, row: answer.items.find((x) => x.service === service) };
}

async function known(page) {
  await page.goto(`${url}/`);
  await signIn(page, "admin", password);
  const before = (await told(page)).row?.calls ?? 0;
  const answers = [];
  for (let i = 0; i < times; i++) answers.push(await exchange(service));
  ok(answers.every((x) => x === 200), `${times} exchanges`);
  ok((await exchange("LAB/GOV/9000020994014/opendata/none")) === 500, "and one that is refused");
  let now;
  await until(async () => {
    now = await told(page);
    return now.row?.calls >= before + times;
  });
  ok(now.row.calls === before + times, `the interface counts them (${before} + ${times})`);
  await open(page, "#/usage");
  await drawn(page);
  return now;
}

/** Every number on the page against the interface's. */
async function same(page, now) {
  const [calls, failures] = await cells(page, service);
  ok(calls === now.row.calls && failures === now.row.failures, `the table says the same (${calls}, ${failures})`);
  ok((await figure(page, "calls")) === japanese(now.total.calls), "the sum of calls");
  ok((await figure(page, "failures")) === japanese(now.total.failures), "of failures");
  ok((await figure(page, "p50")) === `${japanese(now.total.p50_ms, 1)} ミリ秒`, "the median");
  ok((await figure(page, "p95")) === `${japanese(now.total.p95_ms, 1)} ミリ秒`, "and the slow end");
  ok((await figure(page, "days")).startsWith("30 日中"), "days with use");
  await page.locator(".chart summary").first().click();
  const points = await page.$$eval(".chart:first-of-type .chart-table tbody tr", (list) => list.map((x) => Number(x.cells[1].textContent.replace(/[,–]/g, "")) || 0));
  ok(points.length === 30 && points.reduce((a, b) => a + b, 0) === now.total.calls, "the points of the chart come to the same, in the table below it");
  ok((await page.locator(".chart summary").count()) === 2, "each chart has a table");
  none(await axe(page), "axe, with an open table");
  await picture(page, "usage");
}

async function saved(page, now) {
  const csvLink = page.locator("main .data").getByRole("link", { name: /CSV/ }).first();
  const [csv] = await Promise.all([page.waitForEvent("download"), csvLink.click()]);
  const text = readFileSync(await csv.path(), "utf8");
  const lines = text.trim().split("\r\n");
  const calls = lines[0].split(",").indexOf("calls");
  const row = lines.find((x) => x.includes(`"${service}"`));
  ok(text.charCodeAt(0) === 0xfeff && Number(row?.split(",")[calls]) === now.row.calls, "the CSV has the same");
  const [json] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /JSON/ }).click()]);
  const told = JSON.parse(readFileSync(await json.path(), "utf8"));
  ok(/^usage-.*\.json$/.test(json.suggestedFilename()) && told.total.calls === now.total.calls, "and so has the JSON");
}

async function deeper(page, now) {
  await page.locator(`main tr[data-id="${service}"] a`).click();
  await page.waitForFunction(() => /service=/.test(location.hash));
  await page.waitForSelector("main .usage-only");
  await drawn(page);
  const [calls] = await cells(page, client);
  ok(calls > 0 && calls <= now.row.calls, "a service leads to its consumers");
  ok((await figure(page, "calls")) === japanese(now.row.calls), "whose sum is the service's");
  await page.goBack();
  await page.waitForSelector("main .usage-only", { state: "detached" });
  ok(true, "and back");
  const unused = await api(page, "usage/unused?days=90");
  const rows = await page.$$eval("#unused tbody tr", (list) => list.map((x) => x.dataset.id));
  ok(JSON.stringify(rows.sort()) === JSON.stringify(unused.items.map((x) => x.service).sort()), `unused services (${rows.length})`);
  ok(!rows.includes(service), "are others");
}

/** The company's side, where the refusal is. */
async function refusals(page) {
  await page.goto(`${companyUrl}/`);
  await signIn(page, "admin", companyPassword);
  await open(page, "#/usage");
  await drawn(page);
  ok((await page.inputValue("[name=side]")) === "consumer", "a machine that uses others more than they use it begins there");
  const reasons = await page.locator("section", { hasText: "失敗の理由" }).textContent();
  ok(/権限がない、または宛先がない/.test(reasons) && /アクセス権の設定/.test(reasons), "why it failed, and what to do");
  await page.fill("[name=from]", "2026-02-02");
  await page.fill("[name=to]", "2026-02-01");
  await page.getByRole("button", { name: "表示", exact: true }).click();
  await page.getByText("「から」より後の日付").waitFor();
  ok(true, "a period that runs backwards is noticed");
  await page.fill("[name=to]", "2026-02-03");
  await page.getByRole("button", { name: "表示", exact: true }).click();
  await page.getByText("この期間の利用はありません").first().waitFor();
  ok(true, "nothing in a period is said, with what to do");
}

async function year(page) {
  await page.goto(`${url}/`);
  await signIn(page, "admin", password);
  await open(page, "#/usage");
  await drawn(page);
  const asked = await page.evaluate(async () => {
    const day = (n) => new Date(Date.now() - n * 86400000).toISOString().slice(0, 10);
    let best = Infinity; // of a few, because other work may be going on
    for (let i = 0; i < 20 && best > 1000; i++) {
      const begun = performance.now();
      await (await fetch(`api/v1/machilink/usage?by=service&side=provider&compare=true&from=${day(364)}&to=${day(0)}`)).arrayBuffer();
      best = Math.min(best, performance.now() - begun);
    }
    return best;
  });
  ok(asked <= 1000, `a year beside the year before is told in ${Math.round(asked)} ms`);
  const shownIn = async (button, days) => {
    const begun = Date.now();
    await page.getByRole("button", { name: button }).click();
    await page.waitForFunction((n) => document.querySelector("[data-figure=days] strong")?.textContent.startsWith(n), days);
    await drawn(page);
    return Date.now() - begun;
  };
  let took = await shownIn("1年間", "365");
  for (let i = 0; i < 5 && took > 3000; i++) {
    await shownIn("30日間", "30 ");
    took = Math.min(took, await shownIn("1年間", "365"));
  }
  ok(took <= 3000, `and shown in ${took} ms`);
  const filled = 365 * 100 * 4; // the pairs of one service
  const [calls, failures] = await cells(page, "LAB/GOV/9000020994014/opendata/filled-00");
  ok(Math.abs(calls - filled) <= 400 && Math.abs(failures - filled / 100) <= 4, `each service has its year (${calls}, ${failures})`);
  ok(/[±+−]0(\.\d)?%/.test(await page.locator("[data-id$=filled-00]").textContent()), "about as many as the year before");
  const shown = await page.$$eval("main .data tbody tr", (list) => list.length);
  ok(shown >= 25 && (await page.locator("main .paging").count()) >= 1, "page by page");
  ok((await page.$$eval(".chart:first-of-type .chart-table tbody tr", (list) => list.length)) >= 12, "the course by the month");
  await picture(page, "usage-year");
}

await browse([url, companyUrl], async ({ page }) => {
  if (what === "year") return year(page);
  const now = await known(page);
  await same(page, now);
  await saved(page, now);
  await deeper(page, now);
  await refusals(page);
});
