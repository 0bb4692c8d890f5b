// How a client's information systems connect to this server: connection type
// and the certificates that prove them.
import { useState } from "preact/hooks";
import { address, get, patch, path, postBytes, remove } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { may } from "../../lib/session";
import { Life } from "../../parts/server/life";
import type { CertificateDetails, Client } from "../../parts/server/types";
import {
  Button,
  ButtonLink,
  type Choice,
  type Column,
  confirm,
  Dialog,
  FileField,
  Form,
  Id,
  LoadedTable,
  Radios,
  Section,
  toast,
  useForm,
} from "../../ui";
import { say } from "./words";

const types = ["HTTPS", "HTTPS_NO_AUTH", "HTTP"];

export function connectionChoices(): Choice[] {
  return types.map((t) => ({ value: t, text: say.of("connection", t) ?? t, hint: say.of("connectionHint", t) }));
}

function Type(p: { of: Client; reload: () => Promise<void> }) {
  const form = useForm({ connection_type: p.of.connection_type ?? "HTTPS" }, (v) => patch(path`clients/${p.of.id}`, v));
  const change = may("EDIT_CLIENT_INTERNAL_CONNECTION_TYPE");
  const done = () => {
    toast(say("typeSaved"));
    void p.reload();
  };
  return (
    <Section title={say("connection")}>
      {change ? (
        <Form form={form} submit={say("save")} done={done}>
          <Radios form={form} name="connection_type" label={say("connection")} hint={say("connectionHint")} choices={connectionChoices()} />
        </Form>
      ) : (
        <p>{say.of("connection", p.of.connection_type ?? "")}</p>
      )}
    </Section>
  );
}

function Upload(p: { client: string; close: () => void; done: () => void }) {
  const form = useForm({ file: null as File | null }, async (v) => v.file && postBytes(path`clients/${p.client}/tls-certificates`, v.file));
  return (
    <Dialog title={say("tlsAddTitle")} onClose={p.close}>
      <Form form={form} submit={say("tlsAdd")} cancel={p.close} done={p.done}>
        <FileField form={form} name="file" label={say("tlsFile")} hint={say("tlsFileHint")} required />
      </Form>
    </Dialog>
  );
}

type Certificate = CertificateDetails;

function columns(drop: ((c: Certificate) => Promise<void>) | null): Column<Certificate>[] {
  const all: Column<Certificate>[] = [
    { key: "name", head: say("tlsName"), name: true, text: (c) => c.subject_common_name || c.subject_distinguished_name },
    { key: "hash", head: say("hash"), text: (c) => c.hash, cell: (c) => <Id>{c.hash.replace(/(.{8})(?=.)/g, "$1:")}</Id> },
    { key: "life", head: say("life"), cell: (c) => <Life name={c.subject_common_name} from={c.not_before} to={c.not_after} /> },
  ];
  if (drop)
    all.push({
      key: "acts",
      head: say("acts"),
      cell: (c) => (
        <Button small danger action={() => drop(c)} label={`${say("doDelete")}: ${c.subject_common_name}`}>
          {say("doDelete")}
        </Button>
      ),
    });
  return all;
}

function Certificates(p: { client: string }) {
  const list = useLoad(() => get<Certificate[]>(path`clients/${p.client}/tls-certificates`), [p.client]);
  const [adding, setAdding] = useState(false);
  const drop = async (c: Certificate) => {
    const name = c.subject_common_name || c.subject_distinguished_name;
    if (!(await confirm({ title: say("tlsDropTitle"), text: say("tlsDropText", { name }), button: say("doDelete"), danger: true }))) return;
    await remove(path`clients/${p.client}/tls-certificates/${c.hash}`);
    await list.reload();
  };
  const done = () => {
    setAdding(false);
    toast(say("tlsAdded"));
    void list.reload();
  };
  return (
    <Section title={say("tls")}>
      <p>{say("tlsLead")}</p>
      <LoadedTable
        of={list}
        caption={say("tls")}
        columns={columns(may("DELETE_CLIENT_INTERNAL_CERT") ? drop : null)}
        id={(c) => c.hash}
        plain
        empty={<p>{say("tlsNone")}</p>}
        actions={may("ADD_CLIENT_INTERNAL_CERT") ? <Button onClick={() => setAdding(true)}>{say("tlsAdd")}</Button> : null}
      />
      {adding ? <Upload client={p.client} close={() => setAdding(false)} done={done} /> : null}
    </Section>
  );
}

export function Connection(p: { client: Client; reload: () => Promise<void> }) {
  return (
    <>
      <Type of={p.client} reload={p.reload} />
      {may("VIEW_CLIENT_INTERNAL_CERTS") ? <Certificates client={p.client.id} /> : null}
      {may("EXPORT_INTERNAL_TLS_CERT") ? (
        <Section title={say("ownTls")}>
          <p>{say("ownTlsText")}</p>
          <p>
            <ButtonLink download href={address("system/certificate/export")}>
              {say("ownTlsGet")}
            </ButtonLink>
          </p>
        </Section>
      ) : null}
    </>
  );
}
