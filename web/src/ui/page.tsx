// The head of a page and its parts.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { href, takeArrival } from "../lib/route";
import { say } from "./words";

export function PageHeader(p: {
  title: string;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  /** A topic of web/help. */
  help?: string;
  /** Where this page hangs: [text, address] from the top. */
  above?: [string, string][];
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${p.title} – machilink`;
  }, [p.title]);
  useLayoutEffect(() => {
    if (takeArrival()) heading.current?.focus();
  }, []);
  return (
    <div class="page-header">
      {p.above?.length ? (
        <nav class="crumbs" aria-label={p.above[0][0]}>
          <ol>
            {p.above.map(([text, to]) => (
              <li key={to}>
                <a href={to}>{text}</a>
              </li>
            ))}
          </ol>
        </nav>
      ) : null}
      <div class="title">
        <h1 id="title" tabIndex={-1} ref={heading}>
          {p.title}
        </h1>
        <div class="actions">
          {p.actions}
          {p.help ? (
            <a class="button text" href={href("help", [p.help])}>
              <span aria-hidden="true">？</span>
              {say("help")}
            </a>
          ) : null}
        </div>
      </div>
      {p.lead ? <div class="lead">{p.lead}</div> : null}
    </div>
  );
}

export function Section(p: { title: string; id?: string; actions?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="section" id={p.id}>
      <div class="title">
        <h2>{p.title}</h2>
        {p.actions ? <div class="actions">{p.actions}</div> : null}
      </div>
      {p.children}
    </section>
  );
}

export function Card(p: { children: ComponentChildren; title?: string }) {
  return (
    <div class="card">
      {p.title ? <h3>{p.title}</h3> : null}
      {p.children}
    </div>
  );
}

/** Nothing to show: why, and what to do about it. */
export function Empty(p: { children: ComponentChildren; actions?: ComponentChildren }) {
  return (
    <div class="empty">
      <div>{p.children}</div>
      {p.actions ? <div class="actions">{p.actions}</div> : null}
    </div>
  );
}
