// Tabs: the open one stands in the address (?tab=), so that it can be linked.
import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";
import { mayLeave, route, setQuery } from "../lib/route";

export interface Tab {
  name: string;
  title: string;
  view: () => ComponentChildren;
}

export function Tabs(p: { label: string; tabs: Tab[]; query?: string }) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const key = p.query ?? "tab";
  const open = p.tabs.find((t) => t.name === route.value.query.get(key)) ?? p.tabs[0];
  const turn = async (to: Tab, then?: () => void) => {
    if (to === open || !(await mayLeave())) return;
    setQuery(key, to.name);
    then?.();
  };
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = p.tabs.indexOf(open);
    const to = event.key === "Home" ? 0 : event.key === "End" ? p.tabs.length - 1 : step ? (at + step + p.tabs.length) % p.tabs.length : -1;
    if (to < 0) return;
    event.preventDefault();
    void turn(p.tabs[to], () => (list.current?.children[to] as HTMLElement).focus());
  };
  if (!open) return null;
  return (
    <div class="tabs">
      <div role="tablist" aria-label={p.label} ref={list} onKeyDown={move}>
        {p.tabs.map((t) => (
          <button
            key={t.name}
            type="button"
            role="tab"
            id={`${id}-${t.name}`}
            aria-selected={t === open}
            aria-controls={`${id}-view`}
            tabIndex={t === open ? 0 : -1}
            onClick={() => void turn(t)}
          >
            {t.title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-view`} aria-labelledby={`${id}-${open.name}`} tabIndex={0} key={open.name}>
        {open.view()}
      </div>
    </div>
  );
}
