// The page is a client of the same HTTP API that scripts use.
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

function cookie(name: string): string {
  const found = document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${name}=`));
  return found ? found.slice(name.length + 1) : "";
}

async function call(method: string, path: string, body?: BodyInit): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-XSRF-TOKEN"] = cookie("XSRF-TOKEN");
  const answer = await fetch(path, { method, headers, body, credentials: "same-origin" });
  if (answer.ok) return answer;
  const text = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, text?.error?.code ?? "", text?.error?.message ?? "");
}

export interface RoleHealth {
  role: string;
  summary: string;
  health: Record<string, unknown>;
}
export interface Health {
  version: string;
  time: string;
  language: string;
  roles: RoleHealth[];
}
export interface Exchange {
  id: number;
  time: number;
  query_id: string;
  response: boolean;
  rest: boolean;
  as_client: boolean;
  client: string;
  service: string;
  stamped: boolean;
}
export interface Verdict {
  verdict: "valid" | "invalid";
  code?: string;
  reason?: string;
  sender?: string;
  signing_certificate?: string;
  time_stamp?: number;
}

export async function login(name: string, password: string): Promise<void> {
  await call("POST", "/login", new URLSearchParams({ username: name, password }));
}

export async function logout(): Promise<void> {
  await call("POST", "/logout");
}

export async function health(): Promise<Health> {
  return (await call("GET", "/api/v1/machilink/health")).json();
}

export async function exchanges(): Promise<Exchange[]> {
  const answer = await call("GET", "/api/v1/machilink/exchanges?limit=50");
  return (await answer.json()).exchanges;
}

export function containerUrl(id: number): string {
  return `/api/v1/machilink/exchanges/${id}/container`;
}

export async function verify(id: number): Promise<Verdict> {
  return (await call("POST", `/api/v1/machilink/exchanges/${id}/verification`)).json();
}
