// Buttons: solid for the one main action of a view, outline beside it, text
// for the rest. An `action` keeps the button busy until it ends, and says what
// went wrong.
import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { useState } from "preact/hooks";
import { join } from "../lib/join";
import { refusalText } from "../lib/refusal";
import { asRefused } from "../lib/load";
import { toast } from "./toast";
import { say } from "./words";

export interface ButtonProps {
  children: ComponentChildren;
  kind?: "solid" | "outline" | "text";
  /** For acts that cannot be undone. */
  danger?: boolean;
  small?: boolean;
  busy?: boolean;
  disabled?: boolean;
  type?: "button" | "submit";
  id?: string;
  /** When the words alone do not say what it is about: "Delete: web-1". */
  label?: string;
  onClick?: (event: TargetedMouseEvent<HTMLButtonElement>) => void;
  action?: () => Promise<unknown>;
  expanded?: boolean;
  controls?: string;
  pressed?: boolean;
  lang?: string;
}

export function Button(p: ButtonProps) {
  const [working, setWorking] = useState(false);
  const busy = p.busy || working;
  const off = busy || p.disabled; // not `disabled`: the focus stays
  const click = async (event: TargetedMouseEvent<HTMLButtonElement>) => {
    if (off) {
      event.preventDefault();
      return;
    }
    p.onClick?.(event);
    if (!p.action) return;
    setWorking(true);
    try {
      await p.action();
    } catch (problem) {
      toast(refusalText(asRefused(problem)), "error");
    }
    setWorking(false);
  };
  return (
    <button
      type={p.type ?? "button"}
      id={p.id}
      class={join("button", p.kind ?? "outline", p.danger && "danger", p.small && "small")}
      aria-disabled={off ? "true" : undefined}
      aria-label={p.label}
      aria-expanded={p.expanded}
      aria-controls={p.controls}
      aria-pressed={p.pressed}
      lang={p.lang}
      onClick={click}
    >
      {busy ? <span class="spinner" role="img" aria-label={say("busy")} /> : null}
      {p.children}
    </button>
  );
}

/** A link that looks like a button: for another page, or a file. */
export function ButtonLink(p: {
  href: string;
  children: ComponentChildren;
  kind?: "solid" | "outline" | "text";
  small?: boolean;
  download?: boolean | string;
  label?: string;
}) {
  return (
    <a
      href={p.href}
      class={join("button", p.kind ?? "outline", p.small && "small")}
      download={p.download === true ? "" : p.download || undefined}
      aria-label={p.label}
    >
      {p.children}
    </a>
  );
}
