// Member classes: the kinds of organisations of this network.
import { useState } from "preact/hooks";
import { get, path, post, remove } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { may } from "../../lib/session";
import { Button, type Column, confirm, Dialog, Form, LoadedTable, TextField, toast, useForm } from "../../ui";
import { say } from "./words";

export interface MemberClass {
  code: string;
  description: string;
}

function Add(p: { close: () => void; done: () => Promise<void> }) {
  const form = useForm({ code: "", description: "" }, async (v) => {
    await post("member-classes", v);
    toast(say("classAdded", { name: v.code }));
    p.close();
    await p.done();
  });
  return (
    <Dialog title={say("classAdd")} onClose={p.close}>
      <Form form={form} submit={say("classAdd")} cancel={p.close}>
        <TextField form={form} name="code" label={say("classCode")} hint={say("classHint")} required maxLength={255} width={12} />
        <TextField form={form} name="description" label={say("description")} required maxLength={255} />
      </Form>
    </Dialog>
  );
}

export function Classes() {
  const list = useLoad(() => get<MemberClass[]>("member-classes"));
  const [adding, setAdding] = useState(false);
  const drop = async (c: MemberClass) => {
    if (!(await confirm({ title: say("classDrop"), text: say("classDropText", { name: c.code }), button: say("remove"), danger: true }))) return;
    await remove(path`member-classes/${c.code}`);
    toast(say("removed", { name: c.code }));
    await list.reload();
  };
  const columns: Column<MemberClass>[] = [
    { key: "code", head: say("classCode"), name: true, text: (c) => c.code, sort: (c) => c.code },
    { key: "description", head: say("description"), text: (c) => c.description, sort: (c) => c.description },
    {
      key: "actions",
      head: say("actions"),
      cell: (c) =>
        may("DELETE_MEMBER_CLASS") ? (
          <Button small danger action={() => drop(c)} label={`${say("remove")}: ${c.code}`}>
            {say("remove")}
          </Button>
        ) : null,
    },
  ];
  return (
    <>
      <LoadedTable
        of={list}
        caption={say("classes")}
        columns={columns}
        id={(c) => c.code}
        plain
        empty={<p>{say("classNone")}</p>}
        actions={may("ADD_MEMBER_CLASS") ? <Button onClick={() => setAdding(true)}>{say("classAdd")}</Button> : null}
      />
      {adding ? <Add close={() => setAdding(false)} done={list.reload} /> : null}
    </>
  );
}
