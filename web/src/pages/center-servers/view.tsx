// Registered security servers; one with its certificates and clients.
import { useState } from "preact/hooks";
import { get, patch, path, remove } from "../../lib/api";
import { clientName, paged, type Client, type Server } from "../../lib/center";
import { useLoad } from "../../lib/load";
import type { PageProps } from "../../lib/page";
import { go, href } from "../../lib/route";
import { may } from "../../lib/session";
import { Button, type Column, confirm, DateTime, Dialog, Form, Id, Light, Load, LoadedTable, PageHeader, PairOf, Pairs, RemoteTable, Section, TextField, toast, useForm } from "../../ui";
import { say } from "./words";

interface Certificate {
  id: number;
  subject_common_name: string;
  issuer_common_name: string;
  not_after: string;
}

function columns(): Column<Server>[] {
  return [
    {
      key: "server_id.server_code",
      head: say("code"),
      name: true,
      sort: (s) => s.server_id.server_code ?? "",
      cell: (s) => <a href={href("center-servers", [s.server_id.encoded_id])}>{s.server_id.server_code}</a>,
    },
    { key: "owner_name", head: say("owner"), sort: (s) => s.owner_name, text: (s) => s.owner_name },
    { key: "address", head: say("address"), cell: (s) => <Id>{s.server_address}</Id> },
    { key: "state", head: say("state"), cell: (s) => <State of={s} /> },
  ];
}

function State(p: { of: Server }) {
  return p.of.in_maintenance_mode ? <Light state="wait">{say("maintenance")}</Light> : <Light state="good">{say("normal")}</Light>;
}

function Address(p: { of: Server; done: () => Promise<void>; close: () => void }) {
  const form = useForm({ server_address: p.of.server_address }, async (v) => {
    await patch(path`security-servers/${p.of.server_id.encoded_id}`, v);
    toast(say("addressKept"));
    p.close();
    await p.done();
  });
  return (
    <Dialog title={say("addressChange")} onClose={p.close}>
      <Form form={form} submit={say("save")} cancel={p.close}>
        <TextField form={form} name="server_address" label={say("address")} hint={say("addressHint")} required maxLength={255} />
      </Form>
    </Dialog>
  );
}

function Certificates(p: { id: string }) {
  const list = useLoad(() => get<Certificate[]>(path`security-servers/${p.id}/authentication-certificates`));
  const drop = async (c: Certificate) => {
    const name = c.subject_common_name;
    if (!(await confirm({ title: say("certDrop"), text: say("certDropText", { name }), button: say("remove"), danger: true, typeName: name }))) return;
    await remove(path`security-servers/${p.id}/authentication-certificates/${c.id}`);
    toast(say("removed", { name }));
    await list.reload();
  };
  const cells: Column<Certificate>[] = [
    { key: "subject", head: say("subject"), name: true, text: (c) => c.subject_common_name },
    { key: "issuer", head: say("issuer"), text: (c) => c.issuer_common_name },
    { key: "until", head: say("until"), cell: (c) => <DateTime at={c.not_after} only="date" />, sort: (c) => c.not_after },
    {
      key: "actions",
      head: say("actions"),
      cell: (c) =>
        may("DELETE_SECURITY_SERVER_AUTH_CERT") ? (
          <Button small danger action={() => drop(c)} label={`${say("remove")}: ${c.subject_common_name}`}>
            {say("remove")}
          </Button>
        ) : null,
    },
  ];
  return (
    <Section title={say("certs")}>
      <LoadedTable of={list} caption={say("certs")} columns={cells} id={(c) => String(c.id)} plain empty={<p>{say("certNone")}</p>} />
    </Section>
  );
}

function Clients(p: { id: string }) {
  const list = useLoad(() => get<Client[]>(path`security-servers/${p.id}/clients`));
  const cells: Column<Client>[] = [
    { key: "name", head: say("client"), name: true, text: clientName, sort: clientName },
    { key: "id", head: say("identifier"), text: (c) => c.client_id.encoded_id, cell: (c) => <Id>{c.client_id.encoded_id}</Id> },
  ];
  return (
    <Section title={say("clients")}>
      <LoadedTable of={list} caption={say("clients")} columns={cells} id={(c) => c.client_id.encoded_id} plain empty={<p>{say("clientNone")}</p>} />
    </Section>
  );
}

function One(p: { id: string }) {
  const of = useLoad(() => get<Server>(path`security-servers/${p.id}`), [p.id]);
  const [changing, setChanging] = useState(false);
  const name = of.data?.server_id.server_code ?? p.id;
  const drop = async () => {
    if (!(await confirm({ title: say("drop"), text: say("dropText", { name }), button: say("remove"), danger: true, typeName: name }))) return;
    await remove(path`security-servers/${p.id}`);
    toast(say("removed", { name }));
    go("center-servers");
  };
  return (
    <>
      <PageHeader
        title={say("oneTitle", { name })}
        above={[[say("title"), href("center-servers")]]}
        help="center-members"
        actions={
          <>
            {may("EDIT_SECURITY_SERVER_ADDRESS") ? <Button onClick={() => setChanging(true)}>{say("addressChange")}</Button> : null}
            {may("DELETE_SECURITY_SERVER") ? (
              <Button danger action={drop}>
                {say("drop")}
              </Button>
            ) : null}
          </>
        }
      />
      <Load of={of}>
        {(s) => (
          <>
            <Pairs>
              <PairOf name={say("owner")}>{s.owner_name}</PairOf>
              <PairOf name={say("identifier")}>
                <Id>{s.server_id.encoded_id}</Id>
              </PairOf>
              <PairOf name={say("address")}>
                <Id>{s.server_address}</Id>
              </PairOf>
              <PairOf name={say("state")}>
                <State of={s} /> {s.maintenance_mode_message}
              </PairOf>
              <PairOf name={say("since")}>
                <DateTime at={s.created_at} />
              </PairOf>
            </Pairs>
            <Certificates id={p.id} />
            <Clients id={p.id} />
            {changing ? <Address of={s} done={of.reload} close={() => setChanging(false)} /> : null}
          </>
        )}
      </Load>
    </>
  );
}

export default function Servers(p: PageProps) {
  if (p.rest[0]) return <One id={p.rest[0]} />;
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="center-members" />
      <RemoteTable<Server>
        caption={say("caption")}
        columns={columns()}
        id={(s) => s.server_id.encoded_id}
        read={(w) => paged("security-servers", "items", "q", w)}
        empty={<p>{say("none")}</p>}
      />
    </>
  );
}
