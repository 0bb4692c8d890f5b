// Is it working? One honest light per thing, each with what it means and, when
// it is not good, what to do. Judged from the health reports and from lists
// that the reader may see; what cannot be known gets no light.
import { bytes, dateTimeText, duration, number } from "../../lib/format";
import { href } from "../../lib/route";
import type { Health } from "../../lib/session";
import { language } from "../../lib/words";
import type { State } from "../../ui";
import { say } from "./words";

export interface Lamp {
  name: string;
  title: string;
  state: State;
  /** What is the case. */
  fact: string;
  /** What to do; nothing when it is good. */
  advice?: string;
  to?: string;
}

export interface Extras {
  /** When health was asked for, by the reader's own clock. */
  askedAt: number;
  backups?: { created_at: string }[];
  certificates?: { kind: string; subject: string; not_after: string; days_left: number; warning: boolean }[];
  ocsp?: { distinguished_name: string; ocsp_responders: { url: string; status_class: string }[] }[];
  today?: { calls: number; failures_by: Record<string, number> }[];
}

type Report = Record<string, unknown>;
const text = (x: unknown) => (typeof x === "string" ? x : "");
const report = (x: unknown) => (typeof x === "object" && x !== null ? (x as Report) : {});
const valueOf = (x: unknown) => say.of("value", text(x)) ?? text(x);
const when = (x: unknown) => dateTimeText(Date.parse(text(x)), false);

function lamp(name: string, title: string, good: boolean, fact: string, advice: string, to?: string): Lamp {
  return { name, title, state: good ? "good" : "bad", fact, advice: good ? undefined : advice, to: good ? undefined : to };
}

function globalconf(h: Report): Lamp {
  const g = report(h.globalconf);
  const good = g.state === "valid";
  const fact = good ? say("confGood", { time: when(g.expires) }) : say("confBad", { state: valueOf(g.state) });
  return lamp("globalconf", say("lampConf"), good, fact, say("confDo"), href("diagnostics"));
}

function keys(h: Report): Lamp {
  const good = h.token === "logged in";
  return lamp("keys", say("lampKeys"), good, good ? say("keysGood") : say("keysBad", { state: valueOf(h.token) }), say("keysDo"), href("keys"));
}

/** Pieces of the service's English sentence, and what they mean in words. */
const reasons: [RegExp, "whyNone" | "whyLocked" | "whyEnded" | "whyStatus"][] = [
  [/none is active/, "whyNone"],
  [/log in|logged|PIN|token/i, "whyLocked"],
  [/expired|not valid/i, "whyEnded"],
  [/OCSP|revoked|status/i, "whyStatus"],
];

function whyOf(x: unknown): string {
  const known = say.of("value", text(x));
  if (known || language.value === "en") return known ?? text(x);
  const [, key] = reasons.find(([piece]) => piece.test(text(x))) ?? [];
  return say(key ?? "whyBelow");
}

function certificates(h: Report): Lamp {
  const clients = (Array.isArray(h.clients) ? h.clients : []).map(report);
  const bad = clients.filter((c) => c.status === "REGISTERED" && c.sign_cert !== "good");
  const auth = h.auth_cert === "good";
  const good = auth && bad.length === 0;
  const fact = good
    ? say("certsGood")
    : !auth
      ? say("certsAuth", { why: whyOf(h.auth_cert) })
      : say("certsSign", { who: bad.map((c) => text(c.client)).join(", "), why: whyOf(bad[0].sign_cert) });
  return lamp("certificates", say("lampCerts"), good, fact, say("certsDo"), href("keys"));
}

const stampLate = 2 * 3600 * 1000; // ms; waiting records are stamped within a minute

function stamps(h: Report, now: number): Lamp {
  const t = report(h.timestamping);
  const last = Date.parse(text(t.last_stamp));
  const waiting = Number(t.waiting ?? 0);
  const title = say("lampStamps");
  if (text(t.error)) return lamp("stamps", title, false, text(t.error), say("stampsDo"), href("diagnostics"));
  if (Number.isNaN(last)) {
    if (!waiting) return { name: "stamps", title, state: "off", fact: say("stampsNone") };
    return { name: "stamps", title, state: "wait", fact: say("stampsWait", { n: number(waiting) }) };
  }
  const good = waiting === 0 || now - last < stampLate;
  const fact = say("stampsGood", { time: dateTimeText(last, false), n: number(waiting) });
  return lamp("stamps", title, good, fact, say("stampsDo"), href("diagnostics"));
}

function ocsp(x: Extras["ocsp"]): Lamp[] {
  const all = (x ?? []).flatMap((a) => a.ocsp_responders);
  if (!all.length) return [];
  const bad = all.filter((r) => r.status_class !== "OK" && r.status_class !== "WAITING" && r.status_class !== "UNINITIALIZED");
  const fact = bad.length ? say("ocspBad", { urls: bad.map((r) => r.url).join(", ") }) : say("ocspGood");
  return [lamp("ocsp", say("lampOcsp"), bad.length === 0, fact, say("ocspDo"), href("diagnostics"))];
}

function peers(x: Extras["today"]): Lamp[] {
  if (!x) return [];
  const calls = x.reduce((sum, u) => sum + u.calls, 0);
  const bad = x.reduce((sum, u) => sum + (u.failures_by.network ?? 0) + (u.failures_by.trust ?? 0), 0);
  const title = say("lampPeers");
  if (!calls) return [{ name: "peers", title, state: "off", fact: say("peersNone") }];
  if (!bad) return [{ name: "peers", title, state: "good", fact: say("peersGood", { n: number(calls) }) }];
  return [{ name: "peers", title, state: "wait", fact: say("peersBad", { n: number(bad) }), advice: say("peersDo"), to: href("diagnostics") }];
}

function server(h: Report, x: Extras, now: number): Lamp[] {
  if (!h.server) return [{ name: "setup", title: say("lampSetup"), state: "wait", fact: say("setupNot"), advice: say("setupDo"), to: href("setup") }];
  return [globalconf(h), keys(h), certificates(h), ...ocsp(x.ocsp), stamps(h, now), ...peers(x.today)];
}

function adapter(h: Report): Lamp[] {
  const good = h.ok !== false;
  const fact = good ? say("adapterGood", { n: number(Number(h.services ?? 0)) }) : text(h.error) || say("attention");
  return [lamp("databases", say("lampDatabases"), good, fact, say("adapterDo"), href("databases"))];
}

function center(h: Report, now: number): Lamp[] {
  if (h.initialized === false) return [{ name: "setup", title: say("lampSetup"), state: "wait", fact: say("setupNot"), advice: say("setupDo"), to: href("setup") }];
  const fresh = !h.publish_error && Date.parse(text(h.expires)) > now;
  const fact = fresh ? say("publishGood", { time: when(h.published) }) : text(h.publish_error) || say("publishOld", { time: when(h.expires) });
  const open = h.token === "ok";
  return [
    lamp("published", say("lampPublished"), fresh, fact, say("publishDo"), href("center-configuration")),
    lamp("keys", say("lampKeys"), open, open ? say("keysGood") : say("keysBad", { state: valueOf(h.token) }), say("keysDo"), href("center-configuration")),
  ];
}

function disk(h: Report): Lamp[] {
  const d = report(h.disk);
  const free = Number(d.free_bytes ?? -1);
  const all = Number(d.total_bytes ?? 0);
  if (free < 0 || !all) return [];
  const fact = say("diskFact", { free: bytes(free), all: bytes(all) });
  const title = say("lampDisk");
  if (h.ok === false) return [{ name: "disk", title, state: "bad", fact, advice: say("diskDo") }];
  return [free / all < 0.1 ? { name: "disk", title, state: "wait", fact, advice: say("diskDo") } : { name: "disk", title, state: "good", fact }];
}

const day = 86400 * 1000; // ms
const backupLate = 3; // days; automatic backups are made every day

function backups(x: Extras["backups"], now: number): Lamp[] {
  if (!x) return [];
  const title = say("lampBackups");
  const last = Math.max(...x.map((b) => Date.parse(b.created_at)));
  if (!x.length) return [{ name: "backups", title, state: "wait", fact: say("backupsNone"), advice: say("backupsDo"), to: href("backups") }];
  const fact = say("backupsLast", { time: dateTimeText(last, false) });
  const late = now - last > backupLate * day;
  return [late ? { name: "backups", title, state: "wait", fact, advice: say("backupsDo"), to: href("backups") } : { name: "backups", title, state: "good", fact }];
}

const clockApart = 60 * 1000; // ms; signatures and configurations allow little more

/** Seconds by which this machine is ahead of the center, where it has asked. */
function aheadOf(h: Health): number | undefined {
  const told = h.roles.map((r) => report(r.health.clock).ahead_seconds).find((x) => typeof x === "number");
  return told as number | undefined;
}

/** By the center's clock; by the reader's own where there is no center to ask. */
function clock(h: Health, askedAt: number): Lamp {
  const apart = Date.parse(h.time) - askedAt;
  const ahead = aheadOf(h);
  const title = say("lampClock");
  const here = Math.abs(apart) <= clockApart;
  if (ahead === undefined) {
    if (here) return { name: "clock", title, state: "good", fact: say("clockGood") };
    return { name: "clock", title, state: "wait", fact: say("clockBad", { apart: duration(Math.abs(apart)) }), advice: say("clockDo") };
  }
  if (Math.abs(ahead) * 1000 > clockApart) {
    const fact = say(ahead > 0 ? "clockAhead" : "clockBehind", { apart: duration(Math.abs(ahead) * 1000) });
    return { name: "clock", title, state: "bad", fact, advice: say("clockSet") };
  }
  if (here) return { name: "clock", title, state: "good", fact: say("clockCenter") };
  return { name: "clock", title, state: "good", fact: `${say("clockCenter")} ${say("clockYours", { apart: duration(Math.abs(apart)) })}` };
}

function expiring(x: Extras["certificates"]): Lamp[] {
  const soon = (x ?? []).filter((c) => c.warning);
  if (!soon.length) return [];
  const first = soon.reduce((a, b) => (a.days_left < b.days_left ? a : b));
  const fact = say("expiringFact", { n: number(soon.length), days: number(first.days_left), subject: first.subject });
  return [{ name: "expiring", title: say("lampExpiring"), state: first.days_left < 7 ? "bad" : "wait", fact, advice: say("expiringDo"), to: href("keys") }];
}

function monitor(h: Report): Lamp[] {
  const lost = Number(h.lost ?? 0);
  const good = h.ok !== false && lost === 0;
  const fact = good ? say("monitorGood") : lost ? say("monitorLost", { n: number(lost) }) : text(h.error) || say("attention");
  return [lamp("monitor", say("role_monitor"), good, fact, say("monitorDo"))];
}

/** A role this page knows no lamps for still has its own word. */
function other(role: string, h: Report): Lamp[] {
  const good = h.ok !== false;
  return [lamp(role, say.of("role", role) ?? role, good, say(good ? "working" : "attention"), text(h.error) || say("otherDo"))];
}

export function lamps(h: Health, x: Extras): Lamp[] {
  const now = Date.parse(h.time);
  const all = h.roles.flatMap(({ role, health }) => {
    if (role === "security-server") return server(health, x, now);
    if (role === "adapter") return adapter(health);
    if (role === "center") return center(health, now);
    if (role === "dashboard") return disk(health);
    if (role === "monitor") return monitor(health);
    return other(role, health);
  });
  return [...all, ...expiring(x.certificates), ...backups(x.backups, now), clock(h, x.askedAt)];
}
