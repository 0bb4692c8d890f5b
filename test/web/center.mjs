// The operator of a center at work; the town's server asks through its API.
import { axe, browse, none, ok, open, picture, raw, signIn, wide } from "./kit.mjs";

const [url, password, townUrl, townKey] = process.argv.slice(2);
const member = "LAB:GOV:9000020994014";

async function looked(page, what) {
  none(await axe(page), `axe: ${what}`);
  none(await wide(page), `320 pixels: ${what}`);
  none(await raw(page), `Japanese words: ${what}`);
  await picture(page, `center-${what}`);
}

/** The answer to the question of a dialog; typed: what it wants to be typed. */
async function agree(page, typed) {
  if (typed) await page.fill("dialog input", typed);
  await page.click("dialog .actions .button.solid");
  await page.waitForSelector("dialog", { state: "detached" });
}

const said = (page, text) => page.waitForFunction((t) => [...document.querySelectorAll(".toast.success")].some((x) => x.textContent.includes(t)), text);
const reopen = async (page, hash) => { await open(page, "#/help"); await open(page, hash); };

// ---- requests ----

async function town(context, method, path, data) {
  const answer = await context.request.fetch(`${townUrl}/api/v1/${path}`, {
    method, data, headers: { Authorization: `X-Road-ApiKey token=${townKey}` }, ignoreHTTPSErrors: true });
  if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
}

/** A subsystem of the town that its server wants to serve. */
async function ask(context, code) {
  await town(context, "POST", "clients", { client: { member_class: "GOV", member_code: "9000020994014", subsystem_code: code, connection_type: "HTTP" }, ignore_warnings: true });
  await town(context, "PUT", `clients/${member}:${code}/register`);
}

async function byHand(page) {
  await open(page, "#/center-requests");
  ok((await page.$$("main tbody tr")).length === 0, "nothing waits");
  await page.click("main summary");
  await page.waitForSelector("[name=clients]:checked");
  for (const name of ["authentication_certificates", "clients"]) await page.uncheck(`[name=${name}]`);
  await page.click("main details [type=submit]");
  await said(page, "自動承認");
  ok(true, "from now on somebody looks");
}

async function opened(page, code) {
  await reopen(page, "#/center-requests");
  await page.locator("main tbody a").first().click();
  await page.waitForSelector("#approve");
  ok((await page.textContent("main dl")).includes(`${member}:${code}`), `the request for ${code} is shown`);
}

async function requests(page, context) {
  await ask(context, "library");
  await opened(page, "library");
  ok(/承認すると/.test(await page.textContent("main")), "with what approving means");
  await looked(page, "request");
  await page.click("#approve");
  ok((await page.textContent("dialog")).includes(`${member}:library`), "the question names the thing");
  await looked(page, "question");
  await agree(page);
  await page.waitForSelector("#approve", { state: "detached" });
  ok(/承認済み/.test(await page.textContent("main dl")), "approved");
  await ask(context, "museum");
  await opened(page, "museum");
  await page.click("#decline");
  await agree(page);
  await page.waitForSelector("#decline", { state: "detached" });
  ok(/断った/.test(await page.textContent("main dl")), "declined");
  await open(page, "#/center-requests");
  await page.selectOption("#status", "ALL");
  await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length >= 7);
  await page.fill("main input[type=search]", "museum");
  await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 1);
  ok(true, "the list is filtered by the service");
}

// ---- members, servers, groups ----

async function members(page) {
  await open(page, `#/center-members/${encodeURIComponent(member)}`);
  const text = await page.textContent("main");
  ok(/opendata/.test(text) && /library/.test(text) && /town-ss1/.test(text), "a member with its subsystems and servers");
  await looked(page, "member");
  await open(page, "#/center-members");
  await page.locator("main .table-tools .button.solid").click();
  await page.fill("dialog [name=typed]", "99403");
  await page.fill("dialog [name=member_name]", "<img src=x onerror=alert(1)>");
  await page.click("dialog [type=submit]");
  await page.waitForFunction(() => document.querySelector("h1")?.textContent.includes("<img"));
  ok((await page.$("main img")) === null, "a name full of markup is text");
  await page.locator("main .page-header .button.danger").click();
  ok((await page.getAttribute("dialog .button.solid", "aria-disabled")) === "true", "deleting asks for the name");
  await agree(page, "<img src=x onerror=alert(1)>");
  await page.waitForFunction(() => location.hash === "#/center-members");
  ok(true, "the member is deleted");
}

async function groups(page) {
  await open(page, "#/center-groups");
  await page.locator("main .table-tools .button.solid").click();
  await page.fill("dialog [name=code]", "disaster");
  await page.fill("dialog [name=description]", "防災");
  await page.click("dialog [type=submit]");
  await page.waitForFunction(() => document.querySelector("h1")?.textContent.includes("disaster"));
  await page.locator("main .empty .button.solid").click();
  await page.locator("dialog tbody button").first().click();
  await said(page, "追加しました");
  await looked(page, "join");
  await page.locator("dialog .actions.end .button").click();
  await page.waitForSelector("main tbody tr");
  ok((await page.$$("main tbody tr")).length === 1, "a group with a member");
  await looked(page, "group");
}

async function details(page) {
  await open(page, `#/center-servers/${encodeURIComponent(`${member}:town-ss1`)}`);
  ok(/town-ss1/.test(await page.textContent("main tbody")), "a server with its certificate");
  await looked(page, "server");
  await open(page, "#/center-trust/1");
  ok(/ocsp/.test(await page.textContent("main tbody")), "an authority with its responder");
  await looked(page, "authority");
  for (const tab of ["external", "trusted", "management"]) {
    await open(page, `#/center-configuration?tab=${tab}`);
    await looked(page, `configuration-${tab}`);
  }
}

// ---- applications ----

async function applications(page) {
  await open(page, "#/center-applications");
  await page.locator("main .actions .button").last().click();
  await page.fill("dialog [name=organization]", "海辺村");
  await page.fill("dialog [name=contact_name]", "山田花子");
  await page.fill("dialog [name=mail]", "hanako@umibe.example");
  await page.fill("dialog [name=member_code]", "99404");
  await page.fill("dialog [name=member_name]", "海辺村");
  await looked(page, "application-form");
  await page.click("dialog [type=submit]");
  await page.waitForSelector("main [name=note]");
  const buttons = page.locator("main .actions.group .button");
  await buttons.last().click();
  await page.waitForSelector("[name=note][aria-invalid=true]");
  ok(true, "rejecting needs a reason");
  await page.fill("[name=note]", "確認しました");
  await page.click("main form [type=submit]");
  await agree(page);
  await page.waitForSelector("[name=note]", { state: "detached" });
  ok(/承認済み/.test(await page.textContent("main dl")), "approved, on the record");
  await looked(page, "application");
  await open(page, "#/center-members");
  await page.fill("main input[type=search]", "海辺");
  await page.waitForFunction(() => document.querySelector("main tbody").rows.length === 1);
  ok(true, "and the applicant is a member");
}

async function revoke(page) {
  await open(page, "#/center-trust?tab=issued");
  const row = page.locator("main tbody tr", { hasText: "company-ss1" });
  const serial = await row.getAttribute("data-id");
  await row.locator(".danger").click();
  await agree(page, serial);
  await page.waitForFunction((id) => document.querySelector(`tr[data-id="${id}"] .light.bad`), serial);
  ok(true, "a certificate is revoked, after its number was typed");
}

await browse([url, townUrl], async ({ page, context }) => {
  await page.goto(`${url}/`);
  await signIn(page, "admin", password);
  await byHand(page);
  await requests(page, context);
  await members(page);
  await groups(page);
  await details(page);
  await applications(page);
  await revoke(page);
});
