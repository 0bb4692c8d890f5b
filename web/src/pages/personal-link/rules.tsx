// What residents see of who used their data: later, never, in other words.
import { path, post, remove } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { Button, Chip, type Column, confirm, Dialog, Form, Id, Radios, TextArea, TextField, toast, useForm } from "../../ui";
import { both, Pair } from "./declare";
import { type AddProps, Listed } from "./listed";
import { at, named, officer, type Rule, rules } from "./model";
import { say } from "./words";

const kinds = ["delay", "hide", "bulk"] as const;
const blank = { kind: "delay", consumer: "", purpose: "", target: "", days: "30", words_ja: "", words_en: "", reason: "" };

function Add(p: AddProps) {
  const form = useForm({ ...blank }, async (v) => {
    await post(`${at}/usage-rules`, {
      kind: v.kind,
      consumer: v.consumer || undefined,
      purpose: v.purpose || undefined,
      target: v.target || undefined,
      days: v.kind === "delay" ? Number(v.days) : undefined,
      words: v.kind === "bulk" ? both(v, "words") : undefined,
      reason: v.reason,
    });
    toast(say("ruleAdded"));
  });
  const kind = form.values.kind;
  const choices = kinds.map((k) => ({ value: k, text: say.of("kind", k) ?? k, hint: say.of("kindHint", k) }));
  return (
    <Dialog title={say("ruleAdd")} onClose={p.close} wide>
      <p>{say("ruleAddLead")}</p>
      <Form form={form} submit={say("ruleAdd")} done={p.done} cancel={p.close}>
        <Radios form={form} name="kind" label={say("kind")} choices={choices} required />
        {kind === "delay" ? <TextField form={form} name="days" label={say("days")} type="number" min={1} max={36500} required /> : null}
        {kind === "bulk" ? <Pair form={form} name="words" label={say("bulkWords")} hint={say("bulkWordsHint")} /> : null}
        <TextField form={form} name="consumer" label={say("consumer")} hint={say("memberHint")} maxLength={1000} />
        <TextField form={form} name="purpose" label={say("code")} hint={say("codeHint")} maxLength={100} />
        <TextField form={form} name="target" label={say("target")} hint={say("targetHint")} maxLength={1000} />
        <TextArea form={form} name="reason" label={say("basis")} hint={say("basisHint")} required maxLength={1300} />
      </Form>
    </Dialog>
  );
}

function what(r: Rule): string {
  if (r.kind === "delay") return say("laterBy", { n: r.days ?? 0 });
  return r.words ? named(r.words) : (say.of("kind", r.kind) ?? r.kind);
}

export function Rules() {
  const list = useLoad(rules);
  const may = officer();
  const drop = async (r: Rule) => {
    if (!(await confirm({ title: say("ruleRemove"), text: say("ruleRemoveText", { reason: r.reason }), button: say("remove"), danger: true }))) return;
    await remove(path`machilink/link/usage-rules/${r.id}`);
    await list.reload();
  };
  const columns: Column<Rule>[] = [
    { key: "reason", head: say("basis"), name: true, text: (r) => r.reason, sort: (r) => r.reason },
    { key: "kind", head: say("kind"), text: what, cell: (r) => <Chip>{what(r)}</Chip>, sort: (r) => r.kind },
    { key: "consumer", head: say("consumer"), text: (r) => r.consumer ?? "", cell: (r) => (r.consumer ? <Id>{r.consumer}</Id> : say("any")) },
    { key: "purpose", head: say("code"), text: (r) => r.purpose ?? "", cell: (r) => (r.purpose ? <Id>{r.purpose}</Id> : say("any")) },
    { key: "target", head: say("target"), text: (r) => r.target ?? "", cell: (r) => (r.target ? <Id>{r.target}</Id> : say("any")) },
    {
      key: "actions",
      head: say("actions"),
      cell: (r) =>
        may ? (
          <Button small danger label={`${say("remove")}: ${r.reason}`} action={() => drop(r)}>
            {say("remove")}
          </Button>
        ) : null,
    },
  ];
  return (
    <Listed of={list} lead={say("rulesLead")} caption={say("rules")} columns={columns} empty={say("ruleNone")} add={may ? { as: Add, words: say("ruleAdd") } : undefined} />
  );
}
