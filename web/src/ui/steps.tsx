// Step navigation of a long task: which are done, which one is now.
import { say } from "./words";

export interface Step {
  title: string;
  /** wait: done as far as the reader can, others are to act. */
  state: "done" | "now" | "wait" | "next";
  href?: string;
  note?: string;
}

const word = { done: "stepDone", now: "stepNow", wait: "stepWait", next: "stepNext" } as const;

export function Steps(p: { label: string; steps: Step[] }) {
  return (
    <nav class="steps" aria-label={p.label}>
      <ol>
        {p.steps.map((s, i) => (
          <li key={i} class={s.state} aria-current={s.state === "now" ? "step" : undefined}>
            <span class="step-number" aria-hidden="true">
              {s.state === "done" ? "✓" : i + 1}
            </span>
            <span class="step-text">
              {s.href ? <a href={s.href}>{s.title}</a> : s.title}
              <span class="soft"> {say(word[s.state])}</span>
              {s.note ? <span class="line soft">{s.note}</span> : null}
            </span>
          </li>
        ))}
      </ol>
    </nav>
  );
}
