// Where the reader is: "#/page/part/part?key=value". Hash routes need nothing
// of the server, so the pages work below any path of a reverse proxy.
import { signal } from "@preact/signals";

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

addEventListener("hashchange", () => {
  const next = parse(location.hash);
  if (placeOf(next) !== placeOf(route.value)) {
    arrive();
    scrollTo(0, 0);
  }
  route.value = next;
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
  history.replaceState(null, "", href(page, rest, Object.fromEntries(next)));
  route.value = { page, rest, query: next };
}
