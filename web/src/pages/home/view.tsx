// Home: is it working, what waits for the reader, how much it is used.
import { leads } from "../../app/pages";
import { get } from "../../lib/api";
import { dateTimeText } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { type Health, machine, may, readHealth } from "../../lib/session";
import { Banner, Button, Light, Load, PageHeader, Section } from "../../ui";
import { type Extras, type Lamp, lamps } from "./lights";
import { Portal, type Totals, Traffic, type Use, Waiting } from "./parts";
import { RoleCard } from "./report";
import { say } from "./words";
import "./home.css";

interface Everything {
  health: Health;
  extras: Extras;
  today?: Use[];
  /** How many the adapter has. */
  databases?: number;
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
  const [backups, certificates, ocsp, use, databases] = await Promise.all([
    optional(may("BACKUP_CONFIGURATION"), () => get<Extras["backups"]>("backups")),
    optional(server, () => get<Extras["certificates"]>("machilink/certificates")),
    optional(server && may("DIAGNOSTICS"), () => get<Extras["ocsp"]>("diagnostics/ocsp-responders")),
    optional(monitored, readUse),
    optional(machine.value.has("adapter"), () => get<unknown[]>("machilink/adapter/databases")),
  ]);
  return { health, extras: { askedAt, backups, certificates, ocsp, today: use?.map((x) => x.total) }, today: use, databases: databases?.length };
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
        {({ health, extras, today, databases }) => {
          const list = lamps(health, extras);
          return (
            <>
              <Summary of={list} />
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
