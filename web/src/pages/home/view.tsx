// Home: is it working, what waits for the reader, how much it is used.
import { leads } from "../../app/pages";
import { get } from "../../lib/api";
import { dateTimeText, isoDate } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { type Health, machine, may, readHealth } from "../../lib/session";
import { Banner, Button, Light, Load, PageHeader, Section } from "../../ui";
import { type Extras, type Lamp, lamps } from "./lights";
import { Portal, type Totals, Traffic, Waiting } from "./parts";
import { RoleCard } from "./report";
import { say } from "./words";
import "./home.css";

interface Everything {
  health: Health;
  extras: Extras;
  today?: Totals;
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
  const day = isoDate(Date.now());
  const [backups, certificates, ocsp, use] = await Promise.all([
    optional(may("BACKUP_CONFIGURATION"), () => get<Extras["backups"]>("backups")),
    optional(server, () => get<Extras["certificates"]>("machilink/certificates")),
    optional(server && may("DIAGNOSTICS"), () => get<Extras["ocsp"]>("diagnostics/ocsp-responders")),
    optional(monitored, () => get<{ total: Totals }>("machilink/usage", { by: "total", from: day, to: day, compare: true })),
  ]);
  return { health, extras: { askedAt, backups, certificates, ocsp, today: use?.total }, today: use?.total };
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
        {({ health, extras, today }) => {
          const list = lamps(health, extras);
          return (
            <>
              <Summary of={list} />
              <Waiting of={health} />
              <Lamps of={list} />
              {today ? <Traffic of={today} /> : null}
              <Portal of={health} />
              <Details of={health} />
            </>
          );
        }}
      </Load>
    </>
  );
}
