// What the home page shows below its lights: what waits, today's use, counts.
import { leads } from "../../app/pages";
import { bytes, number } from "../../lib/format";
import { href } from "../../lib/route";
import type { Health } from "../../lib/session";
import { Card, Section } from "../../ui";
import { say } from "./words";

export interface Totals {
  calls: number;
  failures: number;
  failures_by: Record<string, number>;
  p50_ms: number;
  request_bytes: number;
  response_bytes: number;
  before?: { calls: number; failures: number };
}

interface Waiting {
  text: string;
  to: string;
}

/** Requests at a center; clients that are not registered yet. */
function waitingOf(h: Health): Waiting[] {
  return h.roles.flatMap(({ role, health }): Waiting[] => {
    const n = Number(health.waiting_requests ?? 0);
    if (role === "center") return n ? [{ text: say("waitRequests", { n: number(n) }), to: href("center-requests") }] : [];
    const clients = (Array.isArray(health.clients) ? health.clients : []) as { client: string; status: string }[];
    return clients.flatMap((c) => {
      const word = { REGISTRATION_IN_PROGRESS: "waitRegistration", SAVED: "waitSaved" } as const;
      const key = word[c.status as keyof typeof word];
      return key ? [{ text: say(key, { who: c.client }), to: href("clients") }] : [];
    });
  });
}

export function Waiting(p: { of: Health }) {
  const list = waitingOf(p.of);
  return (
    <Section title={say("waiting")}>
      <Card>
        {list.length ? (
          <ul class="links">
            {list.map((w) => (
              <li key={w.text}>
                {leads(w.to) ? <a href={w.to}>{w.text}</a> : w.text}
              </li>
            ))}
          </ul>
        ) : (
          <p>{say("waitingNone")}</p>
        )}
      </Card>
    </Section>
  );
}

function Figure(p: { name: string; value: string; note?: string }) {
  return (
    <div class="card figure">
      <dt>{p.name}</dt>
      <dd>
        <strong>{p.value}</strong>
        {p.note ? <span class="line soft">{p.note}</span> : null}
      </dd>
    </div>
  );
}

/** What was used today, seen from one side. */
export interface Use {
  side: "provider" | "consumer" | "adapter";
  total: Totals;
}

function Figures(p: { of: Use }) {
  const { side, total: t } = p.of;
  const before = (n?: number) => (n === undefined ? undefined : say("yesterday", { n: number(n) }));
  return (
    <>
      <Figure name={say.of("calls", side) ?? side} value={number(t.calls)} note={before(t.before?.calls)} />
      <Figure name={say.of("failures", side) ?? side} value={number(t.failures)} note={before(t.before?.failures)} />
      {t.calls ? <Figure name={say.of("median", side) ?? side} value={`${number(t.p50_ms, 1)} ms`} /> : null}
    </>
  );
}

export function Traffic(p: { of: Use[] }) {
  const sum = (of: (t: Totals) => number) => p.of.reduce((all, u) => all + of(u.total), 0);
  const used = sum((t) => t.calls + (t.before?.calls ?? 0)) > 0;
  return (
    <Section title={say("traffic")} actions={leads(href("usage")) ? <a href={href("usage")}>{say("toUsage")}</a> : null}>
      {used ? (
        <dl class="figures">
          {p.of.map((u) => (
            <Figures key={u.side} of={u} />
          ))}
          <Figure name={say("moved")} value={bytes(sum((t) => t.request_bytes + t.response_bytes))} />
        </dl>
      ) : (
        <Card>
          <p>{say("trafficNone")}</p>
        </Card>
      )}
    </Section>
  );
}

const counted = ["members", "subsystems", "security_servers", "valid_certificates", "waiting_requests", "services"] as const;

/** The counts that the health reports have, and of databases. */
export function Portal(p: { of: Health; databases?: number }) {
  const databases = p.databases === undefined ? [] : [["databases", p.databases] as const];
  const told = p.of.roles.flatMap(({ health }) => counted.filter((key) => typeof health[key] === "number").map((key) => [key, health[key] as number] as const));
  const found = [...told, ...databases];
  if (!found.length) return null;
  return (
    <Section title={say("portal")}>
      <dl class="figures">
        {found.map(([key, n]) => (
          <Figure key={key} name={say.of("key", key) ?? key} value={number(n)} />
        ))}
      </dl>
    </Section>
  );
}
