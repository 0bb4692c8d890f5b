// One member: name, subsystems, servers, groups.
import { useState } from "preact/hooks";
import { get, patch, path, post, remove } from "../../lib/api";
import type { Client, Identifier, Server } from "../../lib/center";
import { useLoad } from "../../lib/load";
import { go, href } from "../../lib/route";
import { may } from "../../lib/session";
import { Button, type Column, confirm, DateTime, Dialog, Form, Id, Load, LoadedTable, PageHeader, PairOf, Pairs, Section, TextField, toast, useForm } from "../../ui";
import { say } from "./words";

interface Subsystem {
  subsystem_id: Identifier;
  subsystem_name: string;
  used_security_servers: { encoded_id: string; server_code: string; status: string }[];
}
interface Group {
  group_code: string;
  subsystem?: string;
  added_to_group: string;
}

function Rename(p: { of: Client; done: () => Promise<void>; close: () => void }) {
  const form = useForm({ member_name: p.of.member_name }, async (v) => {
    await patch(path`members/${p.of.client_id.encoded_id}`, v);
    p.close();
    await p.done();
  });
  return (
    <Dialog title={say("rename")} onClose={p.close}>
      <Form form={form} submit={say("save")} cancel={p.close}>
        <TextField form={form} name="member_name" label={say("name")} required maxLength={255} />
      </Form>
    </Dialog>
  );
}

function AddSubsystem(p: { of: Client; done: () => Promise<void>; close: () => void }) {
  const { member_class, member_code } = p.of.client_id;
  const form = useForm({ subsystem_code: "", subsystem_name: "" }, async (v) => {
    await post("subsystems", { subsystem_id: { member_class, member_code, subsystem_code: v.subsystem_code }, subsystem_name: v.subsystem_name });
    toast(say("added", { name: v.subsystem_code }));
    p.close();
    await p.done();
  });
  return (
    <Dialog title={say("subsystemAdd")} onClose={p.close}>
      <Form form={form} submit={say("subsystemAdd")} cancel={p.close}>
        <TextField form={form} name="subsystem_code" label={say("subsystemCode")} hint={say("subsystemHint")} required maxLength={255} />
        <TextField form={form} name="subsystem_name" label={say("subsystemName")} maxLength={255} />
      </Form>
    </Dialog>
  );
}

function Subsystems(p: { of: Client }) {
  const list = useLoad(() => get<Subsystem[]>(path`members/${p.of.client_id.encoded_id}/subsystems`));
  const [adding, setAdding] = useState(false);
  const drop = async (s: Subsystem) => {
    const name = s.subsystem_id.encoded_id;
    if (!(await confirm({ title: say("subsystemDrop"), text: say("dropText", { name }), button: say("remove"), danger: true }))) return;
    await remove(path`subsystems/${name}`);
    toast(say("removed", { name }));
    await list.reload();
  };
  const columns: Column<Subsystem>[] = [
    { key: "code", head: say("subsystemCode"), name: true, text: (s) => s.subsystem_id.subsystem_code ?? "", sort: (s) => s.subsystem_id.subsystem_code ?? "" },
    { key: "name", head: say("subsystemName"), text: (s) => s.subsystem_name ?? "", sort: (s) => s.subsystem_name ?? "" },
    { key: "servers", head: say("usedServers"), text: (s) => s.used_security_servers.map((x) => x.server_code).join(", ") },
    {
      key: "actions",
      head: say("actions"),
      cell: (s) =>
        may("REMOVE_MEMBER_SUBSYSTEM") ? (
          <Button small danger action={() => drop(s)} label={`${say("remove")}: ${s.subsystem_id.subsystem_code}`}>
            {say("remove")}
          </Button>
        ) : null,
    },
  ];
  return (
    <Section title={say("subsystems")}>
      <LoadedTable
        of={list}
        caption={say("subsystems")}
        columns={columns}
        id={(s) => s.subsystem_id.encoded_id}
        plain
        empty={<p>{say("subsystemNone")}</p>}
        actions={may("ADD_MEMBER_SUBSYSTEM") ? <Button onClick={() => setAdding(true)}>{say("subsystemAdd")}</Button> : null}
      />
      {adding ? <AddSubsystem of={p.of} done={list.reload} close={() => setAdding(false)} /> : null}
    </Section>
  );
}

function Belongs(p: { id: string }) {
  const servers = useLoad(() => get<Server[]>(path`members/${p.id}/owned-servers`));
  const groups = useLoad(() => get<Group[]>(path`members/${p.id}/global-groups`));
  const ofServers: Column<Server>[] = [
    { key: "code", head: say("serverCode"), name: true, text: (s) => s.server_id.server_code ?? "", cell: (s) => <a href={href("center-servers", [s.server_id.encoded_id])}>{s.server_id.server_code}</a> },
    { key: "address", head: say("address"), text: (s) => s.server_address, cell: (s) => <Id>{s.server_address}</Id> },
  ];
  const ofGroups: Column<Group>[] = [
    { key: "code", head: say("groupCode"), name: true, text: (g) => g.group_code, cell: (g) => <a href={href("center-groups", [g.group_code])}>{g.group_code}</a> },
    { key: "subsystem", head: say("subsystemCode"), text: (g) => g.subsystem ?? "" },
    { key: "since", head: say("since"), cell: (g) => <DateTime at={g.added_to_group} only="date" /> },
  ];
  return (
    <>
      <Section title={say("servers")}>
        <LoadedTable of={servers} caption={say("servers")} columns={ofServers} id={(s) => s.server_id.encoded_id} plain empty={<p>{say("serverNone")}</p>} />
      </Section>
      <Section title={say("groups")}>
        <LoadedTable of={groups} caption={say("groups")} columns={ofGroups} id={(g) => `${g.group_code} ${g.subsystem ?? ""}`} plain empty={<p>{say("groupNone")}</p>} />
      </Section>
    </>
  );
}

export function One(p: { id: string }) {
  const of = useLoad(() => get<Client>(path`members/${p.id}`), [p.id]);
  const [renaming, setRenaming] = useState(false);
  const name = of.data?.member_name ?? p.id;
  const drop = async () => {
    if (!(await confirm({ title: say("drop"), text: say("dropText", { name }), button: say("remove"), danger: true, typeName: name }))) return;
    await remove(path`members/${p.id}`);
    toast(say("removed", { name }));
    go("center-members");
  };
  return (
    <>
      <PageHeader
        title={say("oneTitle", { name })}
        above={[[say("title"), href("center-members")]]}
        help="center-members"
        actions={
          <>
            {may("EDIT_MEMBER_NAME") ? <Button onClick={() => setRenaming(true)}>{say("rename")}</Button> : null}
            {may("DELETE_MEMBER") ? (
              <Button danger action={drop}>
                {say("drop")}
              </Button>
            ) : null}
          </>
        }
      />
      <Load of={of}>
        {(m) => (
          <>
            <Pairs>
              <PairOf name={say("class")}>{m.client_id.member_class}</PairOf>
              <PairOf name={say("memberCode")}>{m.client_id.member_code}</PairOf>
            </Pairs>
            <Subsystems of={m} />
            <Belongs id={p.id} />
            {renaming ? <Rename of={m} done={of.reload} close={() => setRenaming(false)} /> : null}
          </>
        )}
      </Load>
    </>
  );
}
