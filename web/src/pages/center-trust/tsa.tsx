// Approved time-stamping services.
import { useState } from "preact/hooks";
import { get, path, postForm, remove } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { Button, type Column, confirm, DateTime, Dialog, FileField, Form, Id, LoadedTable, TextField, toast, useForm } from "../../ui";
import { say } from "./words";

interface Tsa {
  id: number;
  name: string;
  url: string;
  certificate: { not_after: string };
}

function Add(p: { close: () => void; done: () => Promise<void> }) {
  const form = useForm({ url: "", file: null as File | null }, async (v) => {
    const body = new FormData();
    body.append("url", v.url);
    body.append("cost_type", "UNDEFINED");
    if (v.file) body.append("certificate", v.file);
    const made = await postForm<Tsa>("timestamping-services", body);
    toast(say("added", { name: made.name }));
    p.close();
    await p.done();
  });
  return (
    <Dialog title={say("tsaAdd")} onClose={p.close}>
      <Form form={form} submit={say("tsaAdd")} cancel={p.close}>
        <TextField form={form} name="url" type="url" label={say("url")} hint={say("urlHint")} required maxLength={255} />
        <FileField form={form} name="file" label={say("tsaFile")} accept=".pem,.cer,.crt,.der" required />
      </Form>
    </Dialog>
  );
}

export function TimeStamps() {
  const list = useLoad(() => get<Tsa[]>("timestamping-services"));
  const [adding, setAdding] = useState(false);
  const drop = async (t: Tsa) => {
    const { name } = t;
    if (!(await confirm({ title: say("tsaDrop"), text: say("tsaDropText", { name }), button: say("remove"), danger: true, typeName: name }))) return;
    await remove(path`timestamping-services/${t.id}`);
    toast(say("removed", { name }));
    await list.reload();
  };
  const columns: Column<Tsa>[] = [
    { key: "name", head: say("name"), name: true, text: (t) => t.name, sort: (t) => t.name },
    { key: "url", head: say("url"), text: (t) => t.url, cell: (t) => <Id>{t.url}</Id> },
    { key: "until", head: say("until"), cell: (t) => <DateTime at={t.certificate.not_after} only="date" />, sort: (t) => t.certificate.not_after },
    {
      key: "actions",
      head: say("actions"),
      cell: (t) => (
        <Button small danger action={() => drop(t)} label={`${say("remove")}: ${t.name}`}>
          {say("remove")}
        </Button>
      ),
    },
  ];
  return (
    <>
      <LoadedTable
        of={list}
        caption={say("tsas")}
        columns={columns}
        id={(t) => String(t.id)}
        plain
        empty={<p>{say("tsaNone")}</p>}
        actions={<Button onClick={() => setAdding(true)}>{say("tsaAdd")}</Button>}
      />
      {adding ? <Add close={() => setAdding(false)} done={list.reload} /> : null}
    </>
  );
}
