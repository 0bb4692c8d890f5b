// One exchange: each step with its time, and its evidence.
import { get } from "../../lib/api";
import { millis } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { href } from "../../lib/route";
import { Banner, type Column, DataTable, DateTime, Id, Load, PageHeader, PairOf, Pairs, Section } from "../../ui";
import { direction, Evidence, type Logged, RecordState } from "./evidence";
import { say } from "./words";

const moments = ["request_in", "request_out", "response_in", "response_out"] as const;

type Times = { [m in (typeof moments)[number]]?: number };
interface Seen extends Times {
  side: "provider" | "consumer" | "adapter";
  succeeded: boolean;
  fault_code?: string;
  fault?: string;
}
interface Step {
  at: number;
  text: string;
}
interface Whole {
  records: Logged[];
  seen: Seen[];
}

const hour = 3600 * 1000;

/** Times are a help: without them the evidence is still there. */
async function read(id: string, near: number): Promise<Whole> {
  const span = near ? { from: new Date(near - hour).toISOString(), to: new Date(near + hour).toISOString() } : {};
  const { exchanges } = await get<{ exchanges: Logged[] }>("machilink/exchanges", { "message-id": id, ...span });
  const records = [...exchanges].sort((a, b) => a.time - b.time || a.id - b.id);
  const at = records[0]?.time ?? near;
  const asked = { message_id: id, near: new Date(at).toISOString() };
  const seen = at ? await get<{ items: Seen[] }>("machilink/usage/steps", asked).catch(() => ({ items: [] })) : { items: [] };
  return { records, seen: seen.items };
}

function stepsOf(x: Whole): Step[] {
  const moved = x.seen.flatMap((s) =>
    moments.flatMap((m): Step[] => {
      const at = s[m];
      const text = say.of("seen", `${s.side}_${m}`);
      return at === undefined || text === undefined ? [] : [{ at, text }];
    }),
  );
  const logged = x.records.map((r) => ({ at: r.time, text: say.of("logged", r.response ? "response" : "request") ?? "" }));
  return [...moved, ...logged].sort((a, b) => a.at - b.at);
}

function Timeline(p: { of: Whole }) {
  const rows = stepsOf(p.of).map((s, i) => ({ ...s, i }));
  const columns: Column<(typeof rows)[number]>[] = [
    { key: "time", head: say("time"), cell: (s) => <DateTime at={s.at} /> },
    { key: "step", head: say("step"), name: true, text: (s) => s.text },
    { key: "since", head: say("sinceStart"), numeric: true, text: (s) => say("ms", { n: millis(s.at - rows[0].at) }) },
  ];
  return (
    <Section title={say("timeline")}>
      {p.of.seen.length ? null : <p>{say("noSteps")}</p>}
      {p.of.seen
        .filter((s) => !s.succeeded)
        .map((s, i) => (
          <Banner key={i} kind="error" title={say("failed")}>
            <p>{say("failedText", { text: s.fault ?? "", code: s.fault_code ?? "" })}</p>
          </Banner>
        ))}
      <DataTable plain rows={rows} size={100} caption={say("timeline")} columns={columns} id={(s) => String(s.i)} />
    </Section>
  );
}

function Records(p: { of: Logged[] }) {
  const columns: Column<Logged>[] = [
    { key: "message", head: say("direction"), name: true, text: (r) => `${r.rest ? "REST" : "SOAP"} ${direction(r)}` },
    { key: "time", head: say("time"), cell: (r) => <DateTime at={r.time} /> },
    { key: "state", head: say("state"), cell: (r) => <RecordState of={r} /> },
    { key: "evidence", head: say("evidence"), cell: (r) => <Evidence of={r} /> },
  ];
  return (
    <Section title={say("evidence")}>
      <DataTable plain rows={p.of} size={100} caption={say("evidence")} columns={columns} id={(r) => String(r.id)} />
    </Section>
  );
}

export function One(p: { id: string; near: number }) {
  const whole = useLoad(() => read(p.id, p.near), [p.id, p.near]);
  return (
    <>
      <PageHeader title={say("one")} lead={<p>{say("oneLead")}</p>} above={[[say("title"), href("log")]]} help="log" />
      <Load of={whole}>
        {(x) => (
          <>
            <Pairs>
              <PairOf name={say("messageId")}>
                <Id>{p.id}</Id>
              </PairOf>
              {x.records.length ? (
                <PairOf name={say("parties")}>
                  <Id>{x.records[0].client}</Id> → <Id>{x.records[0].service}</Id>
                </PairOf>
              ) : null}
            </Pairs>
            {x.records.length ? null : <Banner kind="warning" title={say("gone")} />}
            {x.records.length || x.seen.length ? <Timeline of={x} /> : null}
            {x.records.length ? <Records of={x.records} /> : null}
          </>
        )}
      </Load>
    </>
  );
}
