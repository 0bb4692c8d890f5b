// Text in the forms that recur: times, codes to copy, identifiers, pairs.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { clock, dateText, moment } from "../lib/format";
import { Button } from "./button";
import { say } from "./words";

/** ISO date, era and time of day; children where there is no such time. */
export function DateTime(p: { at: number | string | null | undefined; only?: "date" | "time"; children?: ComponentChildren }) {
  const ms = p.at === null || p.at === undefined || p.at === "" ? NaN : moment(p.at);
  if (Number.isNaN(ms)) return <>{p.children}</>;
  return (
    <time dateTime={new Date(ms).toISOString()}>
      {p.only === "time" ? null : <span class="whole">{dateText(ms)}</span>}
      {p.only ? null : " "}
      {p.only === "date" ? null : <span class="whole">{clock(ms)}</span>}
    </time>
  );
}

/** Long identifiers break after their separators, not in the middle. */
export function Id(p: { children: string }) {
  return (
    <span class="id">
      {p.children.split(/(?<=[/:.,@])/).map((piece, i) => (i ? [<wbr key={i} />, piece] : piece))}
    </span>
  );
}

/** Something to carry elsewhere: shown as it is, copied with one press. */
export function Copyable(p: { text: string; label: string; secret?: boolean }) {
  const [done, setDone] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(p.text);
      setDone(say("copied"));
    } catch {
      setDone(say("copyFailed"));
    }
  };
  return (
    <div class="copyable">
      <pre tabIndex={0} aria-label={p.label}>
        <code>{p.text}</code>
      </pre>
      <Button small action={copy} label={`${say("copy")}: ${p.label}`}>
        {say("copy")}
      </Button>
      <span role="status" class="soft">
        {done}
      </span>
    </div>
  );
}

/** Names with their values, as a description list. */
export function Pairs(p: { children: ComponentChildren }) {
  return <dl class="pairs">{p.children}</dl>;
}
export function PairOf(p: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{p.name}</dt>
      <dd>{p.children}</dd>
    </div>
  );
}
