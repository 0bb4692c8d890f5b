// Tables with filter, sorting, pages, and words for "nothing" and "failed". On
// narrow screens a row becomes a block whose cells name their column.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import type { Loaded } from "../lib/load";
import { useLoad } from "../lib/load";
import { number } from "../lib/format";
import { language } from "../lib/words";
import { RefusedBanner } from "./banner";
import { Button } from "./button";
import { Progress } from "./load";
import { Empty } from "./page";
import { say } from "./words";

export interface Column<R> {
  key: string;
  head: string;
  /** What is shown; default: text. */
  cell?: (row: R) => ComponentChildren;
  /** What is searched; also shown when there is no cell. */
  text?: (row: R) => string;
  /** What is sorted by; columns without it are not sorted. */
  sort?: (row: R) => string | number;
  numeric?: boolean;
  /** The column that names the row (one; default: the first). */
  name?: boolean;
}

/** What a reader asked of a table. */
export interface Wish {
  search: string;
  sort: string;
  descending: boolean;
  /** From 0. */
  page: number;
  size: number;
}
export interface Answer<R> {
  rows: R[];
  total: number;
}

interface Common<R> {
  caption: string;
  columns: Column<R>[];
  id: (row: R) => string;
  /** Shown when there is nothing at all. */
  empty?: ComponentChildren;
  /** Beside the filter. */
  actions?: ComponentChildren;
  /** More filters, beside the first. */
  filters?: ComponentChildren;
  size?: number;
  /** No filter while the list is short. */
  plain?: boolean;
  sort?: string;
  descending?: boolean;
}

function first<R>(p: Common<R>): Wish {
  return { search: "", sort: p.sort ?? "", descending: p.descending ?? false, page: 0, size: p.size ?? 25 };
}

function Head<R>(p: { of: Common<R>; wish: Wish; set: (w: Wish) => void }) {
  const turn = (key: string) =>
    p.set({ ...p.wish, page: 0, sort: key, descending: p.wish.sort === key && !p.wish.descending });
  return (
    <thead role="rowgroup">
      <tr role="row">
        {p.of.columns.map((c) => {
          const now = p.wish.sort === c.key;
          return (
            <th
              key={c.key}
              scope="col"
              role="columnheader"
              class={c.numeric ? "numeric" : undefined}
              aria-sort={now ? (p.wish.descending ? "descending" : "ascending") : undefined}
            >
              {c.sort ? (
                <button type="button" class="sorter" onClick={() => turn(c.key)} title={say("sortBy", { name: c.head })}>
                  {c.head}
                  <span aria-hidden="true">{now ? (p.wish.descending ? "▼" : "▲") : "↕"}</span>
                </button>
              ) : (
                c.head
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function Rows<R>(p: { of: Common<R>; rows: R[] }) {
  const name = p.of.columns.findIndex((c) => c.name);
  return (
    <tbody role="rowgroup">
      {p.rows.map((row) => (
        <tr key={p.of.id(row)} role="row" data-id={p.of.id(row)}>
          {p.of.columns.map((c, i) => {
            const Cell = i === Math.max(name, 0) ? "th" : "td";
            return (
              <Cell
                key={c.key}
                scope={Cell === "th" ? "row" : undefined}
                role={Cell === "th" ? "rowheader" : "cell"}
                class={c.numeric ? "numeric" : undefined}
                data-label={c.head}
              >
                <div>{c.cell ? c.cell(row) : c.text?.(row)}</div>
              </Cell>
            );
          })}
        </tr>
      ))}
    </tbody>
  );
}

function Paging(p: { total: number; wish: Wish; set: (w: Wish) => void }) {
  const pages = Math.max(1, Math.ceil(p.total / p.wish.size));
  const to = (page: number) => p.set({ ...p.wish, page });
  if (pages < 2) return null;
  return (
    <nav class="paging" aria-label={say("pages")}>
      <Button small disabled={p.wish.page === 0} onClick={() => to(p.wish.page - 1)}>
        {say("previous")}
      </Button>
      <span>{say("page", { n: number(p.wish.page + 1), all: number(pages) })}</span>
      <Button small disabled={p.wish.page + 1 >= pages} onClick={() => to(p.wish.page + 1)}>
        {say("next")}
      </Button>
    </nav>
  );
}

function Tools<R>(p: { of: Common<R>; wish: Wish; set: (w: Wish) => void; found: string; plain: boolean }) {
  const id = useId();
  return (
    <div class="table-tools">
      {p.plain ? null : (
        <div class="filter">
          <label for={id}>{say("search")}</label>
          <input
            id={id}
            type="search"
            autocomplete="off"
            value={p.wish.search}
            onInput={(e) => p.set({ ...p.wish, page: 0, search: e.currentTarget.value })}
          />
        </div>
      )}
      {p.of.filters}
      <p class="soft found" role="status">
        {p.found}
      </p>
      {p.of.actions ? <div class="actions">{p.of.actions}</div> : null}
    </div>
  );
}

const short = 10; // rows that are seen at a glance

function View<R>(p: { of: Common<R>; rows: R[]; total: number; all?: number; wish: Wish; set: (w: Wish) => void }) {
  const id = useId();
  const filtered = p.wish.search !== "";
  const found =
    filtered && p.all !== undefined
      ? say("foundOf", { n: number(p.total), all: number(p.all) })
      : say("found", { n: number(p.total) });
  if (!p.total && !filtered && !p.of.filters)
    return (
      <Empty actions={p.of.actions}>{p.of.empty ?? <p>{say("nothing")}</p>}</Empty>
    );
  return (
    <div class="data">
      <Tools of={p.of} wish={p.wish} set={p.set} found={found} plain={Boolean(p.of.plain) && (p.all ?? p.total) <= short} />
      {p.total ? (
        <div class="scroll" tabIndex={0} role="region" aria-labelledby={id}>
          <table role="table" class="stack" aria-labelledby={id}>
            <caption id={id}>{p.of.caption}</caption>
            <Head of={p.of} wish={p.wish} set={p.set} />
            <Rows of={p.of} rows={p.rows} />
          </table>
        </div>
      ) : (
        <Empty actions={filtered ? <Button onClick={() => p.set({ ...p.wish, search: "" })}>{say("clear")}</Button> : null}>
          {filtered || !p.of.empty ? <p>{say("nothingFound")}</p> : p.of.empty}
        </Empty>
      )}
      <Paging total={p.total} wish={p.wish} set={p.set} />
    </div>
  );
}

function text<R>(c: Column<R>, row: R): string {
  return c.text?.(row) ?? String(c.sort?.(row) ?? "");
}

function fold(s: string): string {
  return s.normalize("NFKC").toLowerCase();
}

/** Filter and order in the page. Every word must occur somewhere in the row. */
export function arrange<R>(rows: R[], columns: Column<R>[], wish: Wish): R[] {
  const words = fold(wish.search).split(/\s+/).filter(Boolean);
  const kept = words.length
    ? rows.filter((row) => {
        const all = fold(columns.map((c) => text(c, row)).join("\n"));
        return words.every((w) => all.includes(w));
      })
    : rows;
  const by = columns.find((c) => c.key === wish.sort)?.sort;
  if (!by) return kept;
  const order = new Intl.Collator(language.value, { numeric: true });
  const sign = wish.descending ? -1 : 1;
  return [...kept].sort((a, b) => {
    const [x, y] = [by(a), by(b)];
    return sign * (typeof x === "number" && typeof y === "number" ? x - y : order.compare(String(x), String(y)));
  });
}

/** A list that is here as a whole. */
export function DataTable<R>(p: Common<R> & { rows: R[] }) {
  const [wish, set] = useState(first(p));
  const kept = arrange(p.rows, p.columns, wish);
  const page = Math.min(wish.page, Math.max(0, Math.ceil(kept.length / wish.size) - 1));
  const shown = kept.slice(page * wish.size, (page + 1) * wish.size);
  return <View of={p} rows={shown} total={kept.length} all={p.rows.length} wish={{ ...wish, page }} set={set} />;
}

/** The same for what is being read. */
export function LoadedTable<R>(p: Common<R> & { of: Loaded<R[]> }) {
  const { data, error, reload } = p.of;
  return (
    <>
      {error ? <RefusedBanner error={error} again={reload} /> : null}
      {data ? <DataTable {...p} rows={data} /> : error ? null : <Progress />}
    </>
  );
}

const typing = 250; // ms until a filter is asked for

/** A long list: the service filters, sorts and gives one page at a time. */
export function RemoteTable<R>(p: Common<R> & { read: (w: Wish) => Promise<Answer<R>>; deps?: unknown[] }) {
  const [wish, set] = useState(first(p));
  const [asked, ask] = useState(wish);
  const loaded = useLoad(() => p.read(asked), [asked, ...(p.deps ?? [])]);
  useEffect(() => {
    const timer = setTimeout(() => ask(wish), wish.search === asked.search ? 0 : typing);
    return () => clearTimeout(timer);
  }, [wish]);
  return (
    <div aria-busy={loaded.loading}>
      {loaded.error ? <RefusedBanner error={loaded.error} again={loaded.reload} /> : null}
      {loaded.data ? (
        <View of={p} rows={loaded.data.rows} total={loaded.data.total} wish={wish} set={set} />
      ) : loaded.error ? null : (
        <Progress />
      )}
    </div>
  );
}
