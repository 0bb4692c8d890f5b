// Purpose declarations: who wants data, and why.
import { number } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { type Column, Dialog, Form, Id, TextField, toast, useForm } from "../../ui";
import { both, declare, Pair, Validity } from "./declare";
import { type AddProps, ending, Listed } from "./listed";
import { named, officer, type Purpose, purposes } from "./model";
import { say } from "./words";

const blank = { subsystem: "", code: "", title_ja: "", title_en: "", reason_ja: "", reason_en: "", policyUrl: "" };

function Add(p: AddProps) {
  const form = useForm({ ...blank }, async (v) => {
    await declare("purposes", {
      subsystem: v.subsystem,
      code: v.code,
      title: both(v, "title"),
      reason: both(v, "reason"),
      policyUrl: v.policyUrl,
    });
    toast(say("declared", { name: v.title_ja }));
  });
  return (
    <Dialog title={say("purposeAdd")} onClose={p.close} wide>
      <p>{say("purposeAddLead")}</p>
      <Form form={form} submit={say("declare")} done={p.done} cancel={p.close}>
        <TextField form={form} name="subsystem" label={say("subsystem")} hint={say("subsystemHint")} required maxLength={1000} />
        <TextField form={form} name="code" label={say("code")} hint={say("codeHint")} required maxLength={100} />
        <Pair form={form} name="title" label={say("name")} />
        <Pair form={form} name="reason" label={say("reason")} hint={say("reasonHint")} long />
        <TextField form={form} name="policyUrl" label={say("policy")} type="url" placeholder="https://" required maxLength={1000} />
      </Form>
    </Dialog>
  );
}

export function Purposes(p: { center: boolean }) {
  const list = useLoad(purposes);
  const may = p.center && officer();
  const columns: Column<Purpose>[] = [
    { key: "title", head: say("name"), name: true, text: (x) => named(x.title), sort: (x) => named(x.title) },
    { key: "subsystem", head: say("subsystem"), text: (x) => x.subsystem, cell: (x) => <Id>{x.subsystem}</Id>, sort: (x) => x.subsystem },
    { key: "code", head: say("code"), text: (x) => x.code, cell: (x) => <Id>{x.code}</Id>, sort: (x) => x.code },
    { key: "reason", head: say("reason"), text: (x) => named(x.reason) },
    { key: "approved", head: say("approved"), numeric: true, text: (x) => number(x.open.approved), sort: (x) => x.open.approved },
    { key: "state", head: say("validity"), cell: (x) => <Validity state={x.state} />, sort: (x) => x.state },
    ending("purposes", list, may),
  ];
  return (
    <Listed
      of={list}
      lead={say(p.center ? "purposesLead" : "listsLeadCache")}
      caption={say("purposes")}
      columns={columns}
      sort="title"
      empty={say(p.center ? "purposeNone" : "noneCache")}
      add={may ? { as: Add, words: say("purposeAdd") } : undefined}
    />
  );
}
