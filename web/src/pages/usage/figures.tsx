// The sums of the period beside those of the period before; why calls failed.
import { bytes, number, percent } from "../../lib/format";
import { PairOf, Pairs, Section } from "../../ui";
import type { Usage } from "./usage";
import { say } from "./words";

/** "+12 %": never without its sign. */
export function changeText(now: number, before: number): string {
  if (!before) return now ? say("new") : "±0";
  const change = (now - before) / before;
  return `${change > 0 ? "+" : change < 0 ? "−" : "±"}${percent(Math.abs(change))}`;
}

function Figure(p: { id: string; name: string; value: string; note?: string }) {
  return (
    <div class="card figure" data-figure={p.id}>
      <dt>{p.name}</dt>
      <dd>
        <strong>{p.value}</strong>
        {p.note ? <span class="line soft">{p.note}</span> : null}
      </dd>
    </div>
  );
}

export function Figures(p: { of: Usage }) {
  const t = p.of.total;
  const was = t.before;
  const moved = t.request_bytes + t.response_bytes;
  const beside = (now: number, before: number, text: string) => say("beside", { before: text, change: changeText(now, before) });
  return (
    <Section title={say("figures")}>
      <p class="soft">
        {say("period", { from: p.of.period.from, to: p.of.period.to, n: number(p.of.period.days) })}
        {p.of.before ? say("comparedWith", { from: p.of.before.from, to: p.of.before.to }) : null}
      </p>
      <dl class="figures">
        <Figure id="calls" name={say("calls")} value={number(t.calls)} note={was && beside(t.calls, was.calls, number(was.calls))} />
        <Figure id="failures" name={say("failures")} value={number(t.failures)} note={was && beside(t.failures, was.failures, number(was.failures))} />
        <Figure
          id="p50"
          name={say("p50")}
          value={say("ms", { n: number(t.p50_ms, 1) })}
          note={was && say("meanBeside", { now: number(t.mean_ms, 1), before: number(was.mean_ms, 1) })}
        />
        <Figure id="p95" name={say("p95")} value={say("ms", { n: number(t.p95_ms, 1) })} note={say("slowest", { n: number(t.max_ms) })} />
        <Figure
          id="bytes"
          name={say("bytes")}
          value={bytes(moved)}
          note={was && beside(moved, was.request_bytes + was.response_bytes, bytes(was.request_bytes + was.response_bytes))}
        />
        <Figure id="days" name={say("days")} value={say("daysOf", { n: number(t.days), all: number(p.of.period.days) })} />
      </dl>
    </Section>
  );
}

const reasons = ["request", "access", "network", "trust", "service", "system"];

export function Reasons(p: { of: Usage }) {
  const t = p.of.total;
  const found = reasons.filter((r) => t.failures_by[r]);
  if (!found.length) return null;
  return (
    <Section title={say("reasons")}>
      <Pairs>
        {found.map((r) => (
          <PairOf key={r} name={say.of("reason", r) ?? r}>
            <strong>{say("times", { n: number(t.failures_by[r]) })}</strong> ({percent(t.failures_by[r] / t.failures)})
            <span class="line soft">{say.of("advice", r)}</span>
          </PairOf>
        ))}
      </Pairs>
    </Section>
  );
}
