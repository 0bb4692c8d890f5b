// Use of services: figures, course, table, unused services, export.
import { address, get } from "../../lib/api";
import { bytes, number, percent } from "../../lib/format";
import { useLoad } from "../../lib/load";
import type { PageProps } from "../../lib/page";
import { href } from "../../lib/route";
import { Banner, ButtonLink, type Column, DataTable, DateTime, Id, Load, PageHeader, Section } from "../../ui";
import { Question } from "./ask";
import { changeText, Figures, Reasons } from "./figures";
import { Course } from "./trend";
import { Unused } from "./unused";
import { addressOf, type Asked, type By, type Group, readAsked, type Side, sides, tableQuery, type Usage } from "./usage";
import { say } from "./words";
import "./usage.css";

interface Status {
  recording: boolean;
  lost: number;
  error: string | null;
  keep_hours_days: number;
  keep_days: number;
}

function Recording() {
  const status = useLoad(() => get<Status>("machilink/usage/status"));
  const s = status.data;
  if (!s) return null;
  return (
    <>
      {s.recording ? null : (
        <Banner kind="warning" title={say("notRecording")}>
          <p>{say("notRecordingText")}</p>
        </Banner>
      )}
      {s.error || s.lost ? (
        <Banner kind="error" title={say("lost", { n: number(s.lost) })}>
          <p>{say("lostText", { why: s.error ?? "" })}</p>
        </Banner>
      ) : null}
      <p class="soft">{say("kept", { hours: number(s.keep_hours_days), days: number(s.keep_days) })}</p>
    </>
  );
}

/** A service or consumer leads to its own figures. */
function Name(p: { of: Group; asked: Asked; side: Side; what: "service" | "consumer" }) {
  const name = p.of[p.what] ?? "";
  const other: By = p.what === "service" ? "consumer" : "service";
  const to = { ...p.asked, side: p.side, [p.what]: name, by: other };
  return (
    <a href={href("usage", [], addressOf(to))} aria-label={say("look", { name })}>
      <Id>{name}</Id>
    </a>
  );
}

function names(asked: Asked, side: Side): Column<Group>[] {
  const of = (what: "service" | "consumer"): Column<Group> => ({
    key: what,
    head: say(what),
    text: (g) => g[what] ?? "",
    sort: (g) => g[what] ?? "",
    cell: (g) => <Name of={g} asked={asked} side={side} what={what} />,
  });
  if (asked.by === "pair") return [{ ...of("service"), name: true }, of("consumer")];
  return [{ ...of(asked.by === "consumer" ? "consumer" : "service"), name: true }];
}

function columns(asked: Asked, side: Side): Column<Group>[] {
  return [
    ...names(asked, side),
    {
      key: "calls",
      head: say("calls"),
      numeric: true,
      sort: (g) => g.calls,
      cell: (g) => (
        <>
          <span data-number={g.calls}>{number(g.calls)}</span>
          {g.before ? <span class="line soft">{changeText(g.calls, g.before.calls)}</span> : null}
        </>
      ),
    },
    {
      key: "failures",
      head: say("failures"),
      numeric: true,
      sort: (g) => g.failures,
      cell: (g) => (
        <>
          <span data-number={g.failures}>{number(g.failures)}</span>
          {g.failures ? <span class="line soft">{percent(g.failures / g.calls)}</span> : null}
        </>
      ),
    },
    {
      key: "latency",
      head: say("latency"),
      numeric: true,
      sort: (g) => g.p50_ms,
      cell: (g) =>
        g.calls ? (
          <>
            {say("ms", { n: number(g.p50_ms, 1) })}
            <span class="line soft">{say("p95Short", { n: number(g.p95_ms, 1) })}</span>
          </>
        ) : (
          "–"
        ),
    },
    {
      key: "bytes",
      head: say("bytes"),
      numeric: true,
      sort: (g) => g.request_bytes + g.response_bytes,
      cell: (g) => bytes(g.request_bytes + g.response_bytes),
    },
    { key: "days", head: say("days"), numeric: true, sort: (g) => g.days, cell: (g) => number(g.days) },
    {
      key: "last",
      head: say("lastUse"),
      sort: (g) => g.last_use ?? "",
      cell: (g) => (
        <>
          <DateTime at={g.last_use} only="date" />
          {g.first_use ? (
            <span class="line soft">
              {say("firstUse")} <DateTime at={g.first_use} only="date" />
            </span>
          ) : null}
        </>
      ),
    },
  ];
}

function Answered(p: { asked: Asked; side: Side; of: Usage }) {
  const query = tableQuery(p.asked, p.side);
  const file = `usage-${p.asked.from}-${p.asked.to}.json`;
  const t = p.of.total;
  if (!t.calls && !t.before?.calls)
    return (
      <Banner kind="info" title={say("nothing")}>
        <p>{say.of("nothing", p.side)}</p>
      </Banner>
    );
  return (
    <>
      <Figures of={p.of} />
      <Course asked={p.asked} side={p.side} />
      <Reasons of={p.of} />
      <Section title={say("table")}>
        <DataTable
          rows={p.of.items}
          caption={say.of("caption", p.asked.by) ?? ""}
          columns={columns(p.asked, p.side)}
          id={(g) => `${g.service ?? ""} ${g.consumer ?? ""}`.trim()}
          sort="calls"
          descending
          actions={
            <>
              <ButtonLink small download href={address("machilink/usage", { ...query, format: "csv", bom: true })}>
                {say("csv")}
              </ButtonLink>
              <ButtonLink small download={file} href={address("machilink/usage", query)}>
                {say("json")}
              </ButtonLink>
            </>
          }
        />
      </Section>
    </>
  );
}

/** Where nothing is said about the side: the one with the most calls. */
async function sideOf(a: Asked): Promise<Side> {
  if (a.side) return a.side as Side;
  const all = await get<Usage>("machilink/usage", { from: a.from, to: a.to, by: "service" });
  const calls = (side: Side) => all.items.reduce((sum, g) => sum + (g.side === side ? g.calls : 0), 0);
  return sides.reduce((best, side) => (calls(side) > calls(best) ? side : best));
}

export default function UsagePage(p: PageProps) {
  const asked = readAsked(p.query);
  const loaded = useLoad(async () => {
    const side = await sideOf(asked);
    return { asked, side, use: await get<Usage>("machilink/usage", tableQuery(asked, side)) };
  }, [p.query.toString()]);
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="usage" />
      <Load of={loaded}>
        {(x) => (
          <>
            <Question asked={x.asked} side={x.side} />
            <div class="usage" aria-busy={loaded.loading}>
              <Answered asked={x.asked} side={x.side} of={x.use} />
            </div>
          </>
        )}
      </Load>
      <Unused />
      <Recording />
    </>
  );
}
