// How far caches follow the center, as an honest light with its sentence.
import { get } from "../../lib/api";
import { duration, number } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { Button, type Column, DataTable, Id, Light, Load, PairOf, Pairs } from "../../ui";
import { at, type Feed, type LinkState } from "./model";
import { say } from "./words";

/** Services refuse when a cache is older than this, unless they say otherwise. */
const old = 15 * 60 * 1000;

/** When a cache was heard: one that is silent for long refuses. */
function Heard(p: { of: Feed }) {
  const age = p.of.age_ms;
  if (!p.of.cache) return <Light state="off">{say("noDoor")}</Light>;
  if (age === undefined) return <Light state="wait">{say("unheard")}</Light>;
  if (age > old) return <Light state="bad">{say("silent", { time: duration(age) })}</Light>;
  return <Light state={age > old / 2 ? "wait" : "good"}>{say("age", { time: duration(age) })}</Light>;
}

function Feeds(p: { of: Feed[] }) {
  const columns: Column<Feed>[] = [
    { key: "member", head: say("organisation"), name: true, text: (f) => f.member, cell: (f) => <Id>{f.member}</Id>, sort: (f) => f.member },
    { key: "last", head: say("changes"), numeric: true, text: (f) => number(f.last), sort: (f) => f.last },
    {
      key: "told",
      head: say("cache"),
      cell: (f) => (f.told < f.last ? <Light state="wait">{say("behind", { n: number(f.last - f.told) })}</Light> : <Light state="good">{say("followed")}</Light>),
      sort: (f) => f.last - f.told,
    },
    { key: "heard", head: say("lastContact"), cell: (f) => <Heard of={f} />, sort: (f) => f.age_ms ?? Number.MAX_SAFE_INTEGER },
  ];
  return <DataTable rows={p.of} caption={say("feeds")} columns={columns} id={(f) => f.member} sort="member" empty={<p>{say("feedNone")}</p>} />;
}

function Age(p: { of: LinkState }) {
  const age = p.of.age_ms;
  if (age === undefined) return <Light state="bad">{say("never")}</Light>;
  if (!p.of.whole) return <Light state="bad">{say("notWhole")}</Light>;
  if (age > old) return <Light state="bad">{say("tooOld", { time: duration(age) })}</Light>;
  return <Light state={age > old / 2 ? "wait" : "good"}>{say("age", { time: duration(age) })}</Light>;
}

function Cache(p: { of: LinkState }) {
  const waiting = p.of.usagesWaiting ?? 0;
  return (
    <Pairs>
      <PairOf name={say("lastContact")}>
        <Age of={p.of} />
      </PairOf>
      <PairOf name={say("organisation")}>
        <Id>{p.of.member ?? ""}</Id>
      </PairOf>
      <PairOf name={say("taken")}>{number(p.of.position ?? 0)}</PairOf>
      <PairOf name={say("usages")}>
        <Light state={waiting ? "wait" : "good"}>{waiting ? say("usagesWaiting", { n: number(waiting) }) : say("usagesKnown")}</Light>
      </PairOf>
      {p.of.trouble ? (
        <PairOf name={say("trouble")}>
          <Light state="bad">{p.of.trouble}</Light>
        </PairOf>
      ) : null}
    </Pairs>
  );
}

export function State() {
  const state = useLoad(() => get<LinkState>(at));
  return (
    <>
      <div class="actions">
        <Button action={state.reload}>{say("refresh")}</Button>
      </div>
      <Load of={state}>
        {(s) => (
          <>
            <p>{say(s.mode === "center" ? "stateLead" : "stateLeadCache")}</p>
            {s.mode === "center" ? <Feeds of={s.feeds ?? []} /> : <Cache of={s} />}
          </>
        )}
      </Load>
    </>
  );
}
