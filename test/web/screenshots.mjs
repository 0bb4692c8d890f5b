// Pictures of the main pages for the README, in Japanese and light: a row for
// each, the machine whose page it is, its address, what to do before. Called by
// screenshots.pl.
import { join } from "node:path";
import { browse, ok, open, settled, setTheme, signIn } from "./kit.mjs";

const [out, ...given] = process.argv.slice(2);
const machine = {};
for (let i = 0; i < given.length; i += 3) machine[given[i]] = { url: given[i + 1], password: given[i + 2] };

/** A filter word that leaves what is worth seeing. */
const rows = [
  ["sign-in", "town", null],
  ["home", "town", "#/home"],
  ["home-dark", "town", "#/home", (page) => setTheme(page, "dark")],
  ["clients", "town", "#/clients"],
  ["keys", "town", "#/keys"],
  ["data-services", "town", "#/data-services"],
  ["log", "town", "#/log"],
  ["usage", "town", "#/usage"],
  ["diagnostics", "town", "#/diagnostics"],
  ["settings", "town", "#/settings"],
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
    await setTheme(page, "light");
  }
});
