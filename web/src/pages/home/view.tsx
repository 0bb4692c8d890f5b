// Home: is it working, what waits for the reader, how much it is used.
import { leads } from "../../app/pages";
import { get } from "../../lib/api";
import { dateTimeText, number } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { href } from "../../lib/route";
import { hasRole, type Health, machine, may, readHealth } from "../../lib/session";
import { Banner, Button, ButtonLink, Light, Load, PageHeader, Section } from "../../ui";
import { isPassed, type Setup, type StepState } from "../setup/model";
import { type Extras, type Lamp, lamps } from "./lights";
import { Portal, type Totals, Traffic, type Use, Waiting } from "./parts";
import { RoleCard } from "./report";
import { say } from "./words";
import "./home.css";

interface Everything {
  setup?: Unfinished;
  health: Health;
  extras: Extras;
  today?: Use[];
  /** How many the adapter has. */
  databases?: number;
}

/** Steps of the first run, as far as they are done. */
interface Unfinished {
  done: number;
  all: number;
}

/** A first run that was begun here, or a machine that has had none. A machine that was set up without the pages has none either. */
async function readSetup(h: Health): Promise<Unfinished | undefined> {
  const server = h.roles.find((r) => r.role === "security-server");
  const bare = server ? !server.health.server : h.roles.some((r) => r.role === "center" && r.health.initialized === false);
  const since = await get<Setup["since"]>("machilink/setup/state");
  if (since.finished_at || (!since.started_at && !bare)) return undefined;
  const { steps } = await get<{ steps: StepState[] }>(`machilink/setup/${server ? "server" : "center"}`);
  const done = steps.filter((s) => isPassed({ steps, since, readAt: 0 }, s.id)).length;
  return server || done < steps.length ? { done, all: steps.length } : undefined;
}

/** The machine's own day: its time zone decides when it begins. */
async function readUse(): Promise<Use[]> {
  const day = (await get<{ period: { to: string } }>("machilink/usage", { by: "total" })).period.to;
  const sides: Use["side"][] = machine.value.has("security-server") ? ["provider", "consumer"] : ["adapter"];
  const ask = (side: string) => get<{ total: Totals }>("machilink/usage", { by: "total", side, from: day, to: day, compare: true });
  return Promise.all(sides.map(async (side) => ({ side, total: (await ask(side)).total })));
}

/** A list that the reader may not see, or that this machine lacks, is left out. */
async function optional<T>(wanted: boolean, read: () => Promise<T>): Promise<T | undefined> {
  return wanted ? read().catch(() => undefined) : undefined;
}

async function readAll(): Promise<Everything> {
  const health = await readHealth();
  const askedAt = Date.now();
  const server = machine.value.has("security-server");
  const monitored = machine.value.has("monitor");
  const wizard = (server || machine.value.has("center")) && hasRole("XROAD_SYSTEM_ADMINISTRATOR");
  const [setup, backups, certificates, ocsp, use, databases] = await Promise.all([
    optional(wizard, () => readSetup(health)),
    optional(may("BACKUP_CONFIGURATION"), () => get<Extras["backups"]>("backups")),
    optional(server, () => get<Extras["certificates"]>("machilink/certificates")),
    optional(server && may("DIAGNOSTICS"), () => get<Extras["ocsp"]>("diagnostics/ocsp-responders")),
    optional(monitored, readUse),
    optional(machine.value.has("adapter"), () => get<unknown[]>("machilink/adapter/databases")),
  ]);
  return { setup, health, extras: { askedAt, backups, certificates, ocsp, today: use?.map((x) => x.total) }, today: use, databases: databases?.length };
}

function Summary(p: { of: Lamp[] }) {
  const bad = p.of.filter((l) => l.state === "bad").length;
  const wait = p.of.filter((l) => l.state === "wait").length;
  if (!bad && !wait)
    return (
      <Banner kind="success" title={say("allGood")}>
        <p>{say("allGoodText")}</p>
      </Banner>
    );
  return (
    <Banner kind={bad ? "error" : "warning"} title={bad ? say("someBad", { n: bad }) : say("someWait", { n: wait })}>
      <p>{say("lookBelow")}</p>
    </Banner>
  );
}

function GoOn(p: { of: Unfinished }) {
  const button = (
    <ButtonLink kind="solid" href={href("setup")}>
      {say("setupGoOn")}
    </ButtonLink>
  );
  return (
    <Banner kind="warning" title={say("setupOpen")} actions={button}>
      <p>{say("setupOpenText", { done: number(p.of.done), all: number(p.of.all) })}</p>
    </Banner>
  );
}

const worstFirst = { bad: 0, wait: 1, off: 2, good: 3 };

function Lamps(p: { of: Lamp[] }) {
  const list = [...p.of].sort((a, b) => worstFirst[a.state] - worstFirst[b.state]);
  return (
    <Section title={say("health")}>
      <ul class="cards lamps">
        {list.map((l) => (
          <li key={l.name} class="card lamp" data-lamp={l.name} data-state={l.state}>
            <h3>{l.title}</h3>
            <Light state={l.state}>{say.of("state", l.state)}</Light>
            <p>{l.fact}</p>
            {l.advice ? <p class="advice">{l.advice}</p> : null}
            {l.to && leads(l.to) ? (
              <a class="button small" href={l.to}>
                {say("open", { title: l.title })}
              </a>
            ) : null}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Details(p: { of: Health }) {
  return (
    <Section title={say("details")}>
      <details>
        <summary>{say("detailsText")}</summary>
        <ul class="cards">
          {p.of.roles.map((r) => (
            <RoleCard key={r.role} of={r} />
          ))}
        </ul>
      </details>
    </Section>
  );
}

export default function Home() {
  const all = useLoad(readAll);
  const time = all.data ? dateTimeText(Date.parse(all.data.health.time)) : "";
  return (
    <>
      <PageHeader
        title={say("title")}
        lead={time ? <p class="soft">{say("asOf", { time })}</p> : null}
        help="home"
        actions={<Button action={all.reload}>{say("refresh")}</Button>}
      />
      <Load of={all}>
        {({ setup, health, extras, today, databases }) => {
          const list = lamps(health, extras);
          return (
            <>
              {setup ? <GoOn of={setup} /> : <Summary of={list} />}
              <Waiting of={health} />
              <Lamps of={list} />
              {today ? <Traffic of={today} /> : null}
              <Portal of={health} databases={databases} />
              <Details of={health} />
            </>
          );
        }}
      </Load>
    </>
  );
}
