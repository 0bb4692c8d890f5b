// One application: what is asked for, what has happened, and the decision.
import { get, path, post } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { warningText } from "../../lib/refusal";
import { href } from "../../lib/route";
import { Banner, Button, type Column, confirm, DataTable, DateTime, Form, Id, Light, Load, PageHeader, PairOf, Pairs, Section, TextArea, toast, useForm } from "../../ui";
import { lights, type Detail } from "./model";
import { say } from "./words";

const ends = { approval: "approve", return: "return", rejection: "reject" } as const;
type End = keyof typeof ends;

function Decision(p: { of: Detail; done: () => Promise<void> }) {
  const { of: x } = p;
  const form = useForm({ note: "" }, () => decide("approval"));
  const decide = async (end: End): Promise<void> => {
    const word = ends[end];
    const { note } = form.values;
    const text = say(`ask_${word}`, { n: x.id, name: x.applicant.organization, means: say.of("means", x.kind) ?? "" });
    if (end !== "approval" && !note.trim()) {
      form.setErrors({ note: say("noteNeeded") });
      return;
    }
    if (!(await confirm({ title: say(word), text, button: say(word), danger: end === "rejection" }))) return;
    await post(path`machilink/applications/${x.id}/${end}`, { version: x.version, note });
    toast(say(`done_${word}`, { n: x.id }));
    await p.done();
  };
  return (
    <Section title={say("decide")}>
      <Form form={form} submit={say("approve")}>
        <TextArea form={form} name="note" label={say("note")} hint={say("noteHint")} maxLength={4000} rows={3} />
      </Form>
      <div class="actions group">
        <Button action={() => decide("return")}>{say("return")}</Button>
        <Button danger action={() => decide("rejection")}>
          {say("reject")}
        </Button>
      </div>
    </Section>
  );
}

type Row = Detail["history"][number];

function History(p: { of: Detail }) {
  const columns: Column<Row>[] = [
    { key: "at", head: say("at"), name: true, cell: (h) => <DateTime at={h.at} />, sort: (h) => h.at },
    { key: "to", head: say("state"), text: (h) => say.of("state", h.to) ?? h.to },
    { key: "who", head: say("who"), text: (h) => h.who },
    { key: "note", head: say("note"), text: (h) => h.note ?? "" },
  ];
  return (
    <Section title={say("history")}>
      <DataTable caption={say("history")} columns={columns} rows={p.of.history} id={(h) => `${h.at} ${h.to}`} plain />
    </Section>
  );
}

function Facts(p: { of: Detail }) {
  const { of: x } = p;
  return (
    <Pairs>
      <PairOf name={say("state")}>
        <Light state={lights[x.state] ?? "off"}>{say.of("state", x.state) ?? x.state}</Light>
      </PairOf>
      <PairOf name={say("organization")}>{x.applicant.organization}</PairOf>
      <PairOf name={say("contact")}>
        {x.applicant.contact_name} <Id>{x.applicant.mail}</Id>
      </PairOf>
      {Object.entries(x.content).map(([name, value]) => (
        <PairOf key={name} name={say.of("field", name) ?? name}>
          {name === "csr" ? say("csrThere") : name === "usage" ? (say.of("usage", value) ?? value) : <Id>{value}</Id>}
        </PairOf>
      ))}
      <PairOf name={say("at")}>
        <DateTime at={x.created_at} />
      </PairOf>
    </Pairs>
  );
}

export function One(p: { id: string }) {
  const of = useLoad(() => get<Detail>(path`machilink/applications/${p.id}`), [p.id]);
  return (
    <>
      <PageHeader title={say("oneTitle", { n: p.id })} above={[[say("title"), href("center-applications")]]} help="center-applications" />
      <Load of={of}>
        {(x) => (
          <>
            <Section title={say.of("kind", x.kind) ?? x.kind}>
              <p>{say.of("means", x.kind)}</p>
              {x.warnings?.length ? (
                <Banner kind="warning" title={say("careful")}>
                  <ul>
                    {x.warnings.map((w, i) => (
                      <li key={i}>{warningText(w)}</li>
                    ))}
                  </ul>
                </Banner>
              ) : null}
              <Facts of={x} />
            </Section>
            {x.state === "submitted" ? <Decision of={x} done={of.reload} /> : null}
            <History of={x} />
          </>
        )}
      </Load>
    </>
  );
}
