// Every page that an administrator's navigation has, on a security server and
// on a center: axe in both languages and themes, 320 pixels, keyboard, tap
// targets, no word left in English. New pages are found by themselves.
import { browse, everything, none, ok, open, pagesOf, picture, signIn } from "./kit.mjs";

const [url, password, centerUrl, centerPassword] = process.argv.slice(2);

/** Names full of markup, where people may give any text at all. */
const evil = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>"'&amp;`;

/** Calls the machine's own interface as the page would; 2xx or the answer. */
function call(page, method, path, body) {
  return page.evaluate(async ([method, path, body]) => {
    const token = document.cookie.split("; ").find((c) => c.startsWith("XSRF-TOKEN="))?.slice(11) ?? "";
    const headers = { "Content-Type": "application/json", "X-XSRF-TOKEN": token };
    const answer = await fetch(`api/v1/${path}`, { method, headers, body: JSON.stringify(body) });
    return answer.ok ? "" : `${path}: ${answer.status} ${await answer.text()}`;
  }, [method, path, body]);
}

async function fill(page, name) {
  const of = {
    server: [
      ["POST", "clients", { client: { member_class: "COM", member_code: "2010401999001", subsystem_code: "markup", subsystem_name: evil }, ignore_warnings: true }],
      ["POST", "clients/LAB:COM:2010401999001:logistics/local-groups", { code: "markup", description: evil }],
      ["POST", "machilink/users", { name: "markup", display_name: evil, password: "correct horse battery", roles: ["XROAD_SECURITYSERVER_OBSERVER"] }],
      ["POST", "machilink/api-keys", { name: evil, roles: ["XROAD_SECURITYSERVER_OBSERVER"] }],
    ],
    center: [
      ["POST", "members", { member_id: { member_class: "COM", member_code: "2010401999001-x" }, member_name: evil }],
      ["POST", "global-groups", { code: "markup", description: evil }],
      ["POST", "machilink/users", { name: "markup", display_name: evil, password: "correct horse battery", roles: ["XROAD_SECURITYSERVER_OBSERVER"] }],
    ],
  };
  const refused = [];
  for (const [method, path, body] of of[name]) refused.push(await call(page, method, path, body));
  none(refused.filter(Boolean), `${name}: names full of markup are taken`);
}

/** Nothing of the names became an element or ran. */
async function harmless(page, what) {
  const found = await page.evaluate(() => [
    ...(window.pwned ? ["it ran"] : []),
    ...[...document.querySelectorAll("main img[src=x], main script, dialog img[src=x]")].map((x) => x.outerHTML),
  ]);
  none(found, `${what}: names are text`);
}

async function walk(page, at, secret, name) {
  await page.goto(`${at}/`);
  await signIn(page, "admin", secret);
  await fill(page, name);
  const all = await pagesOf(page);
  ok(all.length > 1, `${name}: ${all.length} pages`);
  for (const hash of all) {
    await open(page, hash);
    await harmless(page, `${name} ${hash}`);
    await everything(page, `${name} ${hash}`);
    await picture(page, `${name}-${hash.slice(2)}`);
  }
}

// A browser for each: a page that is not in front waits long for every frame.
await Promise.all([
  browse([url], ({ page }) => walk(page, url, password, "server")),
  browse([centerUrl], ({ page }) => walk(page, centerUrl, centerPassword, "center")),
]);
