// The message log: searched, newest first, with the evidence of each record.
import { get } from "../../lib/api";
import { number } from "../../lib/format";
import { type More, useMore } from "../../lib/more";
import type { PageProps } from "../../lib/page";
import { go, href } from "../../lib/route";
import {
  Button,
  type Column,
  DataTable,
  DateTime,
  Empty,
  Form,
  Id,
  PageHeader,
  Progress,
  RefusedBanner,
  Select,
  TextField,
  useForm,
} from "../../ui";
import { direction, Evidence, type Logged, RecordState } from "./evidence";
import { One } from "./one";
import { say } from "./words";

const keys = ["message-id", "from", "to", "member", "service", "direction", "protocol"] as const;
type Wanted = { [key in (typeof keys)[number]]: string };

const given = (w: Wanted) => Object.fromEntries(Object.entries(w).filter(([, v]) => v.trim()).map(([k, v]) => [k, v.trim()]));

/** As the interface takes it: days are the reader's, identifiers are paths. */
function asked(w: Wanted): { [key: string]: string } {
  const q: { [key: string]: string } = given(w);
  if (q.from) q.from = new Date(`${q.from}T00:00:00`).toISOString();
  if (q.to) q.to = new Date(`${q.to}T23:59:59.999`).toISOString();
  for (const key of ["member", "service"]) if (q[key]?.includes(":")) q[key] = q[key].split(":").map(encodeURIComponent).join("/");
  return q;
}

function columns(): Column<Logged>[] {
  return [
    { key: "time", head: say("time"), cell: (x) => <DateTime at={x.time} />, sort: (x) => x.time },
    {
      key: "message",
      head: say("message"),
      name: true,
      text: (x) => x.query_id,
      cell: (x) => (
        <>
          <a href={href("log", [x.query_id], { near: String(x.time) })}>
            <Id>{x.query_id}</Id>
          </a>
          <span class="line soft">
            {x.rest ? "REST" : "SOAP"} {direction(x)}
          </span>
        </>
      ),
    },
    {
      key: "parties",
      head: say("parties"),
      text: (x) => `${x.client} ${x.service}`,
      cell: (x) => (
        <>
          <Id>{x.client}</Id>
          <span class="line">
            → <Id>{x.service}</Id>
          </span>
        </>
      ),
    },
    { key: "state", head: say("state"), cell: (x) => <RecordState of={x} /> },
    { key: "evidence", head: say("evidence"), cell: (x) => <Evidence of={x} /> },
  ];
}

function Search(p: { wanted: Wanted }) {
  const form = useForm(p.wanted, async (v) => go("log", [], given(v)));
  const choices = (list: [string, string][]) => list.map(([value, text]) => ({ value, text }));
  return (
    <Form form={form} submit={say("search")} label={say("search")} question>
      <TextField form={form} name="message-id" label={say("messageId")} hint={say("messageIdHint")} maxLength={255} />
      <TextField form={form} name="from" type="date" label={say("from")} />
      <TextField form={form} name="to" type="date" label={say("to")} />
      <TextField
        form={form}
        name="member"
        label={say("member")}
        hint={say("memberHint", { text: "JP/COM/2010401999001" })}
        pattern="[^\/:]+([\/:][^\/:]+){2,3}"
      />
      <TextField
        form={form}
        name="service"
        label={say("service")}
        hint={say("serviceHint", { text: "JP/GOV/9000020994014/opendata/evacuation-sites" })}
        pattern="[^\/:]+([\/:][^\/:]+){4,5}"
      />
      <Select
        form={form}
        name="direction"
        label={say("direction")}
        none={say("any")}
        choices={choices([
          ["request", say("request")],
          ["response", say("response")],
        ])}
      />
      <Select
        form={form}
        name="protocol"
        label={say("protocol")}
        none={say("any")}
        choices={choices([
          ["rest", "REST"],
          ["soap", "SOAP"],
        ])}
      />
    </Form>
  );
}

function Found(p: { list: More<Logged>; some: boolean }) {
  const { list } = p;
  const next = list.next ? <Button action={list.more}>{say("more")}</Button> : null;
  return (
    <div aria-busy={list.loading}>
      {list.error ? <RefusedBanner error={list.error} again={list.reload} /> : null}
      {list.rows.length ? (
        <DataTable rows={list.rows} size={list.rows.length} caption={say("title")} columns={columns()} id={(x) => String(x.id)} />
      ) : list.loaded && !list.loading && !list.error ? (
        <Empty actions={next}>
          <p>{say(p.some ? "nothing" : "none")}</p>
        </Empty>
      ) : list.error ? null : (
        <Progress />
      )}
      {next && list.rows.length ? (
        <div class="paging">
          <span class="soft">{say("found", { n: number(list.rows.length) })}</span>
          {next}
        </div>
      ) : null}
    </div>
  );
}

function List(p: { query: URLSearchParams }) {
  const wanted = Object.fromEntries(keys.map((key) => [key, p.query.get(key) ?? ""])) as Wanted;
  const some = Object.keys(given(wanted)).length > 0;
  const list = useMore<Logged>(
    async (before) => {
      const answer = await get<{ exchanges: Logged[]; next?: number }>("machilink/exchanges", { ...asked(wanted), before, limit: 50 });
      return { rows: answer.exchanges, next: answer.next };
    },
    [JSON.stringify(wanted)],
  );
  return (
    <>
      <PageHeader
        title={say("title")}
        lead={<p>{say("lead")}</p>}
        help="log"
        actions={<Button action={list.reload}>{say("refresh")}</Button>}
      />
      <details open={some} class="search">
        <summary>{say("search")}</summary>
        <Search key={JSON.stringify(wanted)} wanted={wanted} />
        {some ? (
          <Button kind="text" onClick={() => go("log")}>
            {say("clear")}
          </Button>
        ) : null}
      </details>
      <Found list={list} some={some} />
    </>
  );
}

export default function Log(p: PageProps) {
  const [id] = p.rest;
  return id === undefined ? <List query={p.query} /> : <One key={id} id={id} near={Number(p.query.get("near")) || 0} />;
}
