// An act of the audit as the service tells it, and its name in words.
import { say as sayEvent } from "./event_words";
import { say } from "./words";

export interface Act {
  id: number;
  time: string;
  user: string;
  address: string;
  event: string;
  method: string;
  target: string;
  status: number;
  outcome: "SUCCESS" | "FAILURE";
  detail?: unknown;
  hash: string;
}

const verbs = ["POST", "PUT", "PATCH", "DELETE"];

/** Acts without a name of their own are told by what they did to what. */
export function eventText(x: Act): string {
  const slug = x.event.toLowerCase().replace(/[^a-z0-9]+/g, "_");
  if (x.event) return sayEvent.of("event", slug) ?? x.event;
  return say(verbs.includes(x.method) ? "unnamed" : "other", { what: what(x) });
}

function what(x: Act): string {
  return x.target.replace(/^\/api\/v1\//, "").replace(/^machilink\//, "");
}

const verdicts: Record<number, "s400" | "s401" | "s403" | "s404" | "s409" | "s429"> = {
  400: "s400",
  401: "s401",
  403: "s403",
  404: "s404",
  409: "s409",
  429: "s429",
};

/** How it ended, in a few words. */
export function outcomeText(x: Act): string {
  if (x.outcome === "SUCCESS") return say("success");
  return say(verdicts[x.status] ?? (x.status >= 500 ? "s500" : "failure"));
}
