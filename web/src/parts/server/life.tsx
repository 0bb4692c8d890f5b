// A certificate's life as a line: begin, today, end, and the same in words.
import { number } from "../../lib/format";
import { DateTime, Light, type State } from "../../ui";
import { say } from "./words";

const day = 86400000; // ms
const soon = 30; // days: renew now
const near = 60; // days: think of it

export function daysLeft(notAfter: string): number {
  return Math.floor((Date.parse(notAfter) - Date.now()) / day);
}

function stateOf(days: number): State {
  return days < soon ? "bad" : days < near ? "wait" : "good";
}

export function Life(p: { from: string; to: string; name: string }) {
  const [from, to, now] = [Date.parse(p.from), Date.parse(p.to), Date.now()];
  const days = daysLeft(p.to);
  const state = stateOf(days);
  const part = Math.min(1, Math.max(0, (now - from) / Math.max(1, to - from)));
  const left = to <= now ? say("expired") : from > now ? say("notYet") : say("daysLeft", { n: number(days) });
  return (
    <div class="life">
      <svg class={`life-line ${state}`} viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={say("lifeOf", { name: p.name, left })}>
        <rect class="all" x="0" y="2" width="100" height="4" />
        <rect class="passed" x="0" y="2" width={part * 100} height="4" />
        <rect class="today" x={Math.min(99, part * 100)} y="0" width="1" height="8" />
      </svg>
      <p>
        <Light state={state}>{left}</Light>
        {to > now && days < soon ? <span class="line">{say("renewNow")}</span> : null}
      </p>
      <p class="soft">
        <DateTime at={p.from} only="date" /> {say("until")} <DateTime at={p.to} only="date" />
      </p>
    </div>
  );
}
