// Drives the pages in a real browser: sign in, health, exchanges, verify in
// place, language, keyboard, an ended session.
import { createServer } from "node:http";
import { request } from "node:https";
import { axe, browse, none, ok, open, picture, raw, setLanguage, settled, signIn, until, wide } from "./kit.mjs";

const [url, password, centerUrl, centerPassword] = process.argv.slice(2);

async function signingIn(page) {
  const answer = await page.goto(`${url}/`);
  ok(answer.status() === 200, "the page is there");
  const policy = answer.headers()["content-security-policy"] ?? "";
  ok(/default-src 'self'/.test(policy) && !/unsafe/.test(policy), "with a strict content security policy");
  await page.waitForSelector("[name=name]");
  ok((await page.getAttribute("html", "lang")) === "ja", "Japanese is the default");
  ok((await page.textContent("h1")) === "ログイン", "the sign-in form");
  none(await axe(page), "axe: the sign-in form");
  none(await wide(page), "320 pixels: the sign-in form");
  await picture(page, "sign-in");
  await page.fill("[name=name]", "admin");
  await page.fill("[name=password]", "not the password");
  await page.keyboard.press("Enter");
  await page.waitForSelector("main .error");
  ok(/正しくありません/.test(await page.textContent("main .error")), "a wrong password is said in Japanese");
  none(await axe(page), "axe: the refusal");
  await signIn(page, "admin", password);
  await page.waitForFunction(() => document.activeElement?.id === "title");
  ok(true, "the focus goes to the heading");
}

/** What a first visit loads and how long it takes, nothing cached; the best of
    a few, because other work may be going on. */
async function quick(context) {
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  await tools.send("Network.enable");
  await tools.send("Network.setCacheDisabled", { cacheDisabled: true });
  let sum = 0;
  tools.on("Network.loadingFinished", (e) => { sum += e.encodedDataLength; });
  let best = Infinity;
  for (let i = 0; i < 10 && best > 1000; i++) {
    sum = 0;
    await page.goto(`${url}/`);
    await page.waitForSelector("[name=password]");
    best = Math.min(best, await page.evaluate(() => performance.now()));
  }
  ok(best <= 1000, `usable after ${Math.round(best)} ms`);
  ok(sum > 5000 && sum <= 150 * 1024, `${sum} bytes over the wire`);
  await page.close();
}

/** Below a path of a reverse proxy everything is found, and nothing beside it. */
async function proxied(context) {
  const beside = [];
  const proxy = createServer((asked, reply) => {
    if (!asked.url.startsWith("/town/link/")) {
      beside.push(asked.url);
      reply.writeHead(404).end();
      return;
    }
    const to = new URL(url + asked.url.slice("/town/link".length));
    const headers = { ...asked.headers, host: to.host };
    if (headers.origin) headers.origin = url; // as proxies are set up to do
    const call = request(to, { method: asked.method, headers, rejectUnauthorized: false }, (answer) => {
      // The browser speaks http to this proxy: cookies for https alone would not stay.
      const cookies = (answer.headers["set-cookie"] ?? []).map((c) => c.replace("; Secure", ""));
      reply.writeHead(answer.statusCode, { ...answer.headers, ...(cookies.length ? { "set-cookie": cookies } : {}) });
      answer.pipe(reply);
    });
    call.on("error", () => reply.destroy());
    asked.pipe(call);
  });
  await new Promise((go) => proxy.listen(0, "127.0.0.1", go));
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${proxy.address().port}/town/link/`);
  await signIn(page, "admin", password);
  await open(page, "#/log");
  ok((await page.$$("main tbody tr")).length >= 4, "below a path of a reverse proxy");
  await page.click("#sign-out");
  await page.waitForSelector("[name=password]");
  none(beside.filter((x) => x !== "/favicon.ico"), "nothing is asked for beside the path");
  await page.close();
  proxy.closeAllConnections();
  await new Promise((go) => proxy.close(go));
}

/** Nobody touches anything: a warning a minute before, and a way to go on. */
async function idle(context) {
  const page = await context.newPage();
  await page.clock.install();
  await page.goto(`${url}/`);
  await page.waitForSelector("#navigation");
  await settled(page); // each call begins the time anew
  await page.clock.fastForward(28 * 60 * 1000);
  ok((await page.$("dialog")) === null, "28 of 30 minutes: no warning");
  await page.clock.runFor(70 * 1000);
  await page.waitForSelector("dialog");
  ok(/まもなくログアウト/.test(await page.textContent("dialog h2")), "a minute before the end there is a warning");
  none(await axe(page), "axe: the warning");
  await page.click("dialog .solid");
  await page.waitForSelector("dialog", { state: "detached" });
  ok(true, "and the session goes on");
  await page.close();
}

/** Colours of the system instead of ours: states and focus do not vanish. */
async function forced(page) {
  await page.emulateMedia({ forcedColors: "active" });
  const edge = await page.$eval("main .banner", (x) => getComputedStyle(x).borderTopWidth);
  ok(parseFloat(edge) >= 1, "forced colours: a banner has its edge");
  const shape = await page.$eval("main .light span", (x) => x.textContent);
  ok(shape.trim() !== "", "and a light its shape");
  none(await wide(page), "and 320 pixels are enough");
  await page.emulateMedia({ forcedColors: "none", reducedMotion: "reduce" });
  const motion = await page.$eval("#navigation a", (x) => getComputedStyle(x).transitionDuration);
  ok(parseFloat(motion) === 0, "reduced motion: nothing moves");
  await page.emulateMedia({ reducedMotion: "no-preference" });
}

async function home(page) {
  ok((await page.title()).startsWith("ホーム"), "the title follows");
  const roles = await page.$$eval(".role", (list) => list.map((x) => x.dataset.role));
  ok(roles.includes("security-server") && roles.includes("adapter"), `health of the roles: ${roles}`);
  ok((await page.$$eval(".role > p .light.bad", (list) => list.length)) === 0, "every light is good");
  none(await raw(page), "every key has a Japanese word");
}

async function log(page) {
  await open(page, "#/log");
  const rows = await page.$$eval("main tbody tr", (list) => list.length);
  ok(rows >= 4, `the last exchanges (${rows})`);
  const row = page.locator("main tbody tr", { hasText: "タイムスタンプ済み" }).first();
  const stamped = await until(async () => {
    await page.click("main .page-header button");
    await settled(page);
    return (await row.count()) === 1;
  });
  ok(stamped, "with their state");
  await row.locator("button").click();
  await row.locator(".verdict[data-verdict]").waitFor();
  ok((await row.locator(".verdict").getAttribute("data-verdict")) === "valid", "verify in place: valid");
  ok(/有効です.*署名者: /s.test(await row.locator(".verdict").textContent()), "in words");
  none(await axe(page), "axe: the verdict");
  const [download] = await Promise.all([page.waitForEvent("download"), row.locator("a.button").click()]);
  ok(/\.asice$/.test(download.suggestedFilename()), `download: ${download.suggestedFilename()}`);
}

/** Help has pictures of the pages, part of the pages themselves. */
async function pictured(page) {
  await open(page, "#/help");
  const topics = await page.$$eval(".help-list a", (list) => list.map((x) => x.getAttribute("href")));
  const bad = [];
  let seen = 0;
  for (const hash of topics) {
    await open(page, hash);
    for (const image of await page.locator("main img").all()) {
      await image.scrollIntoViewIfNeeded(); // they come when they are seen
      const there = await until(() => image.evaluate((x) => x.complete));
      if (!there || !(await image.evaluate((x) => x.naturalWidth > 600))) bad.push(`${hash} ${await image.getAttribute("src")}`);
      if (!(await image.getAttribute("alt"))) bad.push(`${hash}: no words`);
      if (!seen++) {
        none(await wide(page), "320 pixels: help with a picture");
        none(await axe(page), "axe: help with a picture");
      }
    }
  }
  none(seen >= 5 ? bad : [`only ${seen}`], "the pictures of help are there");
}

async function languages(page) {
  await setLanguage(page, "en");
  ok((await page.textContent("h1")) === "Message log", "English on demand");
  await page.reload();
  await page.waitForSelector("main tbody tr");
  ok((await page.getAttribute("html", "lang")) === "en", "and it is remembered");
  await page.keyboard.press("Tab");
  ok((await page.evaluate(() => document.activeElement?.className)) === "skip", "the first Tab is the skip link");
  await page.keyboard.press("Enter");
  ok((await page.evaluate(() => document.activeElement?.id)) === "main", "which leads to the content");
  await setLanguage(page, "ja");
}

/** The session ends on the server; what is on the page stays. */
async function ended(page) {
  await page.fill("main input[type=search]", "optional");
  await page.context().clearCookies();
  await page.click("main .page-header button");
  await page.waitForSelector("dialog [name=password]");
  ok((await page.inputValue("dialog [name=name]")) === "admin", "an ended session asks for the password again");
  none(await axe(page), "axe: the dialog");
  await page.fill("dialog [name=password]", password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog", { state: "detached" });
  ok((await page.inputValue("main input[type=search]")) === "optional", "and the page goes on where it was");
}

async function leaving(page, context) {
  await open(page, "#/no-such-page");
  ok((await page.textContent("h1")) === "ページが見つかりません", "an unknown page is said to be one");
  await page.click("#sign-out");
  await page.waitForSelector("[name=name]");
  ok(true, "sign out");
  ok((await page.evaluate(() => fetch("api/v1/user").then((r) => r.status))) === 401, "the session is over");
  ok((await context.cookies()).length === 0, "no cookie is left");
}

async function center(page) {
  await page.goto(`${centerUrl}/#/log`);
  await signIn(page, "admin", centerPassword);
  ok((await page.textContent("h1")) === "このページは表示できません", "center: keeps no exchanges and says so");
  await open(page, "#/home");
  none(await raw(page), "center: every key has a Japanese word");
}

await browse([url, centerUrl], async ({ page, context }) => {
  await quick(context);
  await proxied(context);
  await signingIn(page);
  await home(page);
  await forced(page);
  await idle(context);
  await pictured(page);
  await log(page);
  await languages(page);
  await ended(page);
  await leaving(page, context);
  await center(page);
});
