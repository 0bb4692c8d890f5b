// The operator of a new center: four steps, each until the service finds it done.
import { axe, browse, check, none, ok, onward, picture, raw, step, submit, wide } from "./kit.mjs";

const [url, token] = process.argv.slice(2);

async function looked(page, what) {
  none(await axe(page), `axe: ${what}`);
  none(await wide(page), `320 pixels: ${what}`);
  none(await raw(page), `Japanese words: ${what}`);
  await picture(page, `first-center-${what}`);
}

async function begins(page) {
  await page.goto(`${url}/`);
  await page.fill("[name=token]", token);
  await page.fill("[name=name]", "taro");
  for (const name of ["password", "again"]) await page.fill(`[name=${name}]`, "seven quiet lanterns");
  await submit(page);
  await page.waitForSelector("[data-open=INITIAL_SETUP] [name=instance_identifier]");
  ok(true, "the first administrator is led to the first step");
}

async function itself(page) {
  await looked(page, "instance");
  await page.fill("[name=instance_identifier]", "BOX");
  await page.fill("[name=software_token_pin]", "Secret-1234");
  await page.fill("[name=again]", "Secret-1235");
  await submit(page);
  await page.waitForSelector("[name=again][aria-invalid=true]");
  await page.fill("[name=again]", "Secret-1234");
  await submit(page);
  await check(page, "instance", "OK");
  // the PIN again, or keys, where initialising did not leave the store open
  await page.waitForSelector("[data-open] .card [name=password], #configuration-keys, [data-check=token][data-state=OK]");
  if (await page.$("[data-open] [name=password]")) {
    await page.fill("[data-open] [name=password]", "Secret-1234");
    await submit(page);
    await page.waitForSelector("#configuration-keys, [data-check=token][data-state=OK]");
  }
  if (await page.$("#configuration-keys")) await page.click("#configuration-keys");
  await check(page, "token", "OK");
  ok(true, "named, with keys that sign the configuration");
}

async function trust(page) {
  await onward(page, "TRUST_SERVICES");
  await page.locator("[data-open] .button.solid").click();
  await step(page, "TRUST_SERVICES", "DONE");
  ok(true, "with trust services of its own");
}

async function members(page) {
  await onward(page, "MEMBERS");
  await page.fill("[name=typed]", "99402");
  await page.fill("[name=member_name]", "県域データ連携協議会");
  await looked(page, "members");
  await submit(page);
  await step(page, "MEMBERS", "DONE");
  ok(true, "the first member provides the management services");
}

async function ends(page) {
  await onward(page, "FIRST_SERVER");
  await page.waitForSelector("[data-check=server][data-state=WAITING]");
  await page.waitForSelector("[data-check=requests][data-state=OK]");
  await looked(page, "first-server");
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("[data-open] a[download]").click()]);
  ok((await download.failure()) === null, "the anchor is handed over, and a server waited for");
  await page.goto(`${url}/#/setup/INITIAL_SETUP`);
  await check(page, "published", "OK");
  ok(true, "a configuration is published");
}

await browse([url], async ({ page }) => {
  await begins(page);
  await itself(page);
  await trust(page);
  await members(page);
  await ends(page);
});
