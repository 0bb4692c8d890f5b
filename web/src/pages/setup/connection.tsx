// Step 7: how information systems of the house reach this server.
import { get, patch, path, postBytes } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { Card, FileField, Form, Load, Radios, toast, useForm } from "../../ui";
import { stepOf } from "./model";
import { Findings } from "./parts";
import type { Part } from "./server";
import { say } from "./words";

interface Client {
  id: string;
  owner: boolean;
  connection_type: string;
}
const kinds = ["HTTP", "HTTPS_NO_AUTH", "HTTPS"];

function TypeForm(p: { of: Client; done: () => Promise<void> }) {
  const form = useForm({ connection_type: p.of.connection_type, file: null as File | null }, async (v) => {
    await patch(path`clients/${p.of.id}`, { connection_type: v.connection_type });
    if (v.file && v.connection_type === "HTTPS") await postBytes(path`clients/${p.of.id}/tls-certificates`, v.file);
    toast(say("typeKept"));
    await p.done();
  });
  const choices = kinds.map((k) => ({ value: k, text: say.of("type", k) ?? k, hint: say.of("typeText", k) }));
  return (
    <Card title={say("type")}>
      <Form form={form} submit={say("typeKeep")}>
        <Radios form={form} name="connection_type" label={say("typeWhich")} choices={choices} required />
        {form.values.connection_type === "HTTPS" ? (
          <FileField form={form} name="file" label={say("typeFile")} hint={say("typeFileHint")} accept=".pem,.cer,.crt,.der" />
        ) : null}
      </Form>
    </Card>
  );
}

export function Connection(p: Part) {
  const owner = useLoad(async () => (await get<Client[]>("clients", { show_members: true })).find((c) => c.owner) ?? null);
  return (
    <>
      <Load of={owner}>{(c) => (c ? <TypeForm of={c} done={p.wizard.of.reload} /> : <p>{say("needInitial")}</p>)}</Load>
      <Findings of={stepOf(p.of, "CONNECTION_TYPE")} />
    </>
  );
}
