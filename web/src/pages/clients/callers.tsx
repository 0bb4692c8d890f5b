// The other direction of access rights: what may this caller call here.
import { useState } from "preact/hooks";
import { get, path, post } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { go, href } from "../../lib/route";
import { may } from "../../lib/session";
import { PickSubjects, subjectColumns, subjectId, subjectKind, subjectName } from "../../parts/server/subjects";
import type { Description, Subject } from "../../parts/server/types";
import {
  Button,
  Checkboxes,
  type Column,
  confirm,
  DateTime,
  Dialog,
  Form,
  Id,
  LoadedTable,
  PageHeader,
  PairOf,
  Pairs,
  useForm,
} from "../../ui";
import { say } from "./words";

const withLinks = (client: string): Column<Subject>[] =>
  subjectColumns().map((c) =>
    c.key === "name" ? { ...c, cell: (s) => <a href={href("clients", [client, "caller", s.id])}>{subjectName(s)}</a> } : c,
  );

/** Everybody who may call anything of this client. */
export function Callers(p: { client: string }) {
  const list = useLoad(() => get<Subject[]>(path`clients/${p.client}/service-clients`), [p.client]);
  const [adding, setAdding] = useState(false);
  return (
    <>
      <p>{say("callersLead")}</p>
      <LoadedTable
        of={list}
        caption={say("tabCallers")}
        columns={withLinks(p.client)}
        id={(s) => `${s.service_client_type} ${s.id}`}
        sort="name"
        empty={<p>{say("callersNone")}</p>}
        actions={
          may("EDIT_ACL_SUBJECT_OPEN_SERVICES") ? (
            <Button kind="solid" onClick={() => setAdding(true)}>
              {say("callerAdd")}
            </Button>
          ) : null
        }
      />
      {adding ? (
        <PickSubjects
          client={p.client}
          without={(list.data ?? []).map((s) => s.id)}
          title={say("callerAddTitle")}
          submit={say("next")}
          close={() => setAdding(false)}
          add={async ([first]) => {
            setAdding(false);
            if (first) go("clients", [p.client, "caller", first.id]);
          }}
        />
      ) : null}
    </>
  );
}

interface Right {
  service_code: string;
  service_title?: string;
  rights_given_at: string;
}
interface Known {
  who: Subject;
  rights: Right[];
  codes: string[];
}

/** One who has no right yet is found among the candidates. */
async function read(client: string, subject: string): Promise<Known> {
  const [subjects, candidates, descriptions] = await Promise.all([
    get<Subject[]>(path`clients/${client}/service-clients`),
    get<Subject[]>(path`clients/${client}/service-client-candidates`),
    get<Description[]>(path`clients/${client}/service-descriptions`),
  ]);
  const has = subjects.find((s) => s.id === subject);
  const who = has ?? candidates.find((s) => s.id === subject) ?? { id: subject, service_client_type: "SUBSYSTEM" };
  const rights = has ? await get<Right[]>(path`clients/${client}/service-clients/${subject}/access-rights`) : [];
  const codes = [...new Set(descriptions.flatMap((d) => d.services.map((s) => s.service_code)))];
  return { who, rights, codes };
}

function Give(p: { client: string; known: Known; close: () => void; done: () => void }) {
  const has = new Set(p.known.rights.map((r) => r.service_code));
  const left = p.known.codes.filter((c) => !has.has(c));
  const form = useForm({ items: [] as string[] }, async (v) => {
    if (v.items.length)
      await post(path`clients/${p.client}/service-clients/${p.known.who.id}/access-rights`, { items: v.items.map((service_code) => ({ service_code })) });
  });
  return (
    <Dialog title={say("giveTitle", { who: subjectName(p.known.who) })} onClose={p.close}>
      {left.length ? (
        <Form form={form} submit={say("give")} cancel={p.close} done={p.done}>
          <Checkboxes form={form} name="items" label={say("service")} choices={left.map((c) => ({ value: c, text: c }))} />
        </Form>
      ) : (
        <>
          <p>{say("giveNone")}</p>
          <div class="actions end">
            <Button onClick={p.close}>{say("close")}</Button>
          </div>
        </>
      )}
    </Dialog>
  );
}

function columns(client: string, take: ((r: Right) => Promise<void>) | null): Column<Right>[] {
  const all: Column<Right>[] = [
    {
      key: "service",
      head: say("service"),
      name: true,
      text: (r) => `${r.service_code} ${r.service_title ?? ""}`,
      sort: (r) => r.service_code,
      cell: (r) => (
        <>
          <a href={href("services", [`${client}:${r.service_code}`])}>{r.service_code}</a> {r.service_title}
        </>
      ),
    },
    { key: "given", head: say("given"), sort: (r) => r.rights_given_at, cell: (r) => <DateTime at={r.rights_given_at} /> },
  ];
  if (take)
    all.push({
      key: "acts",
      head: say("acts"),
      cell: (r) => (
        <Button small danger action={() => take(r)} label={`${say("take")}: ${r.service_code}`}>
          {say("take")}
        </Button>
      ),
    });
  return all;
}

/** What one caller may call. */
export function Caller(p: { client: string; subject: string }) {
  const known = useLoad(() => read(p.client, p.subject), [p.client, p.subject]);
  const [giving, setGiving] = useState(false);
  const change = may("EDIT_ACL_SUBJECT_OPEN_SERVICES");
  const name = known.data ? subjectName(known.data.who) : p.subject;
  const take = async (r: Right) => {
    const text = say("takeText", { who: name, what: r.service_code });
    if (!(await confirm({ title: say("take"), text, button: say("take"), danger: true }))) return;
    await post(path`clients/${p.client}/service-clients/${p.subject}/access-rights/delete`, { items: [{ service_code: r.service_code }] });
    await known.reload();
  };
  const rights = { ...known, data: known.data?.rights };
  return (
    <>
      <PageHeader
        title={say("callerTitle", { name })}
        lead={<p>{say("callerLead")}</p>}
        help="access-rights"
        above={[
          [say("title"), href("clients")],
          [say("oneTitle", { name: p.client }), href("clients", [p.client], { tab: "callers" })],
        ]}
      />
      {known.data ? (
        <Pairs>
          <PairOf name={say("kind")}>{subjectKind(known.data.who)}</PairOf>
          <PairOf name={say("identifier")}>
            <Id>{subjectId(known.data.who)}</Id>
          </PairOf>
        </Pairs>
      ) : null}
      <LoadedTable
        of={rights}
        caption={say("callerCaption")}
        columns={columns(p.client, change ? take : null)}
        id={(r) => r.service_code}
        sort="service"
        empty={<p>{say("callerNone")}</p>}
        actions={
          change ? (
            <Button kind="solid" onClick={() => setGiving(true)}>
              {say("give")}
            </Button>
          ) : null
        }
      />
      {giving && known.data ? (
        <Give
          client={p.client}
          known={known.data}
          close={() => setGiving(false)}
          done={() => {
            setGiving(false);
            void known.reload();
          }}
        />
      ) : null}
    </>
  );
}
