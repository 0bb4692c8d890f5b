// The list of members with what to add; one member is in member.tsx.
import { useState } from "preact/hooks";
import { get, post } from "../../lib/api";
import { paged, type Client } from "../../lib/center";
import { useLoad } from "../../lib/load";
import type { PageProps } from "../../lib/page";
import { memberCode } from "../../lib/publicid";
import { go, href } from "../../lib/route";
import { may } from "../../lib/session";
import { Button, type Column, Dialog, Form, Id, PageHeader, RemoteTable, Section, Select, TextField, toast, useForm } from "../../ui";
import { Classes, type MemberClass } from "./classes";
import { One } from "./member";
import { say } from "./words";

function Add(p: { close: () => void }) {
  const classes = useLoad(() => get<MemberClass[]>("member-classes"));
  const form = useForm({ typed: "", member_name: "", member_class: "GOV" }, async (v) => {
    const id = { member_class: v.member_class, member_code: memberCode(v.typed).code };
    const made = await post<Client>("members", { member_id: id, member_name: v.member_name });
    toast(say("added", { name: v.member_name }));
    go("center-members", [made.client_id.encoded_id]);
  });
  const { code, good } = memberCode(form.values.typed);
  return (
    <Dialog title={say("add")} onClose={p.close}>
      <Form form={form} submit={say("add")} cancel={p.close}>
        <TextField form={form} name="typed" label={say("code")} hint={say("codeHint")} required width={20} />
        {code ? <p role="status">{say(good ? "codeIs" : "codeBad", { code })}</p> : null}
        <TextField form={form} name="member_name" label={say("name")} required maxLength={255} />
        <Select form={form} name="member_class" label={say("class")} choices={(classes.data ?? []).map((c) => ({ value: c.code, text: `${c.code} (${c.description})` }))} required />
      </Form>
    </Dialog>
  );
}

function columns(): Column<Client>[] {
  return [
    { key: "member_name", head: say("name"), name: true, sort: (c) => c.member_name, cell: (c) => <a href={href("center-members", [c.client_id.encoded_id])}>{c.member_name || c.client_id.member_code}</a> },
    { key: "client_id.member_class", head: say("class"), sort: (c) => c.client_id.member_class, text: (c) => c.client_id.member_class },
    { key: "client_id.member_code", head: say("memberCode"), sort: (c) => c.client_id.member_code, cell: (c) => <Id>{c.client_id.member_code}</Id> },
  ];
}

export default function Members(p: PageProps) {
  const [adding, setAdding] = useState(false);
  if (p.rest[0]) return <One id={p.rest[0]} />;
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="center-members" />
      <RemoteTable<Client>
        caption={say("caption")}
        columns={columns()}
        id={(c) => c.client_id.encoded_id}
        read={(w) => paged("clients", "clients", "q", w, { client_type: "MEMBER" })}
        sort="member_name"
        empty={<p>{say("none")}</p>}
        actions={
          may("ADD_NEW_MEMBER") ? (
            <Button kind="solid" onClick={() => setAdding(true)}>
              {say("add")}
            </Button>
          ) : null
        }
      />
      <Section title={say("classes")}>
        <Classes />
      </Section>
      {adding ? <Add close={() => setAdding(false)} /> : null}
    </>
  );
}
