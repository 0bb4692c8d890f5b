// How dates, numbers and sizes are written: ISO dates with the Japanese era
// beside them, digits in groups of three.
import { language } from "./words";

const two = (n: number) => String(n).padStart(2, "0");

/** Milliseconds, or an ISO text; NaN for neither. */
export function moment(at: number | string): number {
  return typeof at === "number" ? at : Date.parse(at);
}

/** 2026-11-21, in the time zone of the reader. */
export function isoDate(ms: number): string {
  const d = new Date(ms);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

export function clock(ms: number, seconds = true): string {
  const d = new Date(ms);
  return `${two(d.getHours())}:${two(d.getMinutes())}${seconds ? `:${two(d.getSeconds())}` : ""}`;
}

const era = new Intl.DateTimeFormat("ja-JP-u-ca-japanese", { era: "long", year: "numeric" });

/** 令和8年, 令和元年. */
export function eraYear(ms: number): string {
  const text = era.format(new Date(ms)).replace(/(\D)1年/, "$1元年");
  return text.endsWith("年") ? text : `${text}年`;
}

export function dateText(ms: number): string {
  return language.value === "ja" ? `${isoDate(ms)}（${eraYear(ms)}）` : isoDate(ms);
}

export function dateTimeText(ms: number, seconds = true): string {
  return `${dateText(ms)} ${clock(ms, seconds)}`;
}

function locale(): string {
  return language.value === "ja" ? "ja-JP" : "en-GB";
}

export function number(n: number, digits = 0): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(n);
}

/** Milliseconds that were measured: 0.04, 3.2, 1,234. */
export function millis(ms: number): string {
  return number(ms, ms < 1 ? 2 : ms < 100 ? 1 : 0);
}

export function percent(part: number, digits = 1): string {
  return new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: digits }).format(part);
}

const units = ["B", "KB", "MB", "GB", "TB"];

export function bytes(n: number): string {
  let unit = 0;
  let value = n;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${number(value, unit && value < 10 ? 1 : 0)} ${units[unit]}`;
}

const spans = [
  [86400, "日", "d"],
  [3600, "時間", "h"],
  [60, "分", "min"],
  [1, "秒", "s"],
] as const;

/** The two largest parts: 3 日 4 時間; 850 ms below a second. */
export function duration(ms: number): string {
  let left = Math.round(Math.abs(ms) / 1000);
  const said: string[] = [];

  if (Math.abs(ms) < 1000) return `${number(Math.abs(ms))} ms`;
  for (const [seconds, ja, en] of spans) {
    const n = Math.floor(left / seconds);
    left -= n * seconds;
    if ((n || said.length) && said.length < 2 && (n || !said.length)) said.push(`${n} ${language.value === "ja" ? ja : en}`);
  }
  return said.join(" ");
}
