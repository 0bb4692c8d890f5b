// Local groups: callers that get their rights together.
import { useState } from "preact/hooks";
import { get, patch, path, post, remove } from "../../lib/api";
import { type Loaded, useLoad } from "../../lib/load";
import { go, href } from "../../lib/route";
import { may } from "../../lib/session";
import { PickSubjects } from "../../parts/server/subjects";
import type { LocalGroup } from "../../parts/server/types";
import { Button, type Column, confirm, DateTime, Dialog, Form, Id, LoadedTable, PageHeader, TextField, toast, useForm } from "../../ui";
import { say } from "./words";

const columns = (client: string): Column<LocalGroup>[] => [
  {
    key: "code",
    head: say("groupCode"),
    name: true,
    text: (g) => g.code,
    sort: (g) => g.code,
    cell: (g) => <a href={href("clients", [client, "group", g.id])}>{g.code}</a>,
  },
  { key: "description", head: say("groupText"), text: (g) => g.description, sort: (g) => g.description },
  { key: "count", head: say("groupCount"), numeric: true, text: (g) => String(g.member_count), sort: (g) => g.member_count },
  { key: "updated", head: say("changed"), sort: (g) => g.updated_at, cell: (g) => <DateTime at={g.updated_at} /> },
];

function New(p: { client: string; close: () => void }) {
  const form = useForm({ code: "", description: "" }, async (v) => {
    const made = await post<LocalGroup>(path`clients/${p.client}/local-groups`, v);
    go("clients", [p.client, "group", made.id]);
  });
  return (
    <Dialog title={say("groupAddTitle")} onClose={p.close}>
      <Form form={form} submit={say("groupAdd")} cancel={p.close}>
        <TextField form={form} name="code" label={say("groupCode")} hint={say("groupCodeHint")} maxLength={255} required />
        <TextField form={form} name="description" label={say("groupText")} hint={say("groupTextHint")} maxLength={255} required />
      </Form>
    </Dialog>
  );
}

export function Groups(p: { client: string }) {
  const list = useLoad(() => get<LocalGroup[]>(path`clients/${p.client}/local-groups`), [p.client]);
  const [adding, setAdding] = useState(false);
  return (
    <>
      <p>{say("groupsLead")}</p>
      <LoadedTable
        of={list}
        caption={say("tabGroups")}
        columns={columns(p.client)}
        id={(g) => g.id}
        sort="code"
        empty={<p>{say("groupsNone")}</p>}
        actions={
          may("ADD_LOCAL_GROUP") ? (
            <Button kind="solid" onClick={() => setAdding(true)}>
              {say("groupAdd")}
            </Button>
          ) : null
        }
      />
      {adding ? <New client={p.client} close={() => setAdding(false)} /> : null}
    </>
  );
}

type Member = LocalGroup["members"][number];

function memberColumns(drop: ((m: Member) => Promise<void>) | null): Column<Member>[] {
  const all: Column<Member>[] = [
    { key: "name", head: say("name"), name: true, text: (m) => m.name ?? m.id, sort: (m) => m.name ?? m.id },
    { key: "id", head: say("identifier"), text: (m) => m.id, sort: (m) => m.id, cell: (m) => <Id>{m.id}</Id> },
  ];
  if (drop)
    all.push({
      key: "acts",
      head: say("acts"),
      cell: (m) => (
        <Button small danger action={() => drop(m)} label={`${say("leave")}: ${m.id}`}>
          {say("leave")}
        </Button>
      ),
    });
  return all;
}

function Describe(p: { of: LocalGroup; close: () => void; done: () => void }) {
  const form = useForm({ description: p.of.description }, (v) => patch(path`local-groups/${p.of.id}`, v));
  return (
    <Dialog title={say("describeTitle")} onClose={p.close}>
      <Form form={form} submit={say("save")} cancel={p.close} done={p.done}>
        <TextField form={form} name="description" label={say("groupText")} maxLength={255} required />
      </Form>
    </Dialog>
  );
}

/** What can be done with the group itself. */
function GroupActs(p: { client: string; of: LocalGroup; reload: () => Promise<void> }) {
  const [describing, setDescribing] = useState(false);
  const drop = async () => {
    const text = say("groupDropText", { name: p.of.code });
    if (!(await confirm({ title: say("groupDropTitle"), text, button: say("doDelete"), danger: true, typeName: p.of.code }))) return;
    await remove(path`local-groups/${p.of.id}`);
    toast(say("deleted", { name: p.of.code }));
    go("clients", [p.client], { tab: "groups" });
  };
  return (
    <>
      {may("EDIT_LOCAL_GROUP_DESC") ? <Button onClick={() => setDescribing(true)}>{say("describe")}</Button> : null}
      {may("DELETE_LOCAL_GROUP") ? (
        <Button danger action={drop}>
          {say("doDelete")}
        </Button>
      ) : null}
      {describing ? (
        <Describe
          of={p.of}
          close={() => setDescribing(false)}
          done={() => {
            setDescribing(false);
            void p.reload();
          }}
        />
      ) : null}
    </>
  );
}

function Members(p: { client: string; of: Loaded<LocalGroup>; group: string }) {
  const [adding, setAdding] = useState(false);
  const members = { ...p.of, data: p.of.data?.members };
  const change = may("EDIT_LOCAL_GROUP_MEMBERS");
  const leave = async (m: Member) => {
    const text = say("leaveText", { name: m.name ?? m.id });
    if (!(await confirm({ title: say("leave"), text, button: say("leave"), danger: true }))) return;
    await post(path`local-groups/${p.group}/members/delete`, { items: [m.id] });
    await p.of.reload();
  };
  return (
    <>
      <LoadedTable
        of={members}
        caption={say("groupMembers")}
        columns={memberColumns(change ? leave : null)}
        id={(m) => m.id}
        sort="name"
        empty={<p>{say("membersNone")}</p>}
        actions={
          change ? (
            <Button kind="solid" onClick={() => setAdding(true)}>
              {say("join")}
            </Button>
          ) : null
        }
      />
      {adding ? (
        <PickSubjects
          client={p.client}
          only="SUBSYSTEM"
          without={(members.data ?? []).map((m) => m.id)}
          title={say("joinTitle")}
          submit={say("join")}
          close={() => setAdding(false)}
          add={async (chosen) => {
            if (chosen.length) await post(path`local-groups/${p.group}/members`, { items: chosen.map((s) => s.id) });
            setAdding(false);
            await p.of.reload();
          }}
        />
      ) : null}
    </>
  );
}

export function Group(p: { client: string; group: string }) {
  const group = useLoad(() => get<LocalGroup>(path`local-groups/${p.group}`), [p.group]);
  const title = say("groupTitle", { name: group.data?.code ?? "" });
  return (
    <>
      <PageHeader
        title={title}
        lead={
          <>
            <p>{group.data?.description}</p>
            <p>{say("groupLead")}</p>
          </>
        }
        help="access-rights"
        above={[
          [say("title"), href("clients")],
          [say("oneTitle", { name: p.client }), href("clients", [p.client], { tab: "groups" })],
        ]}
        actions={group.data ? <GroupActs client={p.client} of={group.data} reload={group.reload} /> : null}
      />
      <Members client={p.client} of={group} group={p.group} />
    </>
  );
}
