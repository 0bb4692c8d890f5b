// Global groups and the members of one.
import { useState } from "preact/hooks";
import { get, path, post, remove } from "../../lib/api";
import { clientName, paged, whole, type Client, type Identifier } from "../../lib/center";
import { useLoad } from "../../lib/load";
import type { PageProps } from "../../lib/page";
import { go, href } from "../../lib/route";
import { may } from "../../lib/session";
import { Button, type Column, confirm, DateTime, Dialog, Form, Id, LoadedTable, PageHeader, RemoteTable, TextField, toast, useForm } from "../../ui";
import { say } from "./words";

interface Group {
  code: string;
  description: string;
  member_count: number;
  updated_at: string;
}
interface GroupMember {
  id: number;
  name: string;
  client_id: Identifier;
  created_at: string;
}

/** Kept by the center itself. */
const owners = "security-server-owners";

function Add(p: { close: () => void }) {
  const form = useForm({ code: "", description: "" }, async (v) => {
    await post("global-groups", v);
    toast(say("added", { name: v.code }));
    go("center-groups", [v.code]);
  });
  return (
    <Dialog title={say("add")} onClose={p.close}>
      <Form form={form} submit={say("add")} cancel={p.close}>
        <TextField form={form} name="code" label={say("code")} hint={say("codeHint")} required maxLength={255} />
        <TextField form={form} name="description" label={say("description")} required maxLength={255} />
      </Form>
    </Dialog>
  );
}

/** Whoever is not in it yet, one press each. */
function Join(p: { code: string; close: () => void; done: () => void }) {
  const [joined, setJoined] = useState(0);
  const join = async (c: Client) => {
    await post(path`global-groups/${p.code}/members/add`, { items: [c.client_id.encoded_id] });
    toast(say("joined", { name: clientName(c) }));
    setJoined(joined + 1);
    p.done();
  };
  const columns: Column<Client>[] = [
    { key: "member_name", head: say("member"), name: true, sort: (c) => c.member_name, text: clientName, cell: clientName },
    { key: "id", head: say("identifier"), cell: (c) => <Id>{c.client_id.encoded_id}</Id> },
    {
      key: "actions",
      head: say("actions"),
      cell: (c) => (
        <Button small action={() => join(c)} label={`${say("join")}: ${c.client_id.encoded_id}`}>
          {say("join")}
        </Button>
      ),
    },
  ];
  return (
    <Dialog title={say("joinTitle", { name: p.code })} onClose={p.close} wide>
      <RemoteTable<Client>
        caption={say("candidates")}
        columns={columns}
        id={(c) => c.client_id.encoded_id}
        size={10}
        read={(w) => paged("clients", "clients", "q", w, { excluding_group: p.code })}
        deps={[joined]}
        empty={<p>{say("nobodyLeft")}</p>}
      />
      <div class="actions end">
        <Button onClick={p.close}>{say("close")}</Button>
      </div>
    </Dialog>
  );
}

function readMembers(code: string): Promise<GroupMember[]> {
  const where = path`global-groups/${code}/members`;
  return whole(async (limit, offset) => (await post<{ items: GroupMember[] }>(where, { paging_sorting: { limit, offset } })).items);
}

function One(p: { code: string }) {
  const list = useLoad(() => readMembers(p.code), [p.code]);
  const [joining, setJoining] = useState(false);
  const free = p.code !== owners;
  const leave = async (m: GroupMember) => {
    const name = m.client_id.encoded_id;
    if (!(await confirm({ title: say("leave"), text: say("leaveText", { name, group: p.code }), button: say("leave"), danger: true }))) return;
    await remove(path`global-groups/${p.code}/members/${name}`);
    await list.reload();
  };
  const drop = async () => {
    if (!(await confirm({ title: say("drop"), text: say("dropText", { name: p.code }), button: say("remove"), danger: true, typeName: p.code }))) return;
    await remove(path`global-groups/${p.code}`);
    toast(say("removed", { name: p.code }));
    go("center-groups");
  };
  const columns: Column<GroupMember>[] = [
    { key: "name", head: say("member"), name: true, text: (m) => m.name, sort: (m) => m.name },
    { key: "id", head: say("identifier"), text: (m) => m.client_id.encoded_id, sort: (m) => m.client_id.encoded_id, cell: (m) => <Id>{m.client_id.encoded_id}</Id> },
    { key: "since", head: say("since"), cell: (m) => <DateTime at={m.created_at} only="date" />, sort: (m) => m.created_at },
    {
      key: "actions",
      head: say("actions"),
      cell: (m) =>
        free && may("ADD_AND_REMOVE_GROUP_MEMBERS") ? (
          <Button small danger action={() => leave(m)} label={`${say("leave")}: ${m.client_id.encoded_id}`}>
            {say("leave")}
          </Button>
        ) : null,
    },
  ];
  return (
    <>
      <PageHeader
        title={say("oneTitle", { name: p.code })}
        lead={<p>{free ? say("oneLead") : say("ownersLead")}</p>}
        above={[[say("title"), href("center-groups")]]}
        help="center-members"
        actions={
          free && may("DELETE_GROUP") ? (
            <Button danger action={drop}>
              {say("drop")}
            </Button>
          ) : null
        }
      />
      <LoadedTable
        of={list}
        caption={say("members")}
        columns={columns}
        id={(m) => String(m.id)}
        empty={<p>{say("memberNone")}</p>}
        actions={
          free && may("ADD_AND_REMOVE_GROUP_MEMBERS") ? (
            <Button kind="solid" onClick={() => setJoining(true)}>
              {say("join")}
            </Button>
          ) : null
        }
      />
      {joining ? <Join code={p.code} close={() => setJoining(false)} done={() => void list.reload()} /> : null}
    </>
  );
}

export default function Groups(p: PageProps) {
  const list = useLoad(() => get<Group[]>("global-groups"), [p.rest[0]]);
  const [adding, setAdding] = useState(false);
  const columns: Column<Group>[] = [
    { key: "code", head: say("code"), name: true, text: (g) => g.code, sort: (g) => g.code, cell: (g) => <a href={href("center-groups", [g.code])}>{g.code}</a> },
    { key: "description", head: say("description"), text: (g) => g.description, sort: (g) => g.description },
    { key: "count", head: say("count"), numeric: true, text: (g) => String(g.member_count), sort: (g) => g.member_count },
    { key: "updated", head: say("updated"), cell: (g) => <DateTime at={g.updated_at} />, sort: (g) => g.updated_at },
  ];
  if (p.rest[0]) return <One code={p.rest[0]} />;
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="center-members" />
      <LoadedTable
        of={list}
        caption={say("title")}
        columns={columns}
        id={(g) => g.code}
        empty={<p>{say("none")}</p>}
        actions={
          may("ADD_GLOBAL_GROUP") ? (
            <Button kind="solid" onClick={() => setAdding(true)}>
              {say("add")}
            </Button>
          ) : null
        }
      />
      {adding ? <Add close={() => setAdding(false)} /> : null}
    </>
  );
}
