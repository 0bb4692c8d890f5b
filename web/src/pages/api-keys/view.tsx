// API keys: make, change, revoke. A key is shown once.
import { useState } from "preact/hooks";
import { get, patch, path, post, remove } from "../../lib/api";
import { isoDate, moment } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { objection } from "../../lib/refusal";
import { roleChoices, roleText } from "../../lib/roles";
import { may, user } from "../../lib/session";
import {
  Banner,
  Button,
  Checkboxes,
  type Column,
  confirm,
  Copyable,
  DateTime,
  Dialog,
  Form,
  Light,
  LoadedTable,
  PageHeader,
  Roles,
  Select,
  TextField,
  toast,
  useForm,
} from "../../ui";
import { say } from "./words";

interface ApiKey {
  id: number;
  /** Only in the answer that made it. */
  key?: string;
  name: string;
  roles: string[];
  made_by: string;
  created_at: string | null;
  expires_at: string | null;
  last_used_at: string | null;
  expired: boolean;
}

const nameMax = 40;
const soon = 30 * 86400000; // ms

const nameOf = (k: ApiKey) => k.name || say("nameless", { n: k.id });

/** The end of that day, where the reader is. */
function endOf(day: string): string {
  return new Date(`${day}T23:59:59`).toISOString();
}

function dayAfter(days: number): string {
  return isoDate(Date.now() + days * 86400000);
}

function Validity(p: { of: ApiKey }) {
  const end = p.of.expires_at;
  if (p.of.expired) return <Light state="bad">{say("expired")}</Light>;
  if (end && moment(end) - Date.now() < soon) return <Light state="wait">{say("endsSoon")}</Light>;
  return <Light state="good">{say("valid")}</Light>;
}

function Made(p: { of: ApiKey; close: () => void }) {
  return (
    <Dialog title={say("madeTitle", { name: nameOf(p.of) })} onClose={p.close}>
      <Banner kind="warning" alert title={say("madeOnce")}>
        <p>{say("madeText")}</p>
      </Banner>
      <Copyable text={p.of.key ?? ""} label={say("key")} />
      <p>{say("use")}</p>
      <Copyable text={`Authorization: X-Road-ApiKey token=${p.of.key ?? ""}`} label={say("header")} />
      <div class="actions end">
        <Button kind="solid" onClick={p.close}>
          {say("kept")}
        </Button>
      </div>
    </Dialog>
  );
}

function Add(p: { close: () => void; done: (k: ApiKey) => void }) {
  const form = useForm({ name: "", roles: [] as string[], days: "365" }, async (v) => {
    if (!v.roles.length) throw objection("roles", say("rolesNone"));
    const end = v.days ? { expires_at: endOf(dayAfter(Number(v.days))) } : {};
    p.done(await post<ApiKey>("machilink/api-keys", { name: v.name, roles: v.roles, ...end }));
  });
  const choices = ["30", "90", "365", "1095"].map((d) => ({ value: d, text: `${say.of("days", d)} (${dayAfter(Number(d))})` }));
  return (
    <Dialog title={say("addTitle")} onClose={p.close}>
      <Form form={form} submit={say("make")} cancel={p.close}>
        <TextField form={form} name="name" label={say("name")} hint={say("nameHint")} maxLength={nameMax} required />
        <Checkboxes form={form} name="roles" label={say("roles")} hint={say("rolesHint")} choices={roleChoices([], user.value?.roles)} required />
        <Select form={form} name="days" label={say("until")} hint={say("untilHint")} choices={choices} none={say("noEnd")} />
      </Form>
    </Dialog>
  );
}

function Edit(p: { of: ApiKey; close: () => void; done: () => void }) {
  const k = p.of;
  const form = useForm({ name: k.name, roles: k.roles, expires_at: k.expires_at ? isoDate(moment(k.expires_at)) : "" }, async (v) => {
    if (!v.roles.length) throw objection("roles", say("rolesNone"));
    await patch(path`machilink/api-keys/${k.id}`, { name: v.name, roles: v.roles, expires_at: v.expires_at ? endOf(v.expires_at) : "" });
  });
  return (
    <Dialog title={say("editTitle", { name: nameOf(k) })} onClose={p.close}>
      <Form form={form} submit={say("save")} cancel={p.close} done={p.done}>
        <TextField form={form} name="name" label={say("name")} hint={say("nameHint")} maxLength={nameMax} />
        <Checkboxes form={form} name="roles" label={say("roles")} hint={say("rolesHint")} choices={roleChoices(k.roles, user.value?.roles)} required />
        <TextField form={form} name="expires_at" type="date" label={say("until")} hint={say("untilEmpty")} min={isoDate(Date.now())} />
      </Form>
    </Dialog>
  );
}

interface Acts {
  edit: (k: ApiKey) => void;
  revoke: (k: ApiKey) => Promise<void>;
}

function columns(acts: Acts): Column<ApiKey>[] {
  const list: Column<ApiKey>[] = [
    {
      key: "name",
      head: say("name"),
      name: true,
      text: nameOf,
      sort: nameOf,
      cell: (k) => (
        <>
          {nameOf(k)}
          <span class="line soft">{say("number", { n: k.id })}</span>
        </>
      ),
    },
    { key: "roles", head: say("roles"), text: (k) => k.roles.map(roleText).join(" "), cell: (k) => <Roles of={k.roles} /> },
    {
      key: "until",
      head: say("until"),
      sort: (k) => k.expires_at ?? "9999",
      cell: (k) => (
        <>
          <Validity of={k} />
          <span class="line">
            <DateTime at={k.expires_at} only="date">
              {say("noEnd")}
            </DateTime>
          </span>
        </>
      ),
    },
    { key: "used", head: say("used"), sort: (k) => k.last_used_at ?? "", cell: (k) => <DateTime at={k.last_used_at}>{say("never")}</DateTime> },
    {
      key: "made",
      head: say("madeAt"),
      text: (k) => k.made_by,
      sort: (k) => k.created_at ?? "",
      cell: (k) => (
        <>
          <DateTime at={k.created_at} only="date" />
          {k.made_by ? <span class="line soft">{k.made_by}</span> : null}
        </>
      ),
    },
  ];
  if (may("UPDATE_API_KEY", "REVOKE_API_KEY"))
    list.push({
      key: "actions",
      head: say("actions"),
      cell: (k) => (
        <div class="actions">
          <Button small onClick={() => acts.edit(k)} label={`${say("edit")}: ${nameOf(k)}`}>
            {say("edit")}
          </Button>
          <Button small danger action={() => acts.revoke(k)} label={`${say("revoke")}: ${nameOf(k)}`}>
            {say("revoke")}
          </Button>
        </div>
      ),
    });
  return list;
}

export default function ApiKeys() {
  const list = useLoad(() => get<ApiKey[]>("machilink/api-keys"));
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<ApiKey>();
  const [edited, edit] = useState<ApiKey>();
  const revoke = async (k: ApiKey) => {
    const text = say("revokeText", { name: nameOf(k) });
    if (!(await confirm({ title: say("revokeTitle"), text, button: say("revoke"), danger: true }))) return;
    await remove(path`api-keys/${k.id}`);
    toast(say("revoked", { name: nameOf(k) }));
    await list.reload();
  };
  const added = (k: ApiKey) => {
    setAdding(false);
    setMade(k);
    void list.reload();
  };
  const changed = () => {
    edit(undefined);
    toast(say("saved"));
    void list.reload();
  };
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="api-keys" />
      <LoadedTable
        of={list}
        caption={say("caption")}
        columns={columns({ edit, revoke })}
        id={(k) => String(k.id)}
        sort="made"
        descending
        empty={<p>{say("none")}</p>}
        actions={
          may("CREATE_API_KEY") ? (
            <Button kind="solid" onClick={() => setAdding(true)}>
              {say("make")}
            </Button>
          ) : null
        }
      />
      {adding ? <Add close={() => setAdding(false)} done={added} /> : null}
      {made ? <Made of={made} close={() => setMade(undefined)} /> : null}
      {edited ? <Edit of={edited} close={() => edit(undefined)} done={changed} /> : null}
    </>
  );
}
