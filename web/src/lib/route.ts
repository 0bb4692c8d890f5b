// Where the reader is: "#/page/part/part?key=value". Hash routes need nothing
// of the server, so the pages work below any path of a reverse proxy.
import { signal } from "@preact/signals";
import { forget, unsaved } from "./unsaved";

export interface Route {
  page: string;
  /** What follows the page's name, decoded. */
  rest: string[];
  query: URLSearchParams;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function parse(hash: string): Route {
  const [where, search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [page = "", ...rest] = where.split("/").filter(Boolean).map(decode);
  return { page: page || "home", rest, query: new URLSearchParams(search) };
}

export const route = signal<Route>(parse(location.hash));

/** The reader has come to another page: its heading takes the focus once. */
let arrived = false;

export function arrive(): void {
  arrived = true;
}
/** Whether to take the focus; true once for each arrival. */
export function takeArrival(): boolean {
  const was = arrived;
  arrived = false;
  return was;
}

/** What makes two addresses two pages: all but the query. */
export function placeOf(r: Route): string {
  return [r.page, ...r.rest].join("/");
}

// ---- leaving what is not saved ----

let question: () => Promise<boolean> = async () => true;

/** Who asks whether what was typed may be lost. */
export function askBeforeLeaving(ask: () => Promise<boolean>): void {
  question = ask;
}

/** Whether the page may be left: nothing is lost, or the reader agrees. */
export async function mayLeave(): Promise<boolean> {
  if (!unsaved()) return true;
  if (!(await question())) return false;
  forget();
  return true;
}

/** Each entry of the browser's history knows its place in it: whether the reader
    went on or back is seen by that, and so how to return. */
const depthOf = (state: unknown) => (state as { depth?: number } | null)?.depth;
let depth = depthOf(history.state) ?? 0;
let returning = false;

/** The address has changed already: back to where the reader was, until they
    have answered. */
async function hold(to: string, there: number | undefined): Promise<void> {
  returning = true;
  history.go(there === undefined ? -1 : depth - there);
  if (!(await mayLeave())) return;
  if (there === undefined) location.hash = to;
  else history.go(there - depth);
}

function arriveAt(next: Route): void {
  if (placeOf(next) !== placeOf(route.value)) {
    arrive();
    scrollTo(0, 0);
  }
  route.value = next;
}

history.replaceState({ depth }, "");
addEventListener("hashchange", () => {
  const there = depthOf(history.state);
  if (returning) returning = false;
  else if (unsaved()) void hold(location.hash, there);
  else {
    depth = there ?? depth + 1;
    if (there === undefined) history.replaceState({ depth }, "");
    arriveAt(parse(location.hash));
  }
});

/** The address of a page: href("clients", [id], { tab: "services" }). */
export function href(page: string, rest: (string | number)[] = [], query: Record<string, string> = {}): string {
  const search = new URLSearchParams(query).toString();
  return `#/${[page, ...rest].map((x) => encodeURIComponent(x)).join("/")}${search ? `?${search}` : ""}`;
}

export function go(page: string, rest: (string | number)[] = [], query: Record<string, string> = {}): void {
  location.hash = href(page, rest, query);
}

/** Changes one key of the address without a new entry in the history. */
export function setQuery(key: string, value: string): void {
  const { page, rest, query } = route.value;
  const next = new URLSearchParams(query);
  if (value) next.set(key, value);
  else next.delete(key);
  history.replaceState({ depth }, "", href(page, rest, Object.fromEntries(next)));
  route.value = { page, rest, query: next };
}
