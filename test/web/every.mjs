// Every page that an administrator's navigation has, on a security server and
// on a center: axe in both languages and themes, 320 pixels, keyboard, tap
// targets, no word left in English. New pages are found by themselves.
import { browse, everything, ok, open, pagesOf, picture, signIn } from "./kit.mjs";

const [url, password, centerUrl, centerPassword] = process.argv.slice(2);

async function walk(page, at, secret, name) {
  await page.goto(`${at}/`);
  await signIn(page, "admin", secret);
  const all = await pagesOf(page);
  ok(all.length > 1, `${name}: ${all.length} pages`);
  for (const hash of all) {
    await open(page, hash);
    await everything(page, `${name} ${hash}`);
    await picture(page, `${name}-${hash.slice(2)}`);
  }
}

await browse([url, centerUrl], async ({ page }) => {
  await walk(page, url, password, "server");
  await walk(page, centerUrl, centerPassword, "center");
});
