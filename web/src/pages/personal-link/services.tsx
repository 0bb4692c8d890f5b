// Service declarations: which data is given with the resident's consent.
import { useState } from "preact/hooks";
import { number } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { Button, Checkbox, type Column, Dialog, Form, Id, TextField, toast, useForm } from "../../ui";
import { both, declare, Pair, Validity } from "./declare";
import { type AddProps, ending, Listed } from "./listed";
import { named, officer, type Service, services } from "./model";
import { say } from "./words";

const blank = {
  target: "",
  title_ja: "",
  title_en: "",
  data_ja: "",
  data_en: "",
  legal_ja: "",
  legal_en: "",
  maxDays: "365",
  level: "",
  representable: false,
};
type Values = typeof blank & Record<string, string | boolean>;

/** Items stand in the form as code0, item0_ja, item0_en, code1 ... */
function itemsOf(v: Values, count: number) {
  return Array.from({ length: count }, (_, i) => ({ code: String(v[`code${i}`] ?? ""), ...both(v, `item${i}`) })).filter((x) => x.code || x.ja || x.en);
}

function Add(p: AddProps) {
  const [count, setCount] = useState(1);
  const form = useForm<Values>({ ...blank }, async (v) => {
    await declare("services", {
      target: v.target,
      title: both(v, "title"),
      data: both(v, "data"),
      legal: both(v, "legal"),
      items: itemsOf(v, count),
      maxDays: Number(v.maxDays),
      level: v.level || undefined,
      representable: v.representable,
    });
    toast(say("declared", { name: v.title_ja }));
  });
  return (
    <Dialog title={say("serviceAdd")} onClose={p.close} wide>
      <p>{say("serviceAddLead")}</p>
      <Form form={form} submit={say("declare")} done={p.done} cancel={p.close}>
        <TextField form={form} name="target" label={say("target")} hint={say("targetHint")} required maxLength={1000} />
        <Pair form={form} name="title" label={say("name")} />
        <Pair form={form} name="data" label={say("data")} hint={say("dataHint")} long />
        <Pair form={form} name="legal" label={say("legal")} hint={say("legalHint")} long />
        {Array.from({ length: count }, (_, i) => (
          <fieldset class="field" key={i}>
            <legend>{say("item", { n: i + 1 })}</legend>
            <TextField form={form} name={`code${i}`} label={say("itemCode")} hint={say("itemCodeHint")} required maxLength={100} />
            <Pair form={form} name={`item${i}`} label={say("itemName")} />
          </fieldset>
        ))}
        <div class="actions">
          <Button small onClick={() => setCount(Math.min(100, count + 1))}>
            {say("itemAdd")}
          </Button>
        </div>
        <TextField form={form} name="maxDays" label={say("maxDays")} hint={say("maxDaysHint")} type="number" min={1} max={3660} required />
        <TextField form={form} name="level" label={say("level")} hint={say("levelHint")} maxLength={80} />
        <Checkbox form={form} name="representable" label={say("representable")} />
      </Form>
    </Dialog>
  );
}

export function Services(p: { center: boolean }) {
  const list = useLoad(services);
  const may = p.center && officer();
  const columns: Column<Service>[] = [
    { key: "title", head: say("name"), name: true, text: (s) => named(s.title), sort: (s) => named(s.title) },
    { key: "target", head: say("target"), text: (s) => s.target, cell: (s) => <Id>{s.target}</Id>, sort: (s) => s.target },
    { key: "items", head: say("items"), text: (s) => s.items.map(named).join("、") },
    { key: "days", head: say("maxDays"), numeric: true, text: (s) => number(s.maxDays), sort: (s) => s.maxDays },
    { key: "approved", head: say("approved"), numeric: true, text: (s) => number(s.open.approved), sort: (s) => s.open.approved },
    { key: "state", head: say("validity"), cell: (s) => <Validity state={s.state} />, sort: (s) => s.state },
    ending("services", list, may),
  ];
  return (
    <Listed
      of={list}
      lead={say(p.center ? "servicesLead" : "listsLeadCache")}
      caption={say("services")}
      columns={columns}
      sort="title"
      empty={say(p.center ? "serviceNone" : "noneCache")}
      add={may ? { as: Add, words: say("serviceAdd") } : undefined}
    />
  );
}
