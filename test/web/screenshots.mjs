// Pictures of the main pages for the README and the help, in Japanese and light:
// a row for each, the machine whose page it is, its address, what to do before.
// Called by screenshots.pl, which adds those of the first run.
import { join } from "node:path";
import { browse, ok, open, settled, setTheme, signIn } from "./kit.mjs";

const [out, ...given] = process.argv.slice(2);
const machine = {};
for (let i = 0; i < given.length; i += 3) machine[given[i]] = { url: given[i + 1], password: given[i + 2] };

/** So that home has nothing to remind of. */
async function backup(page) {
  await open(page, "#/backups");
  const before = await page.locator("main tbody tr").count();
  await page.click("main .solid");
  await page.waitForFunction((n) => document.querySelectorAll("main tbody tr").length > n, before);
  await page.locator(".toast button").first().click();
  await open(page, "#/home");
}

/** The part that is worth seeing stands further down. */
const to = (selector) => (page) => page.locator(selector).first().evaluate((x) => x.scrollIntoView({ block: "start" }));

const rows = [
  ["sign-in", "town", null],
  ["home", "town", "#/home", backup],
  ["home-dark", "town", "#/home", (page) => setTheme(page, "dark")],
  ["clients", "town", "#/clients"],
  ["keys", "town", "#/keys"],
  ["data-services", "town", "#/data-services"],
  ["log", "town", "#/log"],
  ["usage", "town", "#/usage", to("main .section")],
  ["diagnostics", "town", "#/diagnostics"],
  ["settings", "town", "#/settings", (page) => page.selectOption("main select", "editable")],
  ["center", "center", "#/home"],
  ["requests", "center", "#/center-requests"],
  ["members", "center", "#/center-members"],
];

async function shoot(page, name) {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(out, `${name}.png`) });
  ok(true, name);
}

await browse(Object.values(machine).map((m) => m.url), async ({ page }) => {
  let at = "";
  for (const [name, where, hash, before] of rows) {
    if (at !== where) {
      await page.goto(`${machine[where].url}/`);
      await page.waitForSelector("[name=password]");
      if (hash === null) await shoot(page, name);
      await signIn(page, "admin", machine[where].password);
      at = where;
    }
    if (hash === null) continue;
    const there = await page.$(`#navigation a[href="${hash}"]`);
    if (!there) continue;
    await open(page, hash);
    if (before) await before(page);
    await settled(page);
    await shoot(page, name);
    await page.selectOption("#theme", "system");
  }
});
