// The home page: one honest light per role, and the last exchanges with their
// evidence to download or verify in place.
import * as api from "./api";
import { announce, byId, el } from "./dom";
import { say, sayKey, sayTime } from "./words";

function isTime(key: string, value: unknown): value is number {
  return typeof value === "number" && value > 1e12 && !key.endsWith("_ms");
}

function valueText(key: string, value: unknown): string {
  if (value === true) return say("yes");
  if (value === false) return say("no");
  if (value === null || value === undefined || value === "") return say("none");
  if (isTime(key, value)) return sayTime(value);
  if (typeof value === "object") {
    const parts = Object.entries(value as Record<string, unknown>);
    return parts.map(([k, v]) => `${sayKey("key", k)}: ${valueText(k, v)}`).join(" / ");
  }
  return String(value);
}

function roleCard(role: api.RoleHealth): HTMLElement {
  const good = role.health.ok !== false;
  const list = el("dl");
  for (const [key, value] of Object.entries(role.health)) {
    if (key === "ok") continue;
    list.append(el("dt", {}, sayKey("key", key)), el("dd", {}, valueText(key, value)));
  }
  return el(
    "li",
    { class: "card role", "data-role": role.role },
    el("h3", {}, sayKey("role", role.role)),
    el(
      "p",
      { class: good ? "light good" : "light bad" },
      el("span", { "aria-hidden": "true" }, good ? "●" : "▲"),
      " ",
      say(good ? "working" : "attention"),
    ),
    list,
  );
}

function verdictText(v: api.Verdict): string {
  const parts = [say(v.verdict)];
  if (v.reason) parts.push(`${say("why")}: ${v.reason}`);
  if (v.signing_certificate) parts.push(`${say("signer")}: ${v.signing_certificate}`);
  if (v.time_stamp) parts.push(`${say("stampedAt")}: ${sayTime(v.time_stamp)}`);
  return parts.join(" / ");
}

function evidenceCell(x: api.Exchange): HTMLElement {
  const verdict = el("p", { class: "verdict", role: "status" });
  const button = el("button", { type: "button", class: "small" }, say("verify"));
  const name = `${x.query_id} ${say(x.response ? "response" : "request")}`;
  button.setAttribute("aria-label", `${say("verify")}: ${name}`);
  button.addEventListener("click", async () => {
    button.disabled = true;
    verdict.textContent = say("verifying");
    try {
      const v = await api.verify(x.id);
      verdict.textContent = verdictText(v);
      verdict.dataset.verdict = v.verdict;
    } catch (problem) {
      verdict.textContent = problem instanceof api.Refused ? problem.message : say("failed");
    }
    button.disabled = false;
  });
  const link = el(
    "a",
    { href: api.containerUrl(x.id), class: "button small", download: "" },
    say("download"),
  );
  link.setAttribute("aria-label", `${say("download")}: ${name}`);
  return el("td", {}, el("div", { class: "actions" }, link, button), verdict);
}

function exchangeRow(x: api.Exchange): HTMLElement {
  return el(
    "tr",
    {},
    el("td", {}, sayTime(x.time)),
    el(
      "th",
      { scope: "row" },
      x.query_id,
      el("span", { class: "hint" }, `${x.rest ? "REST" : "SOAP"} ${say(x.response ? "response" : "request")}`),
    ),
    el("td", {}, x.client),
    el("td", {}, x.service),
    el(
      "td",
      {},
      el("span", { class: "chip good" }, say("signed")),
      " ",
      el(
        "span",
        { class: x.stamped ? "chip good" : "chip wait" },
        say(x.stamped ? "stamped" : "notStamped"),
      ),
    ),
    evidenceCell(x),
  );
}

function exchangeTable(list: api.Exchange[]): HTMLElement {
  const head = el("tr");
  for (const word of ["time", "message", "from", "service", "state", "evidence"] as const)
    head.append(el("th", { scope: "col" }, say(word)));
  const body = el("tbody");
  for (const x of list) body.append(exchangeRow(x));
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "exchanges-title" },
    el("table", {}, el("thead", {}, head), body),
  );
}

async function exchangePart(): Promise<HTMLElement> {
  try {
    const list = await api.exchanges();
    return list.length ? exchangeTable(list) : el("p", {}, say("exchangesNone"));
  } catch (problem) {
    if (problem instanceof api.Refused && problem.status === 404)
      return el("p", {}, say("exchangesElsewhere"));
    throw problem;
  }
}

export async function showHome(): Promise<api.Health> {
  const [state, table] = await Promise.all([api.health(), exchangePart()]);
  const roles = el("ul", { class: "cards" });
  for (const role of state.roles) roles.append(roleCard(role));
  const refresh = el("button", { type: "button", id: "refresh", class: "secondary" }, say("refresh"));
  refresh.addEventListener("click", () => {
    showHome()
      .then(() => byId("refresh").focus())
      .catch(() => announce(say("failed")));
  });
  byId("main").replaceChildren(
    el("div", { class: "title" }, el("h1", {}, say("health")), refresh),
    roles,
    el("h2", { id: "exchanges-title" }, say("exchanges")),
    table,
  );
  byId("foot").textContent = `machilink ${say("version")} ${state.version}`;
  announce("");
  return state;
}
