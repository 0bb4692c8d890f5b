// The home page: one honest light per role, and the last exchanges with their
// evidence to download or verify in place.
import * as api from "./api";
import { announce, breakable, byId, el } from "./dom";
import { roleCard } from "./health";
import { type Word, say, sayTime } from "./words";

/** "CN=…" of a distinguished name, or all of it. */
function commonName(name: string): string {
  return /(?:^|,)CN=((?:\\.|[^,\\])+)/.exec(name)?.[1] ?? name;
}

function verdictParts(v: api.Verdict): HTMLElement[] {
  const line = (word: Word, text: string) => el("span", { class: "line" }, `${say(word)}: ${text}`);
  const parts = [el("strong", {}, say(v.verdict))];
  if (v.reason) parts.push(line("why", v.reason));
  if (v.sender) parts.push(line("sender", v.sender));
  if (v.signing_certificate) parts.push(line("signer", commonName(v.signing_certificate)));
  if (v.time_stamp) parts.push(line("stampedAt", sayTime(v.time_stamp)));
  return parts;
}

function verifyButton(x: api.Exchange, name: string, verdict: HTMLElement): HTMLElement {
  const button = el("button", { type: "button", class: "small" }, say("verify"));
  button.setAttribute("aria-label", `${say("verify")}: ${name}`);
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true"); // not `disabled`: the focus stays
    delete verdict.dataset.verdict;
    verdict.textContent = say("verifying");
    try {
      const v = await api.verify(x.id);
      verdict.replaceChildren(...verdictParts(v));
      verdict.dataset.verdict = v.verdict;
    } catch (problem) {
      verdict.textContent = problem instanceof api.Refused ? problem.message : say("failed");
    }
    button.removeAttribute("aria-disabled");
  });
  return button;
}

function evidence(x: api.Exchange): HTMLElement {
  const verdict = el("p", { class: "verdict", role: "status" });
  const name = `${x.query_id} ${say(x.response ? "response" : "request")}`;
  const link = el("a", { href: api.containerUrl(x.id), class: "button small", download: "" }, say("download"));
  link.setAttribute("aria-label", `${say("download")}: ${name}`);
  const actions = el("div", { class: "actions" }, link);
  if (x.stamped) actions.append(verifyButton(x, name, verdict));
  return el("div", {}, actions, verdict);
}

function state(x: api.Exchange): HTMLElement {
  return el(
    "div",
    { class: "chips" },
    el("span", { class: "chip good" }, say("signed")),
    el("span", { class: x.stamped ? "chip good" : "chip wait" }, say(x.stamped ? "stamped" : "notStamped")),
  );
}

/** Roles are written out: on narrow screens the cells are no table for CSS. */
function cell(word: Word, ...inside: (Node | string)[]): HTMLElement {
  return el("td", { role: "cell", "data-label": say(word) }, ...inside);
}

function exchangeRow(x: api.Exchange): HTMLElement {
  const kind = `${x.rest ? "REST" : "SOAP"} ${say(x.response ? "response" : "request")}`;
  return el(
    "tr",
    { role: "row" },
    cell("time", el("time", { datetime: new Date(x.time).toISOString() }, sayTime(x.time))),
    el(
      "th",
      { scope: "row", role: "rowheader", "data-label": say("message") },
      el("div", {}, x.query_id, el("span", { class: "hint" }, kind)),
    ),
    cell("parties", el("div", {}, breakable(x.client), el("span", { class: "line" }, "→ ", breakable(x.service)))),
    cell("state", state(x)),
    cell("evidence", evidence(x)),
  );
}

function exchangeTable(list: api.Exchange[]): HTMLElement {
  const head = el("tr", { role: "row" });
  for (const word of ["time", "message", "parties", "state", "evidence"] as const)
    head.append(el("th", { scope: "col", role: "columnheader" }, say(word)));
  const body = el("tbody", { role: "rowgroup" }, ...list.map(exchangeRow));
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "exchanges-title" },
    el(
      "table",
      { class: "exchanges", role: "table", "aria-labelledby": "exchanges-title" },
      el("thead", { role: "rowgroup" }, head),
      body,
    ),
  );
}

async function exchangePart(): Promise<HTMLElement> {
  const list = await api.exchanges();
  return list.length ? exchangeTable(list) : el("p", {}, say("exchangesNone"));
}

export async function showHome(): Promise<void> {
  const report = await api.health();
  const keeps = report.roles.some((role) => role.role === "security-server");
  const table = keeps ? await exchangePart() : el("p", {}, say("exchangesElsewhere"));
  const refresh = el("button", { type: "button", id: "refresh", class: "secondary" }, say("refresh"));
  refresh.addEventListener("click", () => {
    showHome()
      .then(() => {
        byId("refresh").focus();
        announce(say("refreshed"));
      })
      .catch(() => announce(say("failed")));
  });
  byId("main").replaceChildren(
    el("div", { class: "title" }, el("h1", { id: "title", tabindex: "-1" }, say("health")), refresh),
    el("p", { class: "hint" }, `${say("asOf")} ${sayTime(Date.parse(report.time))}`),
    el("ul", { class: "cards" }, ...report.roles.map(roleCard)),
    el("h2", { id: "exchanges-title" }, say("exchanges")),
    table,
  );
  document.title = `${say("health")} – machilink`;
  byId("foot").textContent = `machilink ${say("version")} ${report.version}`;
  announce("");
}
