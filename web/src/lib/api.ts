// The pages are a client of the same HTTP API that scripts use. Paths are
// relative to the page, so that it works below a path of a reverse proxy.
import { signal } from "@preact/signals";

export interface Warning {
  code: string;
  metadata: string[];
}

/** What the service answered instead of what was asked for. */
export class Refused extends Error {
  constructor(
    /** HTTP status; 0: no answer at all. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly metadata: string[] = [],
    /** Refused members of the body, by their path. */
    readonly fields: Record<string, string[]> = {},
    /** The call may be repeated with ignore_warnings. */
    readonly warnings: Warning[] = [],
    /** The service's own sentence in Japanese, where it has one. */
    readonly japanese = "",
  ) {
    super(message);
  }
}

/** True from the moment a call finds that the session is over. */
export const expired = signal(false);

/** When the service last heard of this page, ms; its sessions count from there. */
export let lastCall = Date.now();

export const apiBase = "api/v1/";

function cookie(name: string): string {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? found.slice(name.length + 1) : "";
}

async function refusal(answer: Response): Promise<Refused> {
  const text = await answer.json().catch(() => ({}));
  const error = text?.error ?? {};
  const warnings = (text?.warnings ?? []).map((w: Partial<Warning>) => ({ code: w.code ?? "", metadata: w.metadata ?? [] }));
  return new Refused(answer.status, error.code ?? "", error.message ?? "", error.metadata, error.validation_errors, warnings, error.message_ja);
}

/** One call; every refusal and every failure of the network is a Refused.
    revision: what the caller has seen; 409 when it is another by now. */
export async function call(method: string, url: string, body?: BodyInit, type?: string, revision?: string): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  let answer: Response;

  if (method !== "GET") headers["X-XSRF-TOKEN"] = cookie("XSRF-TOKEN");
  if (type) headers["Content-Type"] = type;
  if (revision) headers["If-Match"] = `"${revision}"`;
  try {
    answer = await fetch(url, { method, headers, body, credentials: "same-origin" });
  } catch {
    throw new Refused(0, "no_answer", "");
  }
  lastCall = Date.now();
  if (answer.ok) return answer;
  const refused = await refusal(answer);
  if (refused.status === 401 && !url.endsWith("login")) expired.value = true;
  throw refused;
}

async function content<T>(answer: Response): Promise<T> {
  const text = await answer.text();
  try {
    return (text ? JSON.parse(text) : undefined) as T;
  } catch {
    throw new Refused(answer.status, "no_json", "");
  }
}

export type Query = Record<string, string | number | boolean | undefined>;

/** "clients/{id}" with every value encoded: path`clients/${id}/services`. */
export function path(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return parts.reduce((all, part, i) => all + encodeURIComponent(String(values[i - 1])) + part);
}

/** The address of a call, for links that download. */
export function address(where: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, v]) => v !== undefined && v !== "");
  const search = new URLSearchParams(given.map(([k, v]) => [k, String(v)])).toString();
  return `${apiBase}${where}${search ? `?${search}` : ""}`;
}

async function send<T>(method: string, where: string, body?: unknown, revision?: string): Promise<T> {
  const json = body === undefined ? undefined : JSON.stringify(body);
  return content<T>(await call(method, address(where), json, json === undefined ? undefined : "application/json", revision));
}

export async function get<T>(where: string, query?: Query): Promise<T> {
  return content<T>(await call("GET", address(where, query)));
}
export const post = <T = unknown>(where: string, body?: unknown) => send<T>("POST", where, body);
export const put = <T = unknown>(where: string, body?: unknown, revision?: string) => send<T>("PUT", where, body, revision);
export const patch = <T = unknown>(where: string, body?: unknown) => send<T>("PATCH", where, body);
export const remove = <T = unknown>(where: string, revision?: string) => send<T>("DELETE", where, undefined, revision);

/** The bytes of a file as the body (certificates, anchors). */
export async function postBytes<T = unknown>(where: string, file: Blob, query?: Query): Promise<T> {
  return content<T>(await call("POST", address(where, query), file, "application/octet-stream"));
}
/** multipart/form-data (backups, configuration parts). */
export async function postForm<T = unknown>(where: string, form: FormData, query?: Query): Promise<T> {
  return content<T>(await call("POST", address(where, query), form));
}
