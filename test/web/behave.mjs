// How the pages behave when things do not go straight: what is typed and not
// saved, the way back, reloading, a second press, slow and failing answers, two
// windows, very long lists and names. Arguments: a town's pages, its password.
import { browse, none, ok, open, settled, signIn, until, wide } from "./kit.mjs";

const [url, password] = process.argv.slice(2);
const opendata = "LAB:GOV:9000020994014:opendata";
const at = (page, hash) => page.waitForFunction((to) => location.hash === to, hash);
const dialog = (page) => page.locator("dialog[open]");
const link = (page, hash) => page.click(`#navigation a[href="${hash}"]`);

async function typed(page) {
  await open(page, "#/clients/add");
  await page.fill("[name=subsystem_code]", "half-typed");
}

const kept = async (page) => page.url().endsWith("#/clients/add") && (await page.inputValue("[name=subsystem_code]")) === "half-typed";

async function stay(page, what) {
  await dialog(page).getByText("保存していない入力があります").waitFor();
  await dialog(page).getByRole("button", { name: "キャンセル" }).click();
  await dialog(page).waitFor({ state: "detached" });
  ok(await until(() => kept(page)), what);
}

const leave = (page) => dialog(page).getByRole("button", { name: "入力を破棄して移動する" }).click();

/** What was typed is not lost without a question, however one leaves. */
async function unsaved(page) {
  await open(page, "#/home");
  await link(page, "#/clients");
  await at(page, "#/clients");
  await settled(page);
  await page.getByRole("link", { name: "サブシステムを追加" }).click();
  await page.fill("[name=subsystem_code]", "half-typed");
  await link(page, "#/keys");
  await stay(page, "a link asks first, and one may stay");
  await page.goBack();
  await stay(page, "so does the way back");
  await page.click("#sign-out");
  await stay(page, "and signing out");
  const asked = new Promise((done) => page.once("dialog", (d) => { done(d.type()); void d.dismiss(); }));
  await page.evaluate(() => setTimeout(() => location.reload()));
  ok((await asked) === "beforeunload" && (await kept(page)), "and loading the page anew");
  await page.goBack();
  await leave(page);
  await at(page, "#/clients");
  ok(true, "who agrees is led back");
  await page.goBack();
  await at(page, "#/home");
  ok(true, "and the history is as it was");
  await typed(page);
  await link(page, "#/keys");
  await leave(page);
  await at(page, "#/keys");
  ok(true, "or led on");
  await typed(page);
  await page.locator("main form").getByRole("button", { name: "キャンセル" }).click();
  await at(page, "#/clients");
  ok((await dialog(page).count()) === 0, "giving up is no question");
  await open(page, "#/log");
  await page.getByText("探す", { exact: true }).first().click();
  await page.fill("[name=message-id]", "half-typed");
  await link(page, "#/home");
  await at(page, "#/home");
  ok((await dialog(page).count()) === 0, "a search may be left");
}

/** An address leads to its page after signing in, again after a reload, and back. */
async function deep(another) {
  const page = await another();
  const hash = `#/clients/${encodeURIComponent(opendata)}?tab=services`;
  await page.goto(`${url}/${hash}`);
  await signIn(page, "admin", password);
  const there = async () => page.url().endsWith(hash) && (await page.getAttribute("[role=tab][aria-selected=true]", "id")).endsWith("services");
  ok(await there(), "an address leads there after signing in");
  await page.reload();
  await settled(page);
  ok(await there(), "and again after a reload");
  await open(page, "#/keys");
  await page.goBack();
  await page.waitForSelector("[role=tab]");
  await settled(page);
  ok(await there(), "and back");
  await page.context().close();
}

/** A second press, and a service that takes its time. */
async function twice(page) {
  await open(page, `#/clients/${encodeURIComponent(opendata)}?tab=groups`);
  await page.locator("main").getByRole("button", { name: "グループを作成" }).click();
  await dialog(page).locator("[name=code]").fill("twice");
  await dialog(page).locator("[name=description]").fill("二度押し");
  let calls = 0;
  let release;
  const held = new Promise((go) => { release = go; });
  await page.route("**/local-groups", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    calls++;
    await held;
    return route.continue();
  });
  await dialog(page).locator("[type=submit]").dblclick();
  await dialog(page).locator("[type=submit][aria-disabled=true]").waitFor();
  await dialog(page).locator("[name=code]").press("Enter");
  release();
  await dialog(page).waitFor({ state: "detached" });
  await settled(page);
  await page.unroute("**/local-groups");
  ok(calls === 1, `pressed twice, asked once (${calls})`);
}

async function slow(page) {
  let release;
  const held = new Promise((go) => { release = go; });
  await page.route("**/api/v1/clients*", async (route) => { await held; await route.continue(); });
  await page.evaluate(() => { location.hash = "#/clients"; });
  await page.getByText("読み込んでいます").waitFor();
  await page.getByText("秒経過").waitFor();
  ok(true, "a slow answer: what is waited for, and for how long");
  release();
  await page.locator("main tbody tr", { hasText: opendata }).waitFor();
  await settled(page);
  await page.unroute("**/api/v1/clients*");
  ok(true, "then it is there");
}

async function failing(page) {
  await open(page, "#/home");
  const body = JSON.stringify({ status: 503, error: { code: "unavailable" } });
  await page.route("**/api/v1/clients*", (route) => route.fulfill({ status: 503, contentType: "application/json", body }));
  await page.evaluate(() => { location.hash = "#/clients"; });
  const said = page.locator("main .banner.error");
  await said.waitFor();
  ok(/[ぁ-ん]/.test(await said.textContent()), `a service that cannot answer: ${(await said.textContent()).slice(0, 80)}`);
  await page.unroute("**/api/v1/clients*");
  await said.getByRole("button", { name: "再試行" }).click();
  await page.locator("main tbody tr", { hasText: opendata }).waitFor();
  ok((await said.count()) === 0, "and one press asks again");
}

/** Another person in the second tab is another person in the first. */
async function tabs(page) {
  const person = { name: "second", display_name: "second", password: "correct horse battery", password_change_due: false, roles: ["XROAD_SECURITYSERVER_OBSERVER"] };
  const status = await page.evaluate(async (body) => {
    const token = document.cookie.split("; ").find((c) => c.startsWith("XSRF-TOKEN="))?.slice(11) ?? "";
    const headers = { "Content-Type": "application/json", "X-XSRF-TOKEN": token };
    return (await fetch("api/v1/machilink/users", { method: "POST", headers, body: JSON.stringify(body) })).status;
  }, person);
  ok(status < 300, "a second person");
  const tab = await page.context().newPage();
  await tab.goto(`${url}/`);
  await settled(tab);
  await tab.click("#sign-out");
  await signIn(tab, person.name, person.password);
  await tab.close();
  await page.bringToFront();
  await page.waitForFunction((name) => document.querySelector(".who")?.textContent.includes(name), person.name);
  ok(true, "who signs in in one tab is signed in in the others");
  await page.click("#sign-out");
  await signIn(page, "admin", password);
}

/** Ten thousand rows, each with the longest names that are taken. */
async function many(page) {
  const long = "長い名前".repeat(60);
  const rows = Array.from({ length: 10000 }, (_, i) => ({
    id: `LAB:GOV:${i}:${"x".repeat(200)}${i}`, instance_id: "LAB", member_class: "GOV", member_code: String(i), member_name: `${long}${i}`,
    subsystem_code: `${"x".repeat(200)}${i}`, owner: false, has_valid_local_sign_cert: true, status: "REGISTERED", connection_type: "HTTP",
  }));
  await page.route("**/api/v1/clients*", (route) => route.fulfill({ contentType: "application/json", body: JSON.stringify(rows) }));
  await open(page, "#/home");
  await open(page, "#/clients");
  const shown = await page.locator("main tbody tr").count();
  ok(shown > 0 && shown <= 100, `ten thousand rows, ${shown} at once`);
  none(await wide(page), "320 pixels: the longest names");
  const begun = Date.now();
  await page.fill("main input[type=search]", "x9876");
  await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 1);
  console.log(`# found among ten thousand after ${Date.now() - begun} ms`);
  ok(/x9876/.test(await page.textContent("main tbody")), "and one is found by typing");
  await page.unroute("**/api/v1/clients*");
}

await browse([url], async ({ page, another }) => {
  await page.goto(`${url}/`);
  await signIn(page, "admin", password);
  await unsaved(page);
  await deep(another);
  await twice(page);
  await slow(page);
  await failing(page);
  await many(page);
  await tabs(page);
}, /status of 503/);
