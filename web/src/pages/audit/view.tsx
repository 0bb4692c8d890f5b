// The audit: searched by the service, one page at a time; exported as asked.
import { useState } from "preact/hooks";
import { address, get, type Query } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { Button, ButtonLink, type Column, DateTime, Dialog, Form, Id, Light, PageHeader, PairOf, Pairs, RemoteTable, Section, Select, TextField, useForm, type Wish } from "../../ui";
import { ChainState } from "./chain";
import { type Act, eventText, outcomeText } from "./event";
import { say as sayEvent } from "./event_words";
import { say } from "./words";
import "./audit.css";

interface Answer {
  items: Act[];
  paging_metadata: { total_items: number };
}

interface Asked {
  text: string;
  user: string;
  address: string;
  event: string;
  outcome: string;
  from: string;
  to: string;
}

const nothing: Asked = { text: "", user: "", address: "", event: "", outcome: "", from: "", to: "" };

/** Days of the reader as moments of the service. */
function queryOf(asked: Asked): Query {
  const moment = (day: string, time: string) => (day ? new Date(`${day}T${time}`).toISOString() : "");
  return { ...asked, from: moment(asked.from, "00:00:00"), to: moment(asked.to, "23:59:59.999") };
}

function Search(p: { set: (a: Asked) => void; events: string[] }) {
  const form = useForm(nothing, async (v) => p.set(v));
  const clear = () => {
    form.setAll(nothing);
    p.set(nothing);
  };
  const named = p.events.map((value) => ({ value, text: eventName(value) })).sort((a, b) => a.text.localeCompare(b.text, "ja"));
  return (
    <Form form={form} submit={say("search")} label={say("searchTitle")} question cancel={clear} cancelText={say("clear")}>
      <div class="audit-search">
        <TextField form={form} name="from" type="date" label={say("from")} />
        <TextField form={form} name="to" type="date" label={say("to")} />
        <TextField form={form} name="user" label={say("user")} />
        <TextField form={form} name="address" label={say("address")} />
        <Select form={form} name="event" label={say("event")} choices={named} none={say("all")} />
        <Select
          form={form}
          name="outcome"
          label={say("outcome")}
          choices={[
            { value: "SUCCESS", text: say("success") },
            { value: "FAILURE", text: say("failure") },
          ]}
          none={say("all")}
        />
        <TextField form={form} name="text" label={say("text")} hint={say("textHint")} />
      </div>
    </Form>
  );
}

function eventName(event: string): string {
  return sayEvent.of("event", event.toLowerCase().replace(/[^a-z0-9]+/g, "_")) ?? event;
}

function Outcome(p: { of: Act }) {
  return <Light state={p.of.outcome === "SUCCESS" ? "good" : "bad"}>{outcomeText(p.of)}</Light>;
}

function Details(p: { of: Act; close: () => void }) {
  const x = p.of;
  return (
    <Dialog title={say("detailTitle", { n: x.id })} onClose={p.close} wide>
      <Pairs>
        <PairOf name={say("time")}>
          <DateTime at={x.time} />
        </PairOf>
        <PairOf name={say("user")}>{x.user || say("nobody")}</PairOf>
        <PairOf name={say("address")}>{x.address || say("onMachine")}</PairOf>
        <PairOf name={say("event")}>{eventText(x)}</PairOf>
        <PairOf name={say("outcome")}>
          <Outcome of={x} />
          {x.status ? ` (HTTP ${x.status})` : null}
        </PairOf>
        <PairOf name={say("target")}>
          <Id>{`${x.method} ${x.target}`.trim()}</Id>
        </PairOf>
        <PairOf name={say("hash")}>
          <Id>{x.hash || "–"}</Id>
        </PairOf>
      </Pairs>
      {x.detail === undefined ? null : (
        <>
          <h3>{say("detail")}</h3>
          <p class="soft">{say("detailHint")}</p>
          <pre tabIndex={0} class="audit-detail" aria-label={say("detail")}>
            {JSON.stringify(x.detail, null, 2)}
          </pre>
        </>
      )}
      <div class="actions end">
        <Button kind="solid" onClick={p.close}>
          {say("close")}
        </Button>
      </div>
    </Dialog>
  );
}

function columns(show: (x: Act) => void): Column<Act>[] {
  return [
    { key: "time", head: say("time"), cell: (x) => <DateTime at={x.time} /> },
    {
      key: "event",
      head: say("event"),
      name: true,
      cell: (x) => (
        <>
          {eventText(x)}
          {x.event ? (
            <span class="line soft">
              <Id>{x.target.replace(/^\/api\/v1\//, "")}</Id>
            </span>
          ) : null}
        </>
      ),
    },
    { key: "user", head: say("user"), text: (x) => x.user || say("nobody") },
    { key: "address", head: say("address"), text: (x) => x.address || say("onMachine") },
    { key: "outcome", head: say("outcome"), cell: (x) => <Outcome of={x} /> },
    {
      key: "detail",
      head: say("actions"),
      cell: (x) => (
        <Button small onClick={() => show(x)} label={`${say("show")}: ${x.id}`}>
          {say("show")}
        </Button>
      ),
    },
  ];
}

function List(p: { asked: Asked }) {
  const [shown, show] = useState<Act>();
  const query = queryOf(p.asked);
  const read = async (w: Wish) => {
    const answer = await get<Answer>("machilink/audit", { ...query, limit: w.size, offset: w.page * w.size });
    return { rows: answer.items, total: answer.paging_metadata.total_items };
  };
  const file = (format: string, bom?: boolean) => address("machilink/audit/export", { ...query, format, bom });
  return (
    <>
      <RemoteTable
        caption={say("caption")}
        columns={columns(show)}
        id={(x) => String(x.id)}
        read={read}
        plain
        size={50}
        empty={<p>{say("none")}</p>}
        actions={
          <>
            <ButtonLink small download href={file("csv", true)}>
              {say("csv")}
            </ButtonLink>
            <ButtonLink small download href={file("json")}>
              {say("json")}
            </ButtonLink>
          </>
        }
      />
      {shown ? <Details of={shown} close={() => show(undefined)} /> : null}
    </>
  );
}

export default function Audit() {
  const [asked, ask] = useState(nothing);
  const [turn, again] = useState(0);
  const events = useLoad(async () => (await get<{ items: string[] }>("machilink/audit/events")).items);
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="audit" actions={<Button onClick={() => again(turn + 1)}>{say("refresh")}</Button>} />
      <ChainState />
      <Section title={say("searchTitle")}>
        <Search set={ask} events={events.data ?? []} />
      </Section>
      <List key={`${JSON.stringify(asked)} ${turn}`} asked={asked} />
    </>
  );
}
