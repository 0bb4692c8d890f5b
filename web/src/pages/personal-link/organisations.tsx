// Organisations that take part: names for residents, where their caches are.
import { useState } from "preact/hooks";
import { post } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { Button, Checkbox, Chip, type Column, Dialog, Form, Id, LoadedTable, TextField, toast, useForm } from "../../ui";
import { both, Pair } from "./declare";
import { at, named, type Organisation, officer, organisations } from "./model";
import { say } from "./words";

function Edit(p: { of?: Organisation; close: () => void; done: () => void }) {
  const o = p.of;
  const first = {
    member: o?.member ?? "",
    name_ja: o?.name.ja ?? "",
    name_en: o?.name.en ?? "",
    door: o?.door ?? "",
    returnUrl: o?.returnUrl ?? "",
    noticeUrl: o?.noticeUrl ?? "",
    attests: o?.attests ?? false,
    active: o?.active ?? true,
  };
  const form = useForm(first, async (v) => {
    await post(`${at}/organisations`, {
      member: v.member,
      name: both(v, "name"),
      door: v.door || undefined,
      returnUrl: v.returnUrl || undefined,
      noticeUrl: v.noticeUrl || undefined,
      shared: o?.shared ?? false,
      attests: v.attests,
      active: v.active,
    });
    toast(say("kept", { name: v.name_ja }));
  });
  return (
    <Dialog title={o ? say("organisationEdit", { name: named(o.name) }) : say("organisationAdd")} onClose={p.close} wide>
      <Form form={form} submit={say("keep")} done={p.done} cancel={p.close}>
        <TextField form={form} name="member" label={say("member")} hint={say("memberHint")} required readOnly={Boolean(o)} maxLength={1000} />
        <Pair form={form} name="name" label={say("organisationName")} />
        <TextField form={form} name="door" label={say("door")} hint={say("doorHint")} maxLength={1000} />
        <TextField form={form} name="returnUrl" label={say("returnUrl")} hint={say("returnUrlHint")} type="url" maxLength={1000} />
        <TextField form={form} name="noticeUrl" label={say("noticeUrl")} hint={say("noticeUrlHint")} type="url" maxLength={1000} />
        <Checkbox form={form} name="attests" label={say("attests")} hint={say("attestsHint")} />
        <Checkbox form={form} name="active" label={say("active")} hint={say("activeHint")} />
      </Form>
    </Dialog>
  );
}

export function Organisations(p: { center: boolean }) {
  const list = useLoad(organisations);
  const [editing, edit] = useState<Organisation | "new">();
  const may = p.center && officer();
  const columns: Column<Organisation>[] = [
    { key: "name", head: say("organisationName"), name: true, text: (o) => named(o.name), sort: (o) => named(o.name) },
    { key: "member", head: say("member"), text: (o) => o.member, cell: (o) => <Id>{o.member}</Id>, sort: (o) => o.member },
    { key: "door", head: say("cache"), cell: (o) => (o.door ? <Id>{o.door}</Id> : say("noDoor")) },
    { key: "active", head: say("validity"), cell: (o) => <Chip state={o.active ? "good" : "off"}>{say.of("takes", o.active ? "part" : "none")}</Chip> },
    {
      key: "actions",
      head: say("actions"),
      cell: (o) =>
        may ? (
          <Button small label={`${say("change")}: ${named(o.name)}`} onClick={() => edit(o)}>
            {say("change")}
          </Button>
        ) : null,
    },
  ];
  const done = () => {
    edit(undefined);
    void list.reload();
  };
  return (
    <>
      <p>{say(p.center ? "organisationsLead" : "listsLeadCache")}</p>
      <LoadedTable
        of={list}
        caption={say("organisations")}
        columns={columns}
        id={(o) => o.member}
        sort="name"
        empty={<p>{say(p.center ? "organisationNone" : "noneCache")}</p>}
        actions={
          may ? (
            <Button kind="solid" onClick={() => edit("new")}>
              {say("organisationAdd")}
            </Button>
          ) : null
        }
      />
      {editing ? <Edit of={editing === "new" ? undefined : editing} close={() => edit(undefined)} done={done} /> : null}
    </>
  );
}
