// One card per role: an honest light, then everything its health report says,
// with a word for every key and every state this program knows.
import type { ComponentChildren } from "preact";
import { bytes, number } from "../../lib/format";
import type { RoleHealth } from "../../lib/session";
import { DateTime, Id, Light, PairOf, Pairs } from "../../ui";
import { say } from "./words";

type Report = Record<string, unknown>;
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
/** Said elsewhere on the card, or for programs only. */
const silent = new Set(["ok", "role"]);

function isReport(value: unknown): value is Report {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const nameOf = (key: string) => say.of("key", key) ?? key.replace(/_/g, " ");

function plain(key: string, value: unknown): ComponentChildren {
  if (value === true) return say("yes");
  if (value === false) return say("no");
  if (value === null || value === undefined || value === "") return say("none");
  if (typeof value === "string") return moment.test(value) ? <DateTime at={value} /> : (say.of("value", value) ?? <Id>{value}</Id>);
  if (typeof value === "number") return key.endsWith("_at") ? <DateTime at={value} /> : key.endsWith("_bytes") ? bytes(value) : number(value);
  return String(value);
}

/** Known states are never an alarm by themselves; unknown text under these keys is. */
function isTrouble(key: string, value: unknown): boolean {
  if (value === null || value === "") return false;
  if (key === "error" || key.endsWith("_error")) return true;
  if (!["state", "token", "auth_cert", "sign_cert"].includes(key)) return false;
  return !["valid", "good", "ok", "logged in"].includes(String(value));
}

function Value(p: { name: string; value: unknown }) {
  const text = plain(p.name, p.value);
  return isTrouble(p.name, p.value) ? <Light state="bad">{text}</Light> : <>{text}</>;
}

function simple(report: Report): [string, unknown][] {
  return Object.entries(report).filter(
    ([key, value]) => !silent.has(key) && !(typeof value === "object" && value !== null) && !(value === null && key.endsWith("error")),
  );
}

function PairList(p: { report: Report }) {
  return (
    <Pairs>
      {simple(p.report).map(([key, value]) => (
        <PairOf key={key} name={nameOf(key)}>
          <Value name={key} value={value} />
        </PairOf>
      ))}
    </Pairs>
  );
}

function Rows(p: { list: Report[]; title: string }) {
  const keys = Object.keys(p.list[0] ?? {});
  return (
    <div class="scroll plain-table" tabIndex={0} role="region" aria-label={p.title}>
      <table>
        <thead>
          <tr>
            {keys.map((key) => (
              <th key={key} scope="col">
                {nameOf(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {p.list.map((row, n) => (
            <tr key={n}>
              {keys.map((key, i) =>
                i ? (
                  <td key={key}>
                    <Value name={key} value={row[key]} />
                  </td>
                ) : (
                  <th key={key} scope="row">
                    <Value name={key} value={row[key]} />
                  </th>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Part(p: { name: string; value: unknown }) {
  const { name, value } = p;
  const title = nameOf(name);
  const rows = Array.isArray(value) && value.length > 0 && value.every(isReport);
  return (
    <section class="group">
      <h3>{title}</h3>
      {isReport(value) && simple(value).length ? (
        <PairList report={value} />
      ) : rows ? (
        <Rows list={value as Report[]} title={title} />
      ) : Array.isArray(value) && value.length ? (
        <p>{value.map(String).join("、")}</p>
      ) : (
        <p>{say("none")}</p>
      )}
    </section>
  );
}

export function RoleCard(p: { of: RoleHealth }) {
  const { role, health } = p.of;
  const good = health.ok !== false;
  const parts = Object.entries(health).filter(([, value]) => typeof value === "object" && value !== null);
  return (
    <li class={Object.keys(health).length < 4 ? "card role" : "card role wide"} data-role={role}>
      <h2>{say.of("role", role) ?? role}</h2>
      <p>
        <Light state={good ? "good" : "bad"}>{say(good ? "working" : "attention")}</Light>
      </p>
      {simple(health).length ? <PairList report={health} /> : null}
      {parts.map(([key, value]) => (
        <Part key={key} name={key} value={value} />
      ))}
    </li>
  );
}
