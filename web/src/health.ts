// One card per role: an honest light, then everything its health report says,
// with a word for every key and every state this program knows.
import type * as api from "./api";
import { breakable, el } from "./dom";
import { hasWord, say, sayKey, sayTime, sayValue } from "./words";

type Report = Record<string, unknown>;
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
/** Said elsewhere on the card, or for programs only. */
const silent = new Set(["ok", "role"]);

function isReport(value: unknown): value is Report {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueText(key: string, value: unknown): string {
  if (value === true) return say("yes");
  if (value === false) return say("no");
  if (value === null || value === undefined || value === "") return say("none");
  if (typeof value === "string") return moment.test(value) ? sayTime(Date.parse(value)) : sayValue(value);
  if (typeof value === "number" && key.endsWith("_at")) return sayTime(value);
  return String(value);
}

/** Known states are never an alarm by themselves; unknown text under these keys is. */
function isTrouble(key: string, value: unknown): boolean {
  if (value === null || value === "") return false;
  if (key === "error" || key.endsWith("_error")) return true;
  if (!["state", "token", "auth_cert", "sign_cert"].includes(key)) return false;
  return !["valid", "good", "ok", "logged in"].includes(String(value));
}

function valueNode(key: string, value: unknown): Node {
  const text = valueText(key, value);
  return isTrouble(key, value) ? el("span", { class: "bad" }, el("span", { "aria-hidden": "true" }, "▲ "), text) : breakable(text);
}

function pairs(report: Report): HTMLElement | null {
  const list = el("dl");
  for (const [key, value] of Object.entries(report)) {
    if (silent.has(key) || typeof value === "object" && value !== null) continue;
    if (value === null && key.endsWith("error")) continue;
    list.append(el("div", {}, el("dt", {}, sayKey("key", key)), el("dd", {}, valueNode(key, value))));
  }
  return list.childElementCount ? list : null;
}

function rows(list: Report[], title: string): HTMLElement {
  const keys = Object.keys(list[0] ?? {});
  const head = el("tr", {}, ...keys.map((key) => el("th", { scope: "col" }, sayKey("key", key))));
  const body = list.map((row) =>
    el("tr", {}, ...keys.map((key, i) => el(i ? "td" : "th", i ? {} : { scope: "row" }, valueNode(key, row[key])))),
  );
  return el(
    "div",
    { class: "scroll plain-table", tabindex: "0", role: "region", "aria-label": title },
    el("table", {}, el("thead", {}, head), el("tbody", {}, ...body)),
  );
}

function group(key: string, value: unknown): HTMLElement {
  const title = sayKey("key", key);
  let inside: HTMLElement | null = null;
  if (isReport(value)) inside = pairs(value);
  else if (Array.isArray(value) && value.every(isReport) && value.length) inside = rows(value, title);
  else if (Array.isArray(value) && value.length) inside = el("p", {}, value.map((x) => valueText(key, x)).join("、"));
  return el("section", { class: "group" }, el("h3", {}, title), inside ?? el("p", {}, say("none")));
}

export function roleCard(role: api.RoleHealth): HTMLElement {
  const good = role.health.ok !== false;
  const groups = Object.entries(role.health).filter(([, value]) => typeof value === "object" && value !== null);
  const small = Object.keys(role.health).length < 4;
  return el(
    "li",
    { class: small ? "card role" : "card role wide", "data-role": role.role },
    el("h2", {}, hasWord(`role_${role.role}`) ? sayKey("role", role.role) : role.role),
    el(
      "p",
      { class: good ? "light good" : "light bad" },
      el("span", { "aria-hidden": "true" }, good ? "●" : "▲"),
      " ",
      say(good ? "working" : "attention"),
    ),
    pairs(role.health),
    ...groups.map(([key, value]) => group(key, value)),
  );
}
