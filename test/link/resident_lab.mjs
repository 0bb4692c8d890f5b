// Residents for link.t: signs in at a provider of other people and does what
// each line of standard input says, one line "> JSON" as answer.
//   ["forget", name]                is signed in no more
//   ["link", url, name]             agrees to be linked; the ticket
//   ["give", url, name, [item]]     gives what a one-time link asks for
//   ["change", reference, name, [item]]   gives other items
//   ["withdraw", reference, name]   takes a consent back
//   ["history", name]               the download
//   ["container", reference, name, file]  the newest signed decision
import { createInterface } from "node:readline";
import { readFileSync, writeFileSync } from "node:fs";
import { startProvider } from "./provider.mjs";
import { Visitor } from "./visitor.mjs";

process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // of this process: the test's own authority
const [base, port, dir] = process.argv.slice(2);
const provider = await startProvider({
  port: Number(port), dir, alg: "ES256", auth: "client_secret_basic",
  secret: readFileSync(`${dir}/secret`, "utf8").trim(), redirect: `${base}/callback/one`,
});
const residents = new Map();

async function enter(name) {
  if (residents.has(name)) return residents.get(name);
  const visitor = new Visitor();
  const page = await visitor.atProvider(await visitor.go(`${base}/ja/login/one`), name);
  if (/\/welcome$/.test(page.url)) await visitor.send(page, /register/);
  residents.set(name, visitor);
  return visitor;
}

const can = {
  async forget(name) {
    return residents.delete(name);
  },
  async link(url, name) {
    const visitor = await enter(name);
    const page = await visitor.send(await visitor.go(url), /connect$/);
    return page.text.match(/ticket=([\w-]{43})/)[1];
  },
  async give(url, name, items) {
    const visitor = await enter(name);
    const page = await visitor.go(url);
    const after = await visitor.send(page, /give$/, items.map((i) => ["item", i]));
    return after.status === 200 ? 200 : after.text;
  },
  async change(reference, name, items) {
    const visitor = await enter(name);
    const page = await visitor.go(`${base}/ja/consent/${reference}`);
    return (await visitor.send(page, /give$/, items.map((i) => ["item", i]))).status;
  },
  async withdraw(reference, name) {
    const visitor = await enter(name);
    const page = await visitor.go(`${base}/ja/consent/${reference}`);
    return (await visitor.send(page, /withdraw$/)).text.includes("取り消しました");
  },
  async history(name) {
    const visitor = await enter(name);
    return JSON.parse((await visitor.go(`${base}/ja/download/personal-link.json`)).text);
  },
  async container(reference, name, file) {
    const visitor = await enter(name);
    const page = await visitor.go(`${base}/ja/consent/${reference}`);
    const path = [...page.text.matchAll(/href="([^"]*\/evidence\/\d+)"/g)].at(-1)?.[1];
    if (!path) return 0;
    const answer = await fetch(new URL(path, base), { headers: { Cookie: visitor.cookies(base) } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    writeFileSync(file, bytes);
    return answer.status === 200 ? bytes.length : 0;
  },
};

console.log("> \"ready\"");
for await (const line of createInterface({ input: process.stdin })) {
  const [what, ...how] = JSON.parse(line);
  let answer;
  try { answer = await can[what](...how); } catch (problem) { answer = { failed: String(problem.stack) }; }
  console.log(`> ${JSON.stringify(answer)}`);
}
await provider.close();
