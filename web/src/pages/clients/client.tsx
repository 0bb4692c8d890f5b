// One member or subsystem: its state at the center and what belongs to it.
import { useState } from "preact/hooks";
import { get, path, put, Refused, remove } from "../../lib/api";
import { type Loaded, useLoad } from "../../lib/load";
import { go, href } from "../../lib/route";
import { may } from "../../lib/session";
import { useWatch } from "../../lib/watch";
import { ClientState, stateHint } from "../../parts/server/state";
import { type Client, nameOf, type TokenCertificate } from "../../parts/server/types";
import { Life } from "../../parts/server/life";
import {
  Banner,
  Button,
  confirm,
  DataTable,
  Dialog,
  Form,
  Id,
  Load,
  PageHeader,
  PairOf,
  Pairs,
  Section,
  type Tab,
  Tabs,
  TextField,
  toast,
  useForm,
} from "../../ui";
import { Callers } from "./callers";
import { Connection } from "./connection";
import { Groups } from "./groups";
import { Descriptions } from "./services";
import { say } from "./words";

/** What may be asked of the center, from which states, by whom. */
interface Act {
  name: "register" | "unregister" | "disable" | "enable";
  from: string[];
  may: string;
  danger?: boolean;
}
const acts: Act[] = [
  { name: "register", from: ["SAVED"], may: "SEND_CLIENT_REG_REQ" },
  { name: "enable", from: ["DISABLED"], may: "ENABLE_CLIENT" },
  { name: "disable", from: ["REGISTERED"], may: "DISABLE_CLIENT", danger: true },
  { name: "unregister", from: ["REGISTERED", "REGISTRATION_IN_PROGRESS", "DISABLED"], may: "SEND_CLIENT_DEL_REQ", danger: true },
];
const deletable = ["SAVED", "GLOBAL_ERROR", "DELETION_IN_PROGRESS"];

function offered(c: Client): Act[] {
  const fits = (a: Act) => a.from.includes(c.status ?? "") && may(a.may) && !(a.name === "disable" && c.is_management_services_provider);
  return c.owner ? [] : acts.filter(fits);
}

async function orphans(id: string): Promise<boolean> {
  try {
    await get(path`clients/${id}/orphans`);
    return true;
  } catch (problem) {
    if (problem instanceof Refused && problem.status === 404) return false;
    throw problem;
  }
}

/** Deletes it, and what only it needed when that is wanted too. */
async function drop(c: Client): Promise<void> {
  const name = nameOf(c);
  if (!(await confirm({ title: say("deleteTitle"), text: say("deleteText", { name }), button: say("doDelete"), danger: true, typeName: c.subsystem_code ?? c.member_code }))) return;
  await remove(path`clients/${c.id}`);
  toast(say("deleted", { name }));
  if (await orphans(c.id)) {
    const text = say("orphansText", { name: c.member_name ?? c.member_code });
    if (await confirm({ title: say("orphansTitle"), text, button: say("orphansDelete"), danger: true })) await remove(path`clients/${c.id}/orphans`);
  }
  go("clients");
}

function Rename(p: { of: Client; close: () => void; done: () => void }) {
  const form = useForm({ client_name: p.of.subsystem_name ?? "" }, (v) => put(path`clients/${p.of.id}/rename`, v));
  return (
    <Dialog title={say("renameTitle")} onClose={p.close}>
      <Form form={form} submit={say("rename")} cancel={p.close} done={p.done}>
        <TextField form={form} name="client_name" label={say("newName")} hint={say("renameHint")} maxLength={255} required />
      </Form>
    </Dialog>
  );
}

function Acts(p: { of: Client; reload: () => Promise<void> }) {
  const c = p.of;
  const [renaming, setRenaming] = useState(false);
  const ask = async (a: Act) => {
    const text = say.of("actText", a.name, { name: nameOf(c) }) ?? "";
    const button = say.of("act", a.name) ?? a.name;
    if (!(await confirm({ title: button, text, button, danger: a.danger }))) return;
    await put(path`clients/${c.id}/${a.name}`);
    toast(say("asked"));
    await p.reload();
  };
  const owner = async () => {
    if (!(await confirm({ title: say("makeOwner"), text: say("makeOwnerText", { name: nameOf(c) }), button: say("makeOwner") }))) return;
    await put(path`clients/${c.id}/make-owner`);
    toast(say("asked"));
    await p.reload();
  };
  const mayOwn = !c.subsystem_code && !c.owner && c.status === "REGISTERED" && may("SEND_OWNER_CHANGE_REQ");
  const mayRename = c.subsystem_code && may("RENAME_SUBSYSTEM") && ["SAVED", "REGISTERED"].includes(c.status ?? "");
  return (
    <div class="actions">
      {offered(c).map((a) => (
        <Button key={a.name} kind={a.name === "register" ? "solid" : "outline"} danger={a.danger} action={() => ask(a)}>
          {say.of("act", a.name)}
        </Button>
      ))}
      {mayRename ? <Button onClick={() => setRenaming(true)}>{say("rename")}</Button> : null}
      {mayOwn ? <Button action={owner}>{say("makeOwner")}</Button> : null}
      {!c.owner && deletable.includes(c.status ?? "") && may("DELETE_CLIENT") ? (
        <Button danger action={() => drop(c)}>
          {say("doDelete")}
        </Button>
      ) : null}
      {renaming ? (
        <Rename
          of={c}
          close={() => setRenaming(false)}
          done={() => {
            setRenaming(false);
            toast(say("renamed"));
            void p.reload();
          }}
        />
      ) : null}
    </div>
  );
}

function Certificates(p: { of: Client }) {
  const list = useLoad(() => get<TokenCertificate[]>(path`clients/${p.of.id}/sign-certificates`), [p.of.id]);
  return (
    <Section title={say("certificates")}>
      <p>{say("certificatesLead")}</p>
      <Load of={list}>
        {(all) =>
          all.length ? (
            <DataTable
              rows={all}
              caption={say("certificates")}
              plain
              id={(x) => x.certificate_details.hash}
              columns={[
                { key: "issuer", head: say("issuer"), text: (x) => x.certificate_details.issuer_common_name },
                { key: "active", head: say("inUse"), text: (x) => say(x.active ? "yes" : "no") },
                {
                  key: "life",
                  head: say("life"),
                  cell: (x) => (
                    <Life
                      name={x.certificate_details.subject_common_name}
                      from={x.certificate_details.not_before}
                      to={x.certificate_details.not_after}
                    />
                  ),
                },
              ]}
            />
          ) : (
            <Banner kind="warning" title={say("noCert")}>
              <p>{say("noCertText")}</p>
            </Banner>
          )
        }
      </Load>
    </Section>
  );
}

function Overview(p: { of: Client; reload: () => Promise<void> }) {
  const c = p.of;
  return (
    <>
      <Section title={say("status")}>
        <p role="status">
          <ClientState of={c} />
        </p>
        <p>{c.owner ? say("ownerHint") : stateHint(c)}</p>
        {c.rename_status ? <p>{say("renameWaits")}</p> : null}
        <Acts of={c} reload={p.reload} />
      </Section>
      <Section title={say("about")}>
        <Pairs>
          <PairOf name={say("member")}>{c.member_name ?? "–"}</PairOf>
          <PairOf name={say("identifier")}>
            <Id>{c.id}</Id>
          </PairOf>
          <PairOf name={say("memberClass")}>{c.member_class}</PairOf>
          <PairOf name={say("memberCode")}>{c.member_code}</PairOf>
          {c.subsystem_code ? <PairOf name={say("subsystemCode")}>{c.subsystem_code}</PairOf> : null}
        </Pairs>
      </Section>
      <Certificates of={c} />
    </>
  );
}

function tabs(c: Client, of: Loaded<Client>): Tab[] {
  const part = Boolean(c.subsystem_code);
  const all: (Tab & { show: boolean })[] = [
    { name: "state", title: say("tabState"), show: true, view: () => <Overview of={c} reload={of.reload} /> },
    { name: "services", title: say("tabServices"), show: part && may("VIEW_CLIENT_SERVICES"), view: () => <Descriptions client={c.id} /> },
    { name: "callers", title: say("tabCallers"), show: part && may("VIEW_CLIENT_ACL_SUBJECTS"), view: () => <Callers client={c.id} /> },
    { name: "groups", title: say("tabGroups"), show: part && may("VIEW_CLIENT_LOCAL_GROUPS"), view: () => <Groups client={c.id} /> },
    {
      name: "connection",
      title: say("tabConnection"),
      show: may("VIEW_CLIENT_INTERNAL_CONNECTION_TYPE"),
      view: () => <Connection client={c} reload={of.reload} />,
    },
  ];
  return all.filter((t) => t.show);
}

export function One(p: { id: string }) {
  const client = useLoad(() => get<Client>(path`clients/${p.id}`), [p.id]);
  const waits = /_IN_PROGRESS$/.test(client.data?.status ?? "") || Boolean(client.data?.rename_status);
  useWatch(waits, client.reload); // somebody at the center answers
  const title = client.data ? say("oneTitle", { name: nameOf(client.data) }) : say("oneTitle", { name: p.id });
  return (
    <>
      <PageHeader title={title} lead={<p>{say("oneLead")}</p>} help="clients" above={[[say("title"), href("clients")]]} />
      <Load of={client}>{(c) => <Tabs label={title} tabs={tabs(c, client)} />}</Load>
    </>
  );
}
