// Two people with a browser each: one sets a new server up, one runs the center.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { axe, browse, check, none, ok, onward, open, picture, settled, signIn, step, submit, wide } from "./kit.mjs";

const [url, token, centerUrl, centerPassword] = process.argv.slice(2);
const files = mkdtempSync(join(tmpdir(), "machilink-first-"));
const started = Date.now();

/** What a press on a link or a button hands over, as a file. */
async function saved(page, what, name) {
  const [download] = await Promise.all([page.waitForEvent("download"), what.click()]);
  const to = join(files, name);
  await download.saveAs(to);
  return to;
}

async function looked(page, what) {
  none(await axe(page), `axe: ${what}`);
  none(await wide(page), `320 pixels: ${what}`);
  await picture(page, `first-run-${what}`);
}

async function begins(page) {
  await page.goto(`${url}/`);
  await page.waitForSelector("[name=token]");
  await looked(page, "token");
  await page.fill("[name=token]", "AAAA-AAAA-AAAA-AAAA");
  await page.fill("[name=name]", "hanako");
  await page.fill("[name=password]", "seven quiet lanterns");
  await page.fill("[name=again]", "seven quiet lantern");
  await submit(page);
  await page.waitForSelector("[name=again][aria-invalid=true]");
  ok(true, "two different passwords are noticed");
  await page.fill("[name=again]", "seven quiet lanterns");
  await submit(page);
  await page.waitForSelector("main .banner.error");
  ok(true, "a wrong token is refused");
  await page.fill("[name=token]", token.toLowerCase());
  await submit(page);
  await page.waitForSelector("[data-open=MEMBER_CODE]");
  ok((await page.textContent("h1")) === "初期設定の手順", "the first administrator is led to the first step");
}

async function memberCode(page) {
  await page.fill("[name=typed]", "99402");
  const code = await page.textContent("[data-code]");
  ok(/^\d000020994\d{3}$/.test(code), `the code of the municipality gives the member code ${code}`);
  await page.fill("[name=member_name]", "山里村 <b>");
  await page.fill("[name=server_code]", "yamazato-ss1");
  await submit(page);
  await page.waitForSelector(".copyable");
  ok((await page.textContent(".copyable")).includes(code), "and what to tell the center");
  await looked(page, "member-code");
  return code;
}

async function machine(page) {
  await onward(page, "ENVIRONMENT");
  await step(page, "ENVIRONMENT", "DONE");
  await onward(page, "INSTALLATION");
  await step(page, "INSTALLATION", "DONE");
  ok(true, "the machine looks at itself");
}

// ---- at the center ----

async function register(page, code) {
  await page.goto(`${centerUrl}/`);
  await signIn(page, "admin", centerPassword);
  await open(page, "#/center-members");
  await page.locator("main .table-tools .button.solid").click();
  await page.fill("dialog [name=typed]", code);
  await page.fill("dialog [name=member_name]", "山里村 <b>");
  await page.click("dialog [type=submit]");
  await page.waitForFunction(() => document.querySelector("h1")?.textContent.includes("山里村 <b>"));
  ok(true, "center: the member is registered, its name shown as text");
  await open(page, "#/center-requests");
  await page.click("main summary");
  for (const name of ["authentication_certificates", "clients"]) await page.uncheck(`[name=${name}]`);
  await page.click("main details [type=submit]");
  await page.waitForSelector(".toast.success");
  await open(page, "#/center-configuration");
  const hash = (await page.textContent("[data-hash]")).trim();
  const anchor = await saved(page, page.locator("main a.button.solid[download]"), "anchor.xml");
  return { hash, anchor };
}

async function issue(page, file, usage, code) {
  await open(page, "#/center-trust?tab=issued");
  await page.click("#issue");
  await page.setInputFiles("dialog [name=file]", file);
  await page.check(`dialog [name=usage][value=${usage}]`);
  await page.selectOption("dialog [name=member]", `LAB:GOV:${code}`);
  if (usage === "AUTHENTICATION") await page.fill("dialog [name=server]", "yamazato-ss1");
  await page.click("dialog [type=submit]");
  await page.waitForSelector("#save-certificate");
  const to = await saved(page, page.locator("#save-certificate"), `${usage}.pem`);
  await page.locator("dialog .actions .button").first().click();
  return to;
}

async function approve(page) {
  await open(page, "#/home");
  await open(page, "#/center-requests");
  await page.locator("main tbody a").first().click();
  await page.waitForSelector("#approve");
  await looked(page, "approval");
  await page.click("#approve");
  await page.click("dialog .button.solid");
  await page.waitForSelector("#approve", { state: "detached" });
  ok(true, "center: the server is approved");
}

// ---- at the server ----

async function initial(page, { hash, anchor }) {
  await onward(page, "INITIAL_SETUP");
  await page.setInputFiles("main [name=file]", anchor);
  await submit(page);
  await page.waitForSelector("dialog [data-hash]");
  ok((await page.textContent("dialog [data-hash]")) === hash, "the anchor's hash is what the center shows");
  await page.click("dialog .button.solid");
  await page.waitForSelector("[name=software_token_pin]");
  await looked(page, "initial");
  ok((await page.inputValue("[name=security_server_code]")) === "yamazato-ss1", "what was answered before is filled in");
  await page.fill("[name=software_token_pin]", "Secret1234");
  await page.fill("[name=again]", "Secret1234");
  await submit(page);
  await page.waitForSelector("dialog, [name=password], input[type=radio]");
  if (await page.$("dialog")) await page.click("dialog .button.solid");
  await page.waitForSelector("[name=password], input[type=radio]");
  if (await page.$("[name=password]")) {
    await page.fill("[name=password]", "Secret1234");
    await submit(page);
  }
  await page.waitForSelector("input[type=radio]");
  await submit(page);
  await step(page, "INITIAL_SETUP", "DONE");
  ok(true, "initialised, with a time stamp that verifies");
}

async function requests(page) {
  await page.reload();
  await page.waitForSelector("[data-open]");
  await open(page, "#/home");
  const left = page.locator("main .banner", { hasText: "初期設定が終わっていません" });
  await left.waitFor();
  ok(/8 段階のうち [1-7] 段階/.test(await left.textContent()), "home tells how far the first run is");
  await looked(page, "home");
  await left.locator("a.button").click();
  await page.waitForSelector("[data-open=CSR] form");
  ok(true, "after a reload it goes on at the first step that is open");
  await looked(page, "csr");
  await submit(page);
  await step(page, "CSR", "DONE");
  const links = page.locator("[data-open=CSR] a[download]");
  await links.nth(1).waitFor();
  return Promise.all([0, 1].map(async (i) => {
    const link = links.nth(i);
    return { usage: /署名用/.test(await link.textContent()) ? "SIGNING" : "AUTHENTICATION", link };
  }));
}

async function certificates(page, pems) {
  await onward(page, "CERTIFICATES");
  for (const [i, pem] of pems.entries()) {
    await page.setInputFiles("[data-open] [name=file]", pem);
    await page.click("[data-open] .card form [type=submit]");
    await page.waitForFunction((n) => document.querySelectorAll("[data-usage]").length === n, i + 1);
  }
  await page.waitForSelector("[data-usage=AUTHENTICATION][data-status=SAVED] [name=address]");
  await page.click("[data-usage=AUTHENTICATION] [type=submit]");
  await page.waitForSelector("[data-usage=AUTHENTICATION][data-status=REGISTRATION_IN_PROGRESS]");
  await check(page, "auth_registered", "WAITING");
  ok(true, "it is said that the center is waited for");
  await looked(page, "waiting");
}

async function registered(page) {
  const button = page.locator("[data-usage=AUTHENTICATION] .button.solid");
  await page.waitForSelector("[data-usage=AUTHENTICATION][data-status=REGISTERED]");
  await button.click();
  await check(page, "auth_good", "OK");
  await check(page, "sign_cert", "OK");
  ok(true, "approved, the certificate is activated and good");
}

async function ends(page) {
  await onward(page, "CONNECTION_TYPE");
  await page.check("[name=connection_type][value=HTTPS_NO_AUTH]");
  await submit(page);
  await step(page, "CONNECTION_TYPE", "DONE");
  await onward(page, "CONNECTIVITY");
  for (let i = 0; i < 120 && !(await page.$("[data-request]")); i++) {
    await page.click("#exchange");
    await page.waitForSelector("#exchange:not([aria-disabled])");
    await page.waitForTimeout(500);
  }
  ok(/^[0-9a-f-]{36}$/.test((await page.textContent("[data-request]")).trim()), "a signed exchange is shown");
  await page.waitForFunction(() => /かかった時間/.test(document.querySelector("[data-elapsed]")?.textContent ?? ""));
  await looked(page, "done");
  await page.reload();
  await check(page, "exchange", "PASSED");
  ok(/前回の確認で良好/.test(await page.textContent("[data-check=exchange]")), "which is known when one comes again");
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`# from the token to the exchange: ${seconds} s; the page says: ${await page.textContent("[data-elapsed]")}`);
  ok(seconds < 600, "in less than ten minutes");
}

await browse([url, centerUrl], async ({ page, another }) => {
  const center = await another();
  await begins(page);
  const code = await memberCode(page);
  await machine(page);
  await initial(page, await register(center, code));
  const pems = [];
  const asked = [];
  for (const { usage, link } of await requests(page)) asked.push({ usage, csr: await saved(page, link, `${usage}.csr`) });
  for (const { usage, csr } of asked) pems.push(await issue(center, csr, usage, code));
  await certificates(page, pems);
  await approve(center);
  await registered(page);
  await ends(page);
  await settled(page);
  ok(readdirSync(files).length === 5, "five files went from hand to hand");
});
rmSync(files, { recursive: true, force: true });
