// Purpose declarations: who wants data, and why.
import { useState } from "preact/hooks";
import { number } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { Button, type Column, Dialog, Form, Id, LoadedTable, TextField, toast, useForm } from "../../ui";
import { both, declare, Pair, Validity, withdraw } from "./declare";
import { named, officer, type Purpose, purposes } from "./model";
import { say } from "./words";

const blank = { subsystem: "", code: "", title_ja: "", title_en: "", reason_ja: "", reason_en: "", policyUrl: "" };

function Add(p: { close: () => void; done: () => void }) {
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
  const [adding, setAdding] = useState(false);
  const may = p.center && officer();
  const columns: Column<Purpose>[] = [
    { key: "title", head: say("name"), name: true, text: (x) => named(x.title), sort: (x) => named(x.title) },
    { key: "subsystem", head: say("subsystem"), text: (x) => x.subsystem, cell: (x) => <Id>{x.subsystem}</Id>, sort: (x) => x.subsystem },
    { key: "code", head: say("code"), text: (x) => x.code, cell: (x) => <Id>{x.code}</Id>, sort: (x) => x.code },
    { key: "reason", head: say("reason"), text: (x) => named(x.reason) },
    { key: "approved", head: say("approved"), numeric: true, text: (x) => number(x.open.approved), sort: (x) => x.open.approved },
    { key: "state", head: say("validity"), cell: (x) => <Validity state={x.state} />, sort: (x) => x.state },
    {
      key: "actions",
      head: say("actions"),
      cell: (x) =>
        may && x.state === "valid" ? (
          <Button small danger label={`${say("withdraw")}: ${named(x.title)}`} action={async () => void ((await withdraw("purposes", x)) && (await list.reload()))}>
            {say("withdraw")}
          </Button>
        ) : null,
    },
  ];
  const added = () => {
    setAdding(false);
    void list.reload();
  };
  return (
    <>
      <p>{say(p.center ? "purposesLead" : "listsLeadCache")}</p>
      <LoadedTable
        of={list}
        caption={say("purposes")}
        columns={columns}
        id={(x) => x.id}
        sort="title"
        empty={<p>{say(p.center ? "purposeNone" : "noneCache")}</p>}
        actions={
          may ? (
            <Button kind="solid" onClick={() => setAdding(true)}>
              {say("purposeAdd")}
            </Button>
          ) : null
        }
      />
      {adding ? <Add close={() => setAdding(false)} done={added} /> : null}
    </>
  );
}
