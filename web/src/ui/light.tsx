// Honest lights and labels: a shape and a word, the colour only repeats them.
import type { ComponentChildren } from "preact";

export type State = "good" | "wait" | "bad" | "off";
const shapes: Record<State, string> = { good: "●", wait: "◆", bad: "▲", off: "○" };

export function Light(p: { state: State; children: ComponentChildren }) {
  return (
    <span class={`light ${p.state}`}>
      <span aria-hidden="true">{shapes[p.state]}</span> {p.children}
    </span>
  );
}

export function Chip(p: { state?: State; children: ComponentChildren }) {
  return <span class={`chip ${p.state ?? "off"}`}>{p.children}</span>;
}
