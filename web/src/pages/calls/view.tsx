// Calls of data services: searched, newest first.
import { type Service, base, nameOf, services } from "../../lib/adapter";
import { get } from "../../lib/api";
import { millis, number } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { useMore } from "../../lib/more";
import type { PageProps } from "../../lib/page";
import { go } from "../../lib/route";
import {
  Button,
  type Column,
  DataTable,
  DateTime,
  Empty,
  Form,
  Id,
  Light,
  PageHeader,
  Progress,
  RefusedBanner,
  Select,
  TextField,
  useForm,
} from "../../ui";
import { say } from "./words";

interface Call {
  id: number;
  time: string;
  service: string;
  version?: string;
  interface: string;
  client?: string;
  user_id?: string;
  message_id?: string;
  parameters?: Record<string, unknown> | null;
  rows: number;
  affected?: number;
  milliseconds: number;
  outcome: string;
}
interface Wanted {
  service: string;
  client: string;
  outcome: string;
  message_id: string;
}

const given = (w: Wanted) => Object.fromEntries(Object.entries(w).filter(([, v]) => v));
const outcomeText = (c: Call) => say.of("outcome", c.outcome) ?? c.outcome.replace(/_/g, " ");
const one = (v: unknown) => (Array.isArray(v) ? v.join("、") : String(v));

function Parameters(p: { of: Call }) {
  const all = Object.entries(p.of.parameters ?? {});
  if (!all.length) return <>–</>;
  return (
    <>
      {all.map(([name, value]) => (
        <span key={name} class="line">
          <code>{name}</code> = {one(value)}
        </span>
      ))}
    </>
  );
}

function Caller(p: { of: Call }) {
  const c = p.of;
  return (
    <>
      {c.client ? <Id>{c.client}</Id> : say("unknown")}
      <span class="line soft">{say.of("interface", c.interface) ?? c.interface}</span>
      {c.user_id ? (
        <span class="line soft">
          {say("user")}: {c.user_id}
        </span>
      ) : null}
      {c.message_id ? (
        <span class="line soft">
          <Id>{c.message_id}</Id>
        </span>
      ) : null}
    </>
  );
}

function columns(): Column<Call>[] {
  return [
    { key: "time", head: say("time"), cell: (c) => <DateTime at={c.time} /> },
    { key: "service", head: say("service"), name: true, text: (c) => [c.service, c.version].filter(Boolean).join(" ") },
    { key: "client", head: say("client"), cell: (c) => <Caller of={c} /> },
    { key: "parameters", head: say("parameters"), cell: (c) => <Parameters of={c} /> },
    {
      key: "outcome",
      head: say("outcome"),
      cell: (c) => <Light state={c.outcome === "ok" ? "good" : "bad"}>{outcomeText(c)}</Light>,
    },
    {
      key: "rows",
      head: say("rows"),
      numeric: true,
      cell: (c) => (c.affected === undefined ? number(c.rows) : `${say("changed")} ${number(c.affected)}`),
    },
    { key: "took", head: say("took"), numeric: true, text: (c) => say("ms", { n: millis(c.milliseconds) }) },
  ];
}

function Search(p: { wanted: Wanted; names: Service[] }) {
  const form = useForm(p.wanted, async (v) => go("calls", [], given(v)));
  const choices = p.names.map((s) => ({ value: s.name, text: nameOf(s) }));
  return (
    <Form form={form} submit={say("search")} label={say("search")} question>
      <Select form={form} name="service" label={say("service")} choices={choices} none={say("all")} />
      <Select
        form={form}
        name="outcome"
        label={say("outcome")}
        none={say("all")}
        choices={[
          { value: "ok", text: say("ok") },
          { value: "refused", text: say("refused") },
        ]}
      />
      <TextField form={form} name="client" label={say("client")} hint={say("clientHint", { text: "JP/COM/2010401999001/logistics" })} />
      <TextField form={form} name="message_id" label={say("message")} />
    </Form>
  );
}

function Found(p: { wanted: Wanted }) {
  const list = useMore<Call>(
    async (before) => {
      const answer = await get<{ calls: Call[]; next?: number }>(`${base}/calls`, { ...given(p.wanted), before, limit: 50 });
      return { rows: answer.calls, next: answer.next };
    },
    [JSON.stringify(p.wanted)],
  );
  const some = Object.keys(given(p.wanted)).length > 0;
  return (
    <div aria-busy={list.loading}>
      {list.error ? <RefusedBanner error={list.error} again={list.reload} /> : null}
      {list.rows.length ? (
        <DataTable
          plain
          rows={list.rows}
          size={list.rows.length}
          caption={say("title")}
          columns={columns()}
          id={(c) => String(c.id)}
          actions={<Button action={list.reload}>{say("refresh")}</Button>}
        />
      ) : list.loading ? (
        <Progress />
      ) : list.error ? null : (
        <Empty actions={<Button action={list.reload}>{say("refresh")}</Button>}>
          <p>{say(some ? "nothing" : "none")}</p>
        </Empty>
      )}
      {list.next && list.rows.length ? (
        <div class="paging">
          <span class="soft">{say("found", { n: number(list.rows.length) })}</span>
          <Button action={list.more}>{say("more")}</Button>
        </div>
      ) : null}
    </div>
  );
}

export default function Calls(p: PageProps) {
  const of = (key: string) => p.query.get(key) ?? "";
  const wanted: Wanted = { service: of("service"), client: of("client"), outcome: of("outcome"), message_id: of("message_id") };
  const names = useLoad(services);
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="adapter-calls" />
      <details open={Object.keys(given(wanted)).length > 0}>
        <summary>{say("search")}</summary>
        <Search key={p.query.toString()} wanted={wanted} names={names.data ?? []} />
        {Object.keys(given(wanted)).length ? (
          <div>
            <Button kind="text" onClick={() => go("calls")}>
              {say("clear")}
            </Button>
          </div>
        ) : null}
      </details>
      <Found wanted={wanted} />
    </>
  );
}
