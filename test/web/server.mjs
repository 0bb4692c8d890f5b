// A service administrator's and a registration officer's work on the town's
// security server, until a call really passes, with and without consent; then what a reader sees who may
// not change it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request as plain } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { axe, browse, everything, keyboard, none, ok, open, picture, raw, settled, signIn, small, wide } from "./kit.mjs";

const [url, password, centerUrl, centerPassword, net, labDir] = process.argv.slice(2);
/** Where the company's information systems call; a lab may shift its ports. */
const door = 8080 + Number(new URL(url).port) - 4000;
const markup = '<img src=x onerror="document.title=1">';
const opendata = "LAB:GOV:9000020994014:opendata";
const logistics = "LAB:COM:2010401999001:logistics";
const of = (...parts) => `#/${parts.map(encodeURIComponent).join("/")}`;

/** The tab of a name, and what it reads. */
async function tab(page, title) {
  await page.getByRole("tab", { name: title, exact: true }).click();
  await settled(page);
}

const button = (page, name) => page.getByRole("button", { name, exact: true });
const dialog = (page) => page.locator("dialog[open]");
/** The dialog has closed, and what changed is read again. */
async function gone(page) {
  await page.waitForSelector("dialog[open]", { state: "detached" });
  await settled(page);
}
const row = (page, text) => page.locator("main tbody tr", { hasText: text });

/** The same for pages made of the same parts: what their content could break. */
async function quick(page, what) {
  none(await axe(page), `${what}: axe`);
  none(await wide(page), `${what}: 320 pixels`);
  none(await raw(page), `${what}: Japanese words`);
}

/** A call of the company's information system to a service of the town. */
function exchange(path) {
  return new Promise((done) => {
    const headers = { "X-Road-Client": "LAB/COM/2010401999001/logistics", Accept: "application/json" };
    const call = plain({ host: `${net}.3`, port: door, path, headers }, (answer) => {
      let text = "";
      answer.on("data", (piece) => { text += piece; });
      answer.on("end", () => done({ status: answer.statusCode, text }));
    });
    call.on("error", (e) => done({ status: 0, text: e.message }));
    call.end();
  });
}

/** The town's information system: a list of books, and what describes it: a
    parameter of a path is not declared, which is a warning. */
async function system() {
  const description = (at) => `openapi: 3.0.3
info: { title: Books, version: "1" }
servers: [ { url: "${at}" } ]
paths:
  /books: { get: { responses: { "200": { description: the books } } } }
  /books/{id}: { get: { responses: { "200": { description: one } } } }
`;
  const server = createServer((asked, reply) => {
    const at = `http://${net}.2:${server.address().port}`;
    if (asked.url === "/openapi.yaml") reply.setHeader("Content-Type", "application/yaml").end(description(at));
    else reply.setHeader("Content-Type", "application/json").end(JSON.stringify({ path: asked.url, title: "こころ" }));
  });
  await new Promise((go) => server.listen(0, `${net}.2`, go));
  return { url: `http://${net}.2:${server.address().port}`, end: () => server.close() };
}

async function addingClient(page) {
  await open(page, "#/clients");
  ok((await row(page, opendata).count()) === 1, "clients: the town's subsystem is listed");
  await page.getByRole("link", { name: "サブシステムを追加" }).click();
  await page.waitForSelector("main [name=subsystem_code]");
  await settled(page);
  await everything(page, "clients/add");
  ok((await page.inputValue("[name=member_code]")) === "9000020994014", "the wizard begins with the owner's code");
  await button(page, "次へ").click();
  await page.locator("[name=subsystem_code][aria-invalid=true]").waitFor();
  ok(true, "an empty code is refused at its field");
  await page.fill("[name=subsystem_code]", "library");
  await button(page, "次へ").click();
  await page.getByRole("radio", { name: /HTTP（暗号化なし）/ }).check();
  await button(page, "次へ").click();
  await page.getByRole("checkbox", { name: /続けてセンターに登録を申請する/ }).check();
  await button(page, "追加する").click();
  await page.getByRole("tab", { name: "状態" }).waitFor();
  await settled(page);
  ok(/library/.test(await page.textContent("h1")), "the new subsystem has its page");
  const state = await page.locator("main .section .light").first().textContent();
  ok(/登録(済み|を申請中)/.test(state), `and the center is asked (${state.trim()})`);
  await page.locator("main .section .light", { hasText: "登録済み" }).first().waitFor();
  ok(true, "whose answer the page shows by itself");
  await settled(page);
  await quick(page, "clients/one");
  await picture(page, "client");
}

async function addingService(page, books) {
  await open(page, of("clients", opendata));
  await tab(page, "提供するサービス");
  await button(page, "サービスを追加").click();
  await dialog(page).locator("[name=url]").fill("not an address");
  await dialog(page).locator("[name=rest_service_code]").fill("books");
  await dialog(page).getByRole("button", { name: "サービスを追加" }).click();
  await dialog(page).locator("[name=url][aria-invalid=true]").waitFor();
  ok(true, "an address that is none is refused at its field");
  await dialog(page).locator("[name=url]").fill(`${books}/list`);
  await dialog(page).getByRole("button", { name: "サービスを追加" }).click();
  await gone(page);
  const card = page.locator("main .card", { hasText: "books" });
  await card.waitFor();
  ok(/停止中/.test(await card.textContent()), "a new service is off");
  await everything(page, "clients/services");
  await button(page, "公開する: books").click();
  await button(page, "公開を止める: books").waitFor();
  ok((await exchange("/r1/LAB/GOV/9000020994014/opendata/books")).status === 500, "on, but nobody may call it");
}

/** What speaks against a description is shown and answered. */
async function described(page, books) {
  await open(page, of("clients", opendata));
  await tab(page, "提供するサービス");
  await button(page, "サービスを追加").click();
  await dialog(page).getByRole("radio", { name: /OpenAPI の定義あり/ }).check();
  await dialog(page).locator("[name=url]").fill(`${books}/openapi.yaml`);
  await dialog(page).locator("[name=rest_service_code]").fill("catalogue");
  await dialog(page).getByRole("button", { name: "サービスを追加" }).click();
  await page.getByText("確認が必要です").waitFor();
  const asked = page.locator("dialog[open]").last();
  ok(/OpenAPI 定義に注意すべき点/.test(await asked.textContent()), "warnings of a description are shown");
  await asked.getByRole("button", { name: "警告を確認して続ける" }).click();
  await gone(page);
  await page.locator("main .card", { hasText: "catalogue" }).waitFor();
  await open(page, of("services", `${opendata}:catalogue`));
  await tab(page, "エンドポイント");
  ok((await row(page, "/books/*").count()) === 1, "and its endpoints are there");
  await quick(page, "services/endpoints");
}

/** A rule of a service is made in its dialog, which says what is wrong first. */
async function ruled(page, opener, fields) {
  await button(page, opener).click();
  for (const [key, value] of Object.entries(fields)) {
    const field = dialog(page).locator(`[name=${key}]`);
    await (/_in$/.test(key) ? field.selectOption(value) : field.fill(value));
  }
  await button(dialog(page), "保存する").click();
}

/** Personal data: with consent alone, or without it and shown to the person. */
async function personal(page) {
  const path = "/r1/LAB/GOV/9000020994014/opendata/books";
  await open(page, `${of("services", `${opendata}:books`)}?tab=consent`);
  ok(/同意を確かめずに渡します/.test(await page.locator("#consent .empty").textContent()), "without a rule: what one would do");
  await ruled(page, "同意を必要にする", { subject_name: "X-Machilink-User-Id", purpose_name: "loan" });
  await dialog(page).locator("[name=subject_name][aria-invalid=true]").waitFor();
  ok(true, "a header of our own is refused at its field");
  none(await small(page), "services/consent, the form: tap targets");
  none(await keyboard(page), "services/consent, the form: keyboard");
  await quick(page, "services/consent, the form");
  await dialog(page).locator("[name=subject_in]").selectOption("xpath");
  await dialog(page).locator("[name=subject_name]").fill("p:get/p:id");
  await button(dialog(page), "保存する").click();
  await dialog(page).locator("[name=subject_name][aria-invalid=true]").waitFor();
  ok(/名前空間/.test(await dialog(page).locator(".field .error").textContent()), "and what the service refuses, too");
  await dialog(page).locator("[name=subject_in]").selectOption("header");
  await dialog(page).locator("[name=subject_name]").fill("X-Person-Id");
  await dialog(page).locator("[name=codes]").fill("title, author");
  await button(dialog(page), "保存する").click();
  await gone(page);
  const rule = await page.locator("#consent").textContent();
  ok(/HTTP ヘッダ: X-Person-Id/.test(rule) && /title、author/.test(rule), "the rule is listed");
  ok(/まだ宣言されていません/.test(rule), "and why it refuses everything here");
  await everything(page, "services/consent");
  const refused = await exchange(path);
  ok(refused.status === 500 && /consent/.test(refused.text), "a request without consent is refused at once");
  await button(page, "同意を不要にする").click();
  ok((await button(dialog(page), "同意を不要にする").getAttribute("aria-disabled")) === "true", "removing waits for the service's name");
  await dialog(page).getByRole("textbox").fill("books");
  await button(dialog(page), "同意を不要にする").click();
  await page.locator("#consent .empty").waitFor();
  ok((await exchange(path)).status === 200, "and then nobody is asked");
  await ruled(page, "本人に示す", { subject_in: "query", subject_name: "id", words_ja: markup, words_en: "Required by law" });
  await gone(page);
  const shown = await page.locator("#record").textContent();
  ok(shown.includes(markup) && /クエリ）: id/.test(shown), "what people are shown is listed, its words are text");
  ok((await exchange(path)).status === 500 && (await exchange(`${path}?id=1`)).status === 200, "who is asked about must be said");
  await button(page, "本人に示すのをやめる").click();
  ok(/books/.test(await dialog(page).textContent()), "taking it back asks, with the service's name");
  await button(dialog(page), "本人に示すのをやめる").click();
  await page.locator("#record .empty").waitFor();
  ok((await exchange(path)).status === 200, "and is done");
}

/** What Personal-Link knows is there to choose; a SOAP service has places of its own. */
async function declared(page) {
  const [rest, soap] = ["income-certificate", "income-certificate.v1"].map((x) => `${opendata}:${x}`);
  const rule = async (id) => (await api(page, "GET", `machilink/services/${id}/consent`)).json;
  await open(page, `${of("services", rest)}?tab=consent`);
  const before = await page.locator("#consent").textContent();
  ok(/所得の証明/.test(before) && /所得金額 \(income\)/.test(before), "the declaration and its items by their names");
  await button(page, "同意の決まりを変更").click();
  const item = (name) => dialog(page).getByRole("checkbox", { name });
  ok((await item("所得金額 (income)").isChecked()) && !(await item("町民税額 (tax)").isChecked()), "items to choose from");
  ok((await dialog(page).locator("datalist option[value=housing-allowance]").count()) === 1, "purposes, too");
  ok(/subject/.test(await dialog(page).textContent()), "whose identifier it is");
  await item("町民税額 (tax)").check();
  await button(dialog(page), "保存する").click();
  await gone(page);
  ok((await rule(rest)).items.join() === "income,tax", "what is ticked is wanted");
  await button(page, "同意を不要にする").click();
  await dialog(page).getByRole("textbox").fill("income-certificate");
  await button(dialog(page), "同意を不要にする").click();
  await page.locator("#consent .empty").waitFor();
  await open(page, `${of("services", soap)}?tab=consent`);
  await button(page, "同意を必要にする").click();
  await dialog(page).locator("[name=subject_in]").waitFor();
  const places = await dialog(page).locator("[name=subject_in] option").evaluateAll((all) => all.map((o) => o.value).filter(Boolean));
  ok(places.join() === "xpath,parameter", `places in a SOAP message (${places})`);
  await quick(page, "services/consent of a SOAP service, the form");
  await button(dialog(page), "キャンセル").click();
  await gone(page);
  await ruled(page, "同意を必要にする", { subject_in: "xpath", subject_name: "/e:Envelope/e:Body/p:get/p:id", purpose_name: "housing-allowance",
    namespaces: "e=http://schemas.xmlsoap.org/soap/envelope/\np=urn:p" });
  await gone(page);
  ok(/p=urn:p/.test(await page.locator("#consent").textContent()), "its rule is listed with the namespaces");
  const made = await rule(soap);
  ok(made.subject.in === "xpath" && made.namespaces.p === "urn:p", "and is there");
}

async function granting(page) {
  await open(page, of("services", `${opendata}:books`));
  ok(/まだ誰も使えません/.test(await page.textContent("main .empty")), "an empty list says what to do first");
  await button(page, "利用を許可").click();
  await dialog(page).locator("[name=search]").fill("物流");
  await dialog(page).getByRole("checkbox").first().check();
  await dialog(page).getByRole("button", { name: "利用を許可" }).click();
  await gone(page);
  await row(page, logistics).waitFor();
  const answer = await exchange("/r1/LAB/GOV/9000020994014/opendata/books");
  ok(answer.status === 200 && JSON.parse(answer.text).title === "こころ", `a call passes (${answer.status} ${answer.text.slice(0, 60)})`);
  await everything(page, "services/one");
  await picture(page, "service");
  await personal(page);
  await declared(page);
  await open(page, of("clients", opendata, "caller", logistics));
  ok((await row(page, "books").count()) === 1, "from the caller's side the right is seen too");
  await quick(page, "clients/caller");
  await row(page, "books").getByRole("button").click();
  ok(/books/.test(await dialog(page).textContent()) && /物流/.test(await dialog(page).textContent()), "taking it back asks, with both names");
  await dialog(page).getByRole("button", { name: "許可を取り消す" }).click();
  await gone(page);
  await row(page, "books").waitFor({ state: "detached" });
  ok((await exchange("/r1/LAB/GOV/9000020994014/opendata/books")).status === 500, "and holds at once");
}

async function parts(page) {
  await open(page, of("services", `${opendata}:books`));
  await tab(page, "エンドポイント");
  await button(page, "エンドポイントを追加").click();
  await dialog(page).locator("[name=path]").fill("/part/*");
  await dialog(page).getByRole("button", { name: "エンドポイントを追加" }).click();
  await gone(page);
  await page.getByRole("link", { name: "/part/*" }).click();
  await page.getByText("サービス全体を許可した相手は").waitFor();
  await settled(page);
  ok(/GET \/part\/\*/.test(await page.textContent("h1")), "an endpoint has its own rights");
  await open(page, of("services", `${opendata}:books`));
  await tab(page, "設定");
  await page.fill("[name=timeout]", "5000");
  await button(page, "保存する").click();
  ok(/1000 以下/.test(await page.textContent("main .field .error")), "a limit is said at its field");
  await page.fill("[name=timeout]", "30");
  await button(page, "保存する").click();
  await page.getByText("保存しました。").last().waitFor();
  ok(true, "and a good value is kept");
}

/** Descriptions and notices are people's texts: shown as they are. */
async function markups(page) {
  await open(page, of("clients", opendata));
  await tab(page, "ローカルグループ");
  await button(page, "グループを作成").click();
  await dialog(page).locator("[name=code]").fill("towns");
  await dialog(page).locator("[name=description]").fill(markup);
  await dialog(page).getByRole("button", { name: "グループを作成" }).click();
  await gone(page);
  await page.getByText(markup, { exact: true }).waitFor();
  await settled(page);
  await button(page, "サブシステムを入れる").click();
  await dialog(page).getByRole("checkbox").first().check();
  await dialog(page).getByRole("button", { name: "サブシステムを入れる" }).click();
  await gone(page);
  await row(page, "logistics").waitFor();
  ok(true, "a group has a member");
  await quick(page, "clients/group");
  await open(page, of("clients", opendata));
  await tab(page, "提供するサービス");
  await button(page, "公開を止める: books").click();
  await dialog(page).locator("[name=disabled_notice]").fill(markup);
  await dialog(page).getByRole("button", { name: "公開を止める" }).click();
  await gone(page);
  await page.getByText(`利用者へのお知らせ: ${markup}`).waitFor();
  ok((await page.locator("main img").count()) === 0, "names full of markup are text");
  none(await wide(page), "320 pixels: a notice");
}

/** A call of the administration, as whoever is signed in on the page. */
function api(page, method, path, body) {
  return page.evaluate(async ([method, path, body]) => {
    const token = document.cookie.split("; ").find((c) => c.startsWith("XSRF-TOKEN="))?.slice(11) ?? "";
    const headers = { "Content-Type": "application/json", "X-XSRF-TOKEN": token };
    const answer = await fetch(`api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
    return { status: answer.status, json: await answer.json().catch(() => null) };
  }, [method, path, body]);
}

/** What a press on something downloads. */
async function downloaded(page, where) {
  const [download] = await Promise.all([page.waitForEvent("download"), where.click()]);
  return { name: download.suggestedFilename(), file: await download.path() };
}

/** A certificate request from the wizard, issued by the center's authority. */
async function certificates(page, another) {
  await open(page, "#/keys");
  ok((await page.locator("main .life-line").count()) >= 3, "each certificate has its line");
  await picture(page, "keys");
  await page.getByRole("link", { name: "新しい証明書を申請" }).click();
  await page.waitForSelector("main [name=member]");
  await page.selectOption("[name=member]", "LAB:GOV:9000020994014");
  await page.fill("[name=label]", markup);
  await quick(page, "keys/new");
  await button(page, "次へ").click();
  await page.waitForSelector("[name=ca]");
  await button(page, "次へ").click();
  await page.waitForSelector("[name=O]");
  ok((await page.inputValue("[name=O]")) === "海風町", "the certificate will say what is registered");
  await button(page, "鍵と申請書を作成").click();
  await page.getByText("鍵と申請書ができました").waitFor();
  const got = await downloaded(page, page.getByRole("link", { name: "申請書（CSR）を保存" }));
  const csr = readFileSync(got.file, "utf8");
  ok(/^-----BEGIN CERTIFICATE REQUEST-----/.test(csr), `the request is saved as ${got.name}`);
  const desk = await another();
  await desk.goto(`${centerUrl}/`);
  await signIn(desk, "admin", centerPassword);
  const order = { csr, usage: "SIGNING", member_id: "LAB:GOV:9000020994014", security_server_id: "LAB:GOV:9000020994014:town-ss1" };
  const issued = await api(desk, "POST", "machilink/certificates", order);
  await desk.context().close();
  ok(issued.status === 200 || issued.status === 201, `the authority issues it (${issued.status})`);
  await open(page, "#/keys");
  ok((await page.getByText(markup, { exact: true }).count()) === 1, "a key's name is text");
  await button(page, "証明書を取り込む").click();
  await dialog(page).locator("[name=file]").setInputFiles({ name: "cert.pem", mimeType: "text/plain", buffer: Buffer.from("no certificate") });
  await dialog(page).getByRole("button", { name: "証明書を取り込む" }).click();
  await dialog(page).getByText("証明書として読めません").waitFor();
  ok(true, "what is no certificate is refused with what to do");
  await dialog(page).locator("[name=file]").setInputFiles({ name: "cert.pem", mimeType: "text/plain", buffer: Buffer.from(issued.json.certificate) });
  await dialog(page).getByRole("button", { name: "証明書を取り込む" }).click();
  await gone(page);
  await page.getByText("メンバー", { exact: true }).waitFor();
  await settled(page);
  ok(/海風町/.test(await page.textContent("h1")), "the certificate has its page");
  await quick(page, "keys/certificate");
  await page.locator("main .actions").getByRole("button", { name: /^削除/ }).click();
  await dialog(page).getByRole("button", { name: "削除" }).click();
  await page.waitForFunction(() => location.hash === "#/keys");
  await settled(page);
  ok(true, "and is deleted after a question");
}

/** A certificate of twenty days on the machine: seen on both pages. */
async function expiring(page) {
  const dir = mkdtempSync(join(tmpdir(), "machilink-ca-"));
  await open(page, "#/tls");
  await button(page, "申請書（CSR）を作成").click();
  const got = await downloaded(page, dialog(page).getByRole("button", { name: "作成して保存" }));
  await gone(page);
  const openssl = (...args) => execFileSync("openssl", args, { cwd: dir, stdio: "pipe" });
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Town CA", "-days", "30");
  openssl("x509", "-req", "-inform", readFileSync(got.file)[0] === 0x2d ? "PEM" : "DER", "-in", got.file, "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "7", "-days", "20", "-out", "cert.pem");
  await button(page, "証明書を取り込む").click();
  await dialog(page).locator("[name=file]").setInputFiles(join(dir, "cert.pem"));
  await dialog(page).getByRole("button", { name: "証明書を取り込む" }).click();
  await gone(page);
  await page.getByText("Town CA").waitFor();
  ok(/残り (19|20) 日/.test(await page.textContent("main .life")), "an expiring certificate: the days that are left");
  ok((await page.locator("main .life .light.bad").count()) === 1 && /今すぐ更新/.test(await page.textContent("main .life")), "with what to do");
  await open(page, "#/keys?tab=expiry");
  const first = page.locator("main tbody tr").first();
  ok(/業務システムとの接続用/.test(await first.textContent()) && (await first.locator(".light.wait").count()) === 1, "and it is the first of all ends");
  await quick(page, "keys/expiry");
  rmSync(dir, { recursive: true });
}

/** What was added goes again: taken back at the center first, then deleted. */
async function ending(page) {
  await open(page, of("clients", "LAB:GOV:9000020994014:library"));
  await button(page, "登録の取り消しを申請").click();
  await dialog(page).getByRole("button", { name: "登録の取り消しを申請" }).click();
  await gone(page);
  await button(page, "削除").click();
  const sure = dialog(page).getByRole("button", { name: "削除" });
  ok((await sure.getAttribute("aria-disabled")) === "true", "deleting waits until the name is typed");
  await dialog(page).getByRole("textbox").fill("library");
  await sure.click();
  await page.waitForFunction(() => location.hash === "#/clients");
  await settled(page);
  ok((await row(page, "library").count()) === 0, "a subsystem is deleted");
}

/** Locked keys are said to be so, and a wrong PIN what it is. */
async function locked(page, dir) {
  await open(page, "#/keys");
  await button(page, "ロックする").click();
  await dialog(page).getByRole("button", { name: "ロックする" }).click();
  await page.getByText("鍵がロックされています").waitFor();
  ok(true, "locked keys are said to stop exchanges");
  await button(page, "ロックを解除").click();
  await dialog(page).locator("[name=password]").fill("no PIN");
  await dialog(page).getByRole("button", { name: "ロックを解除" }).click();
  ok(/PIN/.test(await dialog(page).locator(".banner").textContent()), "a wrong PIN is said to be wrong");
  await dialog(page).locator("[name=password]").fill(readFileSync(join(dir, "town", "pin"), "utf8").trim());
  await dialog(page).getByRole("button", { name: "ロックを解除" }).click();
  await gone(page);
  await page.getByText("鍵がロックされています").waitFor({ state: "detached" });
  ok(true, "and the right one unlocks");
}

async function trust(page) {
  await open(page, "#/trust");
  const got = await downloaded(page, page.getByRole("link", { name: "アンカーを保存" }));
  await button(page, "新しいアンカーを取り込む").click();
  await dialog(page).locator("[name=file]").setInputFiles(got.file);
  await dialog(page).getByRole("button", { name: "次へ" }).click();
  await page.getByText("別の手段で知らされたもの").waitFor();
  await page.getByRole("button", { name: "同じなので取り込む" }).click();
  await gone(page);
  ok(true, "an anchor is taken after its fingerprint is compared");
  await tab(page, "タイムスタンプ局");
  await row(page, "LAB TSA").getByRole("button").click();
  ok(/最後のタイムスタンプ局/.test(await dialog(page).textContent()), "deleting the last time stamp service says what happens");
  await dialog(page).getByRole("button", { name: "キャンセル" }).click();
  await tab(page, "認証局");
  ok((await row(page, "LAB CA").count()) === 1, "the approved authorities");
}

/** An observer sees, and has no act; an address that is not theirs says so. */
async function reader(page) {
  const secret = "correct horse battery";
  for (const [name, role] of [["watcher", "XROAD_SECURITYSERVER_OBSERVER"], ["services", "XROAD_SERVICE_ADMINISTRATOR"]]) {
    const made = await api(page, "POST", "machilink/users", { name, display_name: name, password: secret, password_change_due: false, roles: [role] });
    ok(made.status < 300, `an account ${name} (${made.status})`);
  }
  const enter = async (name) => {
    await page.click("#sign-out");
    await signIn(page, name, secret);
  };
  await enter("watcher");
  const acts = () => page.locator("main .button:not(.text), main .section .button, main .card .button").allTextContents();
  for (const hash of ["#/clients", of("clients", opendata), `${of("clients", opendata)}?tab=services`, `${of("clients", opendata)}?tab=groups`,
    of("services", `${opendata}:evacuation-sites`), `${of("services", `${opendata}:evacuation-sites`)}?tab=consent`, "#/keys", "#/tls", "#/trust", "#/trust?tab=stamps"]) {
    await open(page, hash);
    none((await acts()).filter((x) => !/^(コピー|サブシステムを選ぶ)$/.test(x)), `an observer has no act at ${hash.slice(0, 40)}`);
  }
  await enter("services");
  ok(!(await page.textContent("#navigation")).includes("鍵と証明書鍵と証明書"), "a service administrator has no page of keys");
  await open(page, "#/keys");
  ok((await page.textContent("h1")) === "このページは表示できません", "and its address says so");
  ok((await api(page, "GET", "tokens")).status === 403, "the service refuses it too");
  ok((await api(page, "PUT", `clients/${opendata}/unregister`)).status === 403, "and what the page does not offer");
  await open(page, "#/clients/add");
  ok((await page.locator("main [name=subsystem_code]").count()) === 0, "the address of a wizard that is not theirs is no way in");
}

await browse([url, centerUrl], async ({ page, another }) => {
  const books = await system();
  await page.goto(`${url}/`);
  await signIn(page, "admin", password);
  await addingClient(page);
  await addingService(page, books.url);
  await described(page, books.url);
  await granting(page);
  await parts(page);
  await markups(page);
  books.end();
  await certificates(page, another);
  await expiring(page);
  await ending(page);
  await locked(page, labDir);
  await trust(page);
  await reader(page);
});
