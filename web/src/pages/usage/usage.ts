// What the monitor counts, and what a reader asked of it.
import type { Query } from "../../lib/api";
import { isoDate } from "../../lib/format";

export type Side = "provider" | "consumer" | "adapter";
export type By = "service" | "consumer" | "pair";
export type Step = "hour" | "day" | "month";
export const sides: Side[] = ["provider", "consumer", "adapter"];

export interface Tally {
  calls: number;
  failures: number;
  failures_by: Record<string, number>;
  mean_ms: number;
  p50_ms: number;
  p95_ms: number;
  max_ms: number;
  request_bytes: number;
  response_bytes: number;
}
export interface Group extends Tally {
  side?: Side;
  service?: string;
  consumer?: string;
  /** Days with use, of those of the period. */
  days: number;
  first_use: string | null;
  last_use: string | null;
  before?: Pick<Tally, "calls" | "failures" | "request_bytes" | "response_bytes" | "mean_ms">;
  /** 0.1: ten percent more calls than before; null: there were none. */
  change?: number | null;
}
interface Period {
  from: string;
  to: string;
  days: number;
}
export interface Usage {
  period: Period;
  before?: Period;
  total: Group;
  items: Group[];
}
export interface Point extends Tally {
  at: string;
}
export interface Trend {
  step: Step;
  series: { points: Point[] }[];
}

/** A question, as it stands in the address. */
export interface Asked {
  from: string;
  to: string;
  by: By;
  side: string;
  step: string;
  service: string;
  consumer: string;
}

const day = 86400000; // ms
const month = 30; // days

export function daysAgo(n: number): string {
  return isoDate(Date.now() - n * day);
}

export function readAsked(q: URLSearchParams): Asked {
  const of = (key: string, absent = "") => q.get(key) || absent;
  return {
    from: of("from", daysAgo(month - 1)),
    to: of("to", daysAgo(0)),
    by: of("by", "service") as By,
    side: of("side"),
    step: of("step"),
    service: of("service"),
    consumer: of("consumer"),
  };
}

/** Only what is asked for stands in the address. */
export function addressOf(a: Asked): Record<string, string> {
  return Object.fromEntries(Object.entries(a).filter(([, v]) => v)) as Record<string, string>;
}

export function daysOf(a: Asked): number {
  return Math.round((Date.parse(a.to) - Date.parse(a.from)) / day) + 1;
}

/** As fine as a picture can show. */
export function stepOf(a: Asked): Step {
  const days = daysOf(a);
  if (a.step) return a.step as Step;
  return days <= 3 ? "hour" : days <= 3 * month + 2 ? "day" : "month";
}

export function tableQuery(a: Asked, side: Side): Query {
  return { from: a.from, to: a.to, by: a.by, side, service: a.service, consumer: a.consumer, compare: true };
}

export function trendQuery(a: Asked, side: Side): Query {
  return { from: a.from, to: a.to, by: "total", step: stepOf(a), side, service: a.service, consumer: a.consumer };
}

/** "2026-11-21T06:00", "2026-11-21" or "2026-11" of the machine's clock. */
export function pointTime(at: string): number {
  const [y, m, d = 1, h = 0] = at.split(/[-T:]/).map(Number);
  return new Date(y, m - 1, d, h).getTime();
}
