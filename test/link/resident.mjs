// What residents do and what attackers try, against the pages that
// resident_test.c runs. Prints one line per check.
import { readFileSync } from "node:fs";
import { makeKey, startProvider } from "./provider.mjs";
import { Visitor, forms } from "./visitor.mjs";
import { browse } from "./resident_browser.mjs";

process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // of this process: pages and providers have their own authorities
const [pagesPort, onePort, twoPort, doorPort, dir] = process.argv.slice(2);
const base = `https://127.0.0.1:${pagesPort}`;
const secret = readFileSync(`${dir}/secret`, "utf8").trim();
let failed = 0;

function ok(good, what) {
  if (!good) failed++;
  console.log(`${good ? "ok" : "not ok"} - ${what}`.replaceAll("\n", " "));
}
function is(got, want, what) {
  ok(got === want, `${what}${got === want ? "" : `: got ${got}, want ${want}`}`);
}
async function door(path) {
  const answer = await fetch(`http://127.0.0.1:${doorPort}${path}`, { method: "POST" });
  if (answer.status !== 200) throw new Error(`${path}: ${await answer.text()}`);
  return answer.text();
}
const ask = async () => (await door("/ask")).split(" ");
const stateOf = (reference) => door(`/state?reference=${reference}`);
const atBack = (url) => url.startsWith(`${base}/callback/`);

/** Signs in; the page where it ends. */
async function signIn(visitor, name, provider = "one", from = `${base}/ja/login/${provider}`) {
  return visitor.atProvider(await visitor.go(from), name);
}
/** Signs in and registers when new. */
async function enter(name, provider = "one") {
  const visitor = new Visitor();
  let page = await signIn(visitor, name, provider);
  if (/\/welcome$/.test(page.url)) page = await visitor.send(page, /register/);
  return [visitor, page];
}

const headersWanted = {
  "content-security-policy": /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/,
  "x-frame-options": /^DENY$/,
  "x-content-type-options": /^nosniff$/,
  "referrer-policy": /^same-origin$/,
  "cache-control": /^no-store$/,
  "strict-transport-security": /max-age=\d+/,
};
function headersGood(page, what) {
  for (const [name, want] of Object.entries(headersWanted))
    if (!want.test(page.headers.get(name) ?? "")) return ok(false, `${what}: ${name} ${page.headers.get(name)}`);
  ok(!/script/i.test(page.headers.get("content-security-policy")), `${what}: framing, scripts and caches are refused`);
}

async function entrance() {
  const visitor = new Visitor();
  let page = await visitor.one(`${base}/`, { headers: { "Accept-Language": "en-GB,en" } });
  is(page.next, `${base}/en/`, "English browsers get English");
  page = await visitor.one(`${base}/`);
  is(page.next, `${base}/ja/`, "others Japanese");
  page = await visitor.go(`${base}/ja/`);
  is(page.status, 200, "the first page");
  is(visitor.cookies(base), "", "sets no cookie");
  headersGood(page, "first page");
  ok(page.text.includes("一番のカード") && page.text.includes("二番の&lt;b&gt;"), "providers by their names, as text");
  ok(page.text.includes("町の&lt;i&gt;組合"), "the operator's name, as text");
  ok(!/<script|javascript:|\son\w+=/i.test(page.text), "no script");
  for (const path of ["/ja/about", "/en/about", "/ja/accessibility", "/en/accessibility"])
    is((await visitor.one(base + path)).status, 200, path);
  for (const path of ["/ja/consents", "/en/services", "/ja/history", "/ja/download", "/ja/consent/x", "/ja/evidence/1", "/ja/leave", "/ja/request", "/ja/connect", "/ja/join", "/ja/download/personal-link.json"])
    is((await visitor.one(base + path)).next, `${base}/${path.slice(1, 3)}/?sign-in`, `${path} is for who is signed in`);
  for (const path of ["/fr/", "/ja/none", "//evil.example/", "/ja/login/none", "/callback/none?code=1&state=2"]) {
    page = await visitor.one(base + path);
    is(page.status, 404, `${path}: not there`);
    headersGood(page, path);
  }
  is((await visitor.one(`${base}/ja/`, { method: "HEAD" })).status, 200, "HEAD");
  is((await visitor.one(`${base}/resident.css`)).headers.get("content-type"), "text/css; charset=utf-8", "the style sheet");
}

async function firstTime() {
  const visitor = new Visitor();
  let page = await visitor.one(`${base}/ja/login/one?next=https://evil.example/`);
  const question = new URL(page.next);
  is(question.origin, `https://127.0.0.1:${onePort}`, "to the provider");
  is(question.searchParams.get("scope"), "openid", "who, and nothing else");
  const cookie = page.headers.getSetCookie()[0];
  ok(/^__Host-visit=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/.test(cookie), `the one cookie: ${cookie}`);
  const before = visitor.cookies(base);
  page = await visitor.atProvider(await visitor.go(page.next), "hanako", atBack);
  const back = page.next;
  ok(atBack(back), "back with a code");

  const stranger = new Visitor();
  is((await stranger.go(back)).status, 400, "the answer in another browser is worth nothing");
  page = await visitor.go(back);
  is(page.url, `${base}/ja/welcome`, "an unknown account is asked to register");
  headersGood(page, "welcome");
  ok(visitor.cookies(base) !== before, "another visit id after signing in");
  const fixed = new Visitor();
  fixed.jar.set(base, new Map([before.split("=")]));
  is((await fixed.one(`${base}/ja/consents`)).next, `${base}/ja/?sign-in`, "the id from before is worth nothing");
  is((await visitor.one(back)).status, 400, "the answer twice");

  is((await visitor.one(`${base}/ja/consents`)).next, `${base}/ja/?sign-in`, "not registered, not in");
  page = await visitor.send(page, /register/);
  is(page.url, `${base}/ja/`, "registered");
  ok(page.text.includes("登録しました"), "and told so");
  ok(!(await visitor.go(`${base}/ja/`)).text.includes("登録しました"), "once");
  is((await visitor.send(page, /logout/)).url, `${base}/ja/?signed-out`, "out");
  is(visitor.cookies(base), "", "no cookie is left");
  page = await signIn(visitor, "hanako");
  is(page.url, `${base}/ja/`, "known the second time");
  is((await visitor.one(`${base}/en/`)).status, 200, "English too");
  for (const path of ["//evil.example/", "/ja//evil.example", "/\\\\evil.example", "/ja/login/one?next=https://evil.example/",
    "/ja/?return=https://evil.example/", "/evil.example/", "/ja/request?return_url=https://evil.example/", "/ja/join?to=//evil.example"]) {
    const next = (await visitor.one(base + path)).next;
    ok(!next || [base, `https://127.0.0.1:${onePort}`].includes(new URL(next, base).origin), `no way out by ${path}`);
    ok(!next || !next.includes("evil"), `nothing of ${path} goes on`);
  }

  const tabs = new Visitor();
  const older = new URL((await tabs.one(`${base}/ja/login/one`)).next).searchParams.get("state");
  const newer = (await tabs.one(`${base}/ja/login/one`)).next;
  is((await tabs.one(`${base}/callback/one?code=x&state=${older}`)).status, 400, "an answer that another tab has replaced");
  is((await tabs.atProvider(await tabs.go(newer), "hanako")).url, `${base}/ja/`, "does not end that tab's");

  const second = new Visitor();
  page = await second.one(`${base}/ja/login/one`);
  const state = new URL(page.next).searchParams.get("state");
  const used = new URL(back);
  used.searchParams.set("state", state);
  page = await second.one(used.href);
  is(page.status, 401, "a used code with a fresh state");
  ok(page.text.includes("サインインしていません"), "is explained");
  page = await second.one(`${base}/ja/login/one`);
  const no = `${base}/callback/one?error=access_denied&state=${new URL(page.next).searchParams.get("state")}&iss=https%3A%2F%2F127.0.0.1%3A${onePort}`;
  page = await second.one(no);
  is(page.status, 403, "the person said no");
  page = await second.one(`${base}/ja/login/one`);
  page = await second.one(`${base}/callback/two?code=x&state=${new URL(page.next).searchParams.get("state")}`);
  is(page.status, 400, "the answer of another provider");
  page = await second.one(`${base}/ja/login/one`);
  page = await second.one(`${base}/callback/one?code=x&state=${new URL(page.next).searchParams.get("state")}&iss=https://evil.example`);
  is(page.status, 401, "mixed up with another provider");
  return visitor;
}

async function consents(hanako) {
  await door("/linked?sub=hanako");
  const [reference, link] = await ask();
  let page = await new Visitor().go(link);
  ok(page.text.includes("会社") && !page.text.includes("課税証明"), "before signing in a link tells who, not what");
  page = await hanako.go(link);
  is(page.url, `${base}/ja/request`, "the link leads to the request");
  for (const word of ["会社", "町", "課税証明", "所得と税の額", "所得を確かめるため", "本人の同意", "断ると", "https://www.example.org/privacy"])
    ok(page.text.includes(word), `the request says ${word}`);
  ok(!/checked/.test(page.text), "nothing is ticked beforehand");
  const until = page.text.match(/name="until"[^>]*max="([\d-]+)"/)[1];

  const [taro] = await enter("taro");
  let other = await taro.go(link);
  ok(other.status === 200 && other.url === `${base}/ja/request`, "taro, too, may look at a link that is nobody's");
  is((await hanako.go(link)).status, 200, "which uses nothing up");
  is((await taro.one(`${base}/ja/consent/${reference}`)).status, 404, "taro cannot see it by its number");

  const form = forms(page.text).find((f) => /give$/.test(f.action));
  const post = (visitor, fields, headers = {}) => visitor.one(new URL(form.action, base).href, {
    method: "POST", body: new URLSearchParams(fields).toString(),
    headers: { "Content-Type": "application/x-www-form-urlencoded", ...headers },
  });
  const token = form.fields.find(([k]) => k === "token")[1];
  const good = [["token", token], ["item", "income"], ["until", until]];
  const decline = forms(page.text).find((f) => /decline$/.test(f.action)).fields.find(([k]) => k === "token")[1];
  for (const [what, fields, headers, who] of [
    ["without a token", good.slice(1), {}, hanako],
    ["with another form's token", [["token", decline], ...good.slice(1)], {}, hanako],
    ["with two tokens", [["token", token], ...good], {}, hanako],
    ["with hanako's token by taro", good, {}, taro],
    ["with hanako's token by nobody", good, {}, new Visitor()],
    ["from another site", good, { Origin: "https://evil.example" }, hanako],
    ["from a page without origin", good, { Origin: "null" }, hanako],
    ["from another site, says the browser", good, { "Sec-Fetch-Site": "cross-site" }, hanako],
  ]) is((await post(who, fields, headers)).status, 403, `a form ${what}`);
  is((await post(hanako, good, { "Content-Type": "text/plain" })).status, 400, "no form at all");
  is(await stateOf(reference), "requested", "nothing of that did anything");

  good.push(["from", "request"]);
  for (const [what, fields] of [
    ["no item", [good[0], good[2], good[3]]],
    ["an item nobody asked for", [good[0], ["item", "address"], good[2], good[3]]],
    ["no day", [...good.slice(0, 2), good[3]]],
    ["yesterday", [...good.slice(0, 2), ["until", "2020-01-01"], good[3]]],
    ["in a hundred years", [...good.slice(0, 2), ["until", "2126-01-01"], good[3]]],
    ["a day that is none", [...good.slice(0, 2), ["until", "2026-02-31"], good[3]]],
  ]) {
    page = await post(hanako, fields);
    is(page.status, 400, `giving with ${what}`);
    ok(/role="alert"/.test(page.text) && /give"/.test(page.text), `giving with ${what}: the form again, with why`);
  }
  is(await stateOf(reference), "requested", "still undecided");
  is((await taro.go(`${base}/ja/request`)).status, 404, "the page that taro left open is nobody's any more");
  other = await taro.go(link);
  is(other.status, 403, "the link is hanako's, who pressed something first");
  ok(other.text.includes("別の人"), "and taro is told");

  page = await post(hanako, good, { Origin: base, "Sec-Fetch-Site": "same-origin" });
  is(page.next, `${base}/ja/request`, "given");
  page = await hanako.go(page.next);
  is(page.status, 200, "the page stays");
  is(await stateOf(reference), "approved", "at the center too");
  is((await hanako.go(link)).status, 403, "an answered link does not open again");
  page = await hanako.go(`${base}/ja/consent/${reference}`);
  ok(page.text.includes("許諾中") && page.text.includes("所得額") && /checked/.test(page.text), "the consent in force");
  ok(page.text.includes("すでに渡ったデータは"), "what taking back means");

  await door(`/transfer?reference=${reference}`);
  page = await hanako.go(`${base}/ja/history`);
  is((page.text.match(/<tr>/g) ?? []).length, 2, "one transfer in the history");
  ok(page.text.includes("会社") && page.text.includes("補助金の申請"), "with who and why");
  ok(page.text.includes("<br>所得額</td>"), "and what, by its name");
  ok((await hanako.go(`${base}/ja/download/transfers.csv`)).text.includes('"所得額"'), "in the file, too");
  ok((await taro.go(`${base}/ja/history`)).text.includes("まだ渡されていません"), "taro has none");

  page = await hanako.go(`${base}/ja/download/personal-link.json`);
  const doc = JSON.parse(page.text);
  is(doc.consents.length, 1, "JSON: the consent");
  is(doc.consents[0].steps.at(-1).reason, "given", "its steps");
  is(doc.transfers.length, 1, "the transfer");
  ok(doc.accounts[0].subject === "hanako" && doc.links.length === 2, "accounts and links");
  ok(/attachment/.test(page.headers.get("content-disposition")), "as a file");
  for (const name of ["consents.csv", "transfers.csv"]) {
    page = await hanako.go(`${base}/ja/download/${name}`);
    is(page.text.trim().split("\r\n").length, 2, name);
  }
  is((await hanako.one(`${base}/ja/download/other`)).status, 404, "no other downloads");

  page = await hanako.go(`${base}/ja/consent/${reference}`);
  ok(page.text.includes("作成中です"), "the signed proof is being made");
  await door("/prove");
  page = await hanako.go(`${base}/ja/consent/${reference}`);
  const proof = page.text.match(/href="(\/ja\/evidence\/\d+)"/)[1];
  page = await hanako.go(base + proof);
  is(page.text, "a container", "then it can be downloaded");
  is(page.headers.get("content-type"), "application/vnd.etsi.asic-e+zip", "as what it is");
  is((await taro.go(base + proof)).status, 404, "by nobody else");
  page = await hanako.go(`${base}/ja/consent/${reference}`);
  page = await hanako.send(page, /withdraw$/);
  ok(page.text.includes("取り消しました"), "taken back with one press");
  is(await stateOf(reference), "withdrawn", "at the center too");
  page = await hanako.go(`${base}/ja/consent/${reference}`);
  ok(!/withdraw"/.test(page.text) && !/give"/.test(page.text), "nothing more to press");
  return taro;
}

async function links(hanako, taro) {
  const [reference, link] = await ask();
  await door("/shift?s=700000");
  is((await new Visitor().go(link)).status, 403, "a link expires");
  ok((await new Visitor().go(link, { headers: { "Accept-Language": "en" } })).text.includes("expired"), "in English too");
  await door("/shift?s=0");
  is((await new Visitor().go(link.replace(/.$/, (c) => (c === "A" ? "B" : "A")))).status, 404, "a link that nobody made");
  is((await new Visitor().go(`${base}/t/x`)).status, 404, "no link at all");
  let page = await hanako.go(link);
  page = await hanako.send(page, /decline$/);
  is(page.url, `${base}/ja/request`, "declining does not lose the page");
  ok(page.text.includes("断りました") && page.text.includes("すべての依頼に返事をしました"), "and says what is left to do");
  is(await stateOf(reference), "declined", "declined");

  const visitor = new Visitor();
  const [later, open] = await ask();
  await visitor.go(open);
  page = await signIn(visitor, "jiro");
  is(page.url, `${base}/ja/welcome`, "a link before registering");
  page = await visitor.send(page, /register/);
  is(page.url, `${base}/ja/request`, "is still there afterwards");
  page = await visitor.send(page, /give$/, [["item", "income"]]);
  is(page.status, 400, "data of an organisation that is not linked");
  ok(page.text.includes("先に連携してください"), "says what to do");
  is(await stateOf(later), "requested", "waits");

  const invitation = await door("/invite");
  page = await taro.go(invitation);
  is(page.url, `${base}/ja/connect`, "an invitation to link");
  page = await taro.send(page, /connect$/);
  const back = page.text.match(/href="(https:\/\/www\.example\.org\/7001\/back[^"]*)"/)?.[1] ?? "";
  ok(/ticket=[\w-]{43}/.test(back) && /state=s1/.test(back), `back to the registered address: ${back}`);
  ok(page.headers.get("location") === null, "by pressing, not by itself");
  is((await taro.go(invitation)).status, 403, "the invitation is used");
  page = await taro.go(`${base}/ja/services`);
  ok(page.text.includes("手続き中"), "the link is being made");
  page = await taro.send(page, /unlink/);
  ok(page.text.includes("解除しました"), "and ended");
  page = await taro.go(await door("/invite"));
  is((await taro.send(page, /connect\/no$/)).url, `${base}/ja/`, "or refused");
}

async function accounts(hanako, two) {
  let page = await signIn(hanako, "hana-2", "two", `${base}/ja/login/two`);
  is(page.url, `${base}/ja/join`, "a second provider asks first");
  ok(page.text.includes("二番の&lt;b&gt;"), "which");
  page = await hanako.send(page, /join$/);
  ok(page.text.includes("アカウントを追加しました"), "added");
  const [again, home] = await enter("hana-2", "two");
  is(home.url, `${base}/ja/`, "either way leads in");
  ok((await again.go(`${base}/ja/consents`)).text.includes("取り消しました"), "to the same person");

  const [reference, link] = await ask();
  page = await again.go(link);
  page = await again.send(page, /give$/, [["item", "income"]]);
  ok(page.status === 400 && page.text.includes("より確かな本人確認"), "a weaker sign-in cannot give this");
  is(await stateOf(reference), "requested", "and did not");
  page = await signIn(again, "hanako", "one", new URL(page.text.match(/href="(\/ja\/login\/one)"/)[1], base).href);
  is(page.url, `${base}/ja/request`, "the stronger one is a link away, and leads back");
  page = await again.send(page, /give$/, [["item", "income"]]);
  is(await stateOf(reference), "approved", "now it is given");

  page = await signIn(again, "taro", "one", `${base}/ja/login/one`);
  is(page.status, 409, "somebody else's account is not taken over");
  page = await signIn(again, "nobody-yet", "one", `${base}/ja/login/one`);
  if (/interaction|login/.test(page.url)) ok(false, `unexpected ${page.url}`);

  two.change([makeKey("RS256", "second")]);
  page = (await enter("hana-2", "two"))[1];
  is(page.url, `${base}/ja/`, "the provider's new key is taken");

  page = await hanako.go(`${base}/ja/services`);
  const remove = forms(page.text).filter((f) => /remove$/.test(f.action));
  is(remove.length, 2, "two accounts to remove");
  page = await hanako.send(page, /二番/);
  ok(page.text.includes("外しました"), "removed");
  ok(!forms(page.text).some((f) => /remove$/.test(f.action)), "the last one stays");
  is((await enter("hana-2", "two"))[1].url, `${base}/ja/`, "the removed account is free for a new registration");

  const fresh = new Visitor();
  page = await signIn(fresh, "hanako-new", "two");
  is(page.url, `${base}/ja/welcome`, "a changed account: unknown");
  page = await fresh.atProvider(await fresh.go(`${base}/ja/login/one`), "hanako");
  is(page.url, `${base}/ja/join`, "but who signs in the old way can add it");
  page = await fresh.send(page, /join$/);
  ok(page.text.includes("アカウントを追加しました"), "added to the old person");
}

async function represent() {
  await enter("mother");
  await enter("child");
  await door("/child?parent=mother&child=child");
  const [mother] = await enter("mother");
  let page = await mother.go(`${base}/ja/services`);
  ok(page.text.includes("子ども (町が確認"), "a child, as the town says");
  page = await mother.send(page, /represent$/);
  ok(page.text.includes("代理で手続きしています"), "acting for the child is shown");
  ok((await mother.go(`${base}/en/consents`)).text.includes("acting for somebody else"), "on every page");
  page = await mother.send(page, /represent$/);
  ok(!page.text.includes("代理で手続きしています"), "and ends");
  await forChild(mother);
  const [child] = await enter("child");
  page = await child.go(`${base}/ja/services`);
  ok(page.text.includes("あなたの代理の人") && page.text.includes("子どものあなたの代理 (町が確認"), "the child sees who acts for it");
  const [taro] = await enter("taro");
  page = await taro.go(`${base}/ja/services`);
  ok(!page.text.includes("あなたの代理の人"), "nobody acts for taro");
  is((await taro.send(page, /logout/)).url, `${base}/ja/?signed-out`, "out");
}

// Links that are meant for the child, or could be, in its mother's browser.
async function forChild(mother) {
  let page = await mother.go(await door("/ask-for?sub=child"));
  ok(page.url === `${base}/ja/request` && page.text.includes("代理で手続きしています"), "a link that is meant for the child");
  page = await mother.send(page, /decline$/);
  ok(page.text.includes("断りました"), "is answered by its mother");
  page = await mother.send(page, /represent$/);
  page = await mother.go(await door("/invite"));
  ok(page.text.includes("代理として続けてください"), "a link that could be the child's");
  page = await mother.send(page, /represent$/);
  is(page.url, `${base}/ja/connect`, "goes on for the child");
  page = await mother.send(page, /connect$/);
  ok(page.text.includes("手続きを受け付けました"), "linked");
  page = await mother.go(`${base}/ja/services`);
  ok(!page.text.includes("サインインの方法") && !forms(page.text).some((f) => /remove$/.test(f.action)), "its mother's accounts stay out of it");
  is((await mother.go(`${base}/ja/leave`)).url, `${base}/ja/services`, "nobody leaves for another");
  page = await mother.send(await mother.go(`${base}/ja/services`), /represent$/);
  ok(!page.text.includes("代理で手続きしています"), "for herself again");
}

async function leave() {
  const [visitor] = await enter("leaver");
  let page = await visitor.go(`${base}/ja/leave`);
  page = await visitor.send(page, /leave$/);
  is(page.status, 400, "leaving wants a tick");
  page = await visitor.send(page, /leave$/, [["sure", "yes"]]);
  is(page.url, `${base}/ja/?left`, "left");
  is((await signIn(visitor, "leaver")).url, `${base}/ja/welcome`, "and unknown again");
}

const provider = (port, alg, auth, name) => startProvider({
  port, dir, alg, auth, secret, redirect: `${base}/callback/${name}`,
});
const one = await provider(onePort, "ES256", "client_secret_basic", "one");
const two = await provider(twoPort, "RS256", "client_secret_post", "two");
try {
  await entrance();
  const hanako = await firstTime();
  const taro = await consents(hanako);
  await links(hanako, taro);
  await accounts(hanako, two);
  await represent();
  await leave();
  await browse({ base, ok, is, door, ask, stateOf });
} catch (problem) {
  ok(false, String(problem.stack));
} finally {
  await one.close();
  await two.close();
}
process.exit(failed ? 1 : 0);
