// Anchors of other networks that this one exchanges with.
import { useState } from "preact/hooks";
import { address, get, path, postForm, remove } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { may } from "../../lib/session";
import { Button, ButtonLink, type Column, confirm, DateTime, Dialog, FileField, Form, LoadedTable, PairOf, Pairs, toast, useForm } from "../../ui";
import { say } from "./words";

interface Trust {
  hash: string;
  instance_identifier: string;
  generated_at: string;
}

function Add(p: { close: () => void; done: () => Promise<void> }) {
  const form = useForm({ file: null as File | null }, async (v) => {
    if (!v.file) return;
    const body = new FormData();
    body.append("anchor", v.file);
    const seen = await postForm<Trust>("trusted-anchors/preview", body);
    const text = (
      <>
        <p>{say("trustAsk")}</p>
        <Pairs>
          <PairOf name={say("instance")}>{seen.instance_identifier}</PairOf>
          <PairOf name={say("hash")}>
            <code class="id">{seen.hash}</code>
          </PairOf>
        </Pairs>
      </>
    );
    p.close();
    if (!(await confirm({ title: say("trustAdd"), text, button: say("trustTake") }))) return;
    await postForm("trusted-anchors", body);
    toast(say("trustTaken", { name: seen.instance_identifier }));
    await p.done();
  });
  return (
    <Dialog title={say("trustAdd")} onClose={p.close}>
      <Form form={form} submit={say("look")} cancel={p.close}>
        <FileField form={form} name="file" label={say("trustFile")} hint={say("trustHint")} accept=".xml,application/xml" required />
      </Form>
    </Dialog>
  );
}

export function Trusted() {
  const list = useLoad(() => get<Trust[]>("trusted-anchors"));
  const [adding, setAdding] = useState(false);
  const drop = async (t: Trust) => {
    const name = t.instance_identifier;
    if (!(await confirm({ title: say("trustDrop"), text: say("trustDropText", { name }), button: say("remove"), danger: true, typeName: name }))) return;
    await remove(path`trusted-anchors/${t.hash}`);
    await list.reload();
  };
  const columns: Column<Trust>[] = [
    { key: "instance", head: say("instance"), name: true, text: (t) => t.instance_identifier },
    { key: "hash", head: say("hash"), cell: (t) => <code class="id">{t.hash}</code> },
    { key: "made", head: say("made"), cell: (t) => <DateTime at={t.generated_at} /> },
    {
      key: "actions",
      head: say("actions"),
      cell: (t) => (
        <div class="actions">
          <ButtonLink small download href={address(path`trusted-anchors/${t.hash}/download`)} label={`${say("download")}: ${t.instance_identifier}`}>
            {say("download")}
          </ButtonLink>
          {may("DELETE_TRUSTED_ANCHOR") ? (
            <Button small danger action={() => drop(t)} label={`${say("remove")}: ${t.instance_identifier}`}>
              {say("remove")}
            </Button>
          ) : null}
        </div>
      ),
    },
  ];
  return (
    <>
      <p>{say("trustedText")}</p>
      <LoadedTable
        of={list}
        caption={say("trusted")}
        columns={columns}
        id={(t) => t.hash}
        plain
        empty={<p>{say("trustNone")}</p>}
        actions={may("UPLOAD_TRUSTED_ANCHOR") ? <Button onClick={() => setAdding(true)}>{say("trustAdd")}</Button> : null}
      />
      {adding ? <Add close={() => setAdding(false)} done={list.reload} /> : null}
    </>
  );
}
