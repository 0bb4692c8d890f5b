// Subsystems and groups that may call something: their names, choosing them,
// and the list of those who have a right.
import { useState } from "preact/hooks";
import { get, path, post } from "../../lib/api";
import { number } from "../../lib/format";
import { type Loaded, useLoad } from "../../lib/load";
import {
  Button,
  Checkboxes,
  type Choice,
  Chip,
  type Column,
  confirm,
  DateTime,
  Dialog,
  Form,
  Id,
  Load,
  LoadedTable,
  TextField,
  toast,
  useForm,
} from "../../ui";
import type { Subject } from "./types";
import { say } from "./words";

/** Local groups are numbers to the service; people know their code. */
export function subjectId(s: Subject): string {
  return s.local_group_code ?? s.id;
}

export function subjectName(s: Subject): string {
  return s.name || subjectId(s);
}

export function subjectKind(s: Subject): string {
  return say.of("kind", s.service_client_type) ?? s.service_client_type;
}

const shown = 40; // candidates at once; more are found by typing

function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

function choice(s: Subject): Choice {
  return { value: s.id, text: subjectName(s), hint: `${subjectKind(s)} ${subjectId(s)}` };
}

function Choose(p: { all: Subject[]; submit: string; close: () => void; add: (chosen: Subject[]) => Promise<unknown> }) {
  const form = useForm({ search: "", chosen: [] as string[] }, (v) => p.add(p.all.filter((s) => v.chosen.includes(s.id))));
  const words = fold(form.values.search).split(/\s+/).filter(Boolean);
  const fits = (s: Subject) => words.every((w) => fold(`${subjectName(s)} ${subjectId(s)}`).includes(w));
  const found = p.all.filter((s) => form.values.chosen.includes(s.id) || fits(s));
  return (
    <Form form={form} submit={p.submit} cancel={p.close}>
      <TextField form={form} name="search" label={say("searchWho")} hint={say("searchHint")} type="search" />
      <Checkboxes
        form={form}
        name="chosen"
        label={say("who")}
        hint={found.length > shown ? say("firstOf", { n: shown, all: number(found.length) }) : undefined}
        choices={found.slice(0, shown).map(choice)}
      />
      {found.length ? null : <p>{say("nobodyFound")}</p>}
    </Form>
  );
}

/** Whom could be given a right by this client; subsystems only for groups. */
export function PickSubjects(p: {
  client: string;
  /** Identifiers that have it already. */
  without: string[];
  title: string;
  submit: string;
  only?: "SUBSYSTEM";
  close: () => void;
  add: (chosen: Subject[]) => Promise<unknown>;
}) {
  const all = useLoad(() => get<Subject[]>(path`clients/${p.client}/service-client-candidates`, { service_client_type: p.only }));
  return (
    <Dialog title={p.title} onClose={p.close}>
      <Load of={all}>
        {(list) => <Choose all={list.filter((s) => !p.without.includes(s.id))} submit={p.submit} close={p.close} add={p.add} />}
      </Load>
    </Dialog>
  );
}

export const subjectColumns: () => Column<Subject>[] = () => [
  { key: "name", head: say("who"), name: true, text: subjectName, sort: subjectName },
  {
    key: "kind",
    head: say("kind"),
    text: subjectKind,
    sort: subjectKind,
    cell: (s) => <Chip>{subjectKind(s)}</Chip>,
  },
  { key: "id", head: say("identifier"), text: subjectId, sort: subjectId, cell: (s) => <Id>{subjectId(s)}</Id> },
  {
    key: "given",
    head: say("given"),
    sort: (s) => s.rights_given_at ?? "",
    cell: (s) => <DateTime at={s.rights_given_at} />,
  },
];

function columns(drop: ((s: Subject) => Promise<void>) | null): Column<Subject>[] {
  if (!drop) return subjectColumns();
  return [
    ...subjectColumns(),
    {
      key: "acts",
      head: say("acts"),
      cell: (s) => (
        <Button small danger action={() => drop(s)} label={`${say("take")}: ${subjectName(s)}`}>
          {say("take")}
        </Button>
      ),
    },
  ];
}

const items = (list: Subject[]) => ({ items: list.map((s) => ({ id: s.id, service_client_type: s.service_client_type })) });

/** Who may call what stands at an address ("services/..", "endpoints/.."). */
export function Rights(p: { at: string; client: string; what: string; change: boolean; changed?: () => unknown }) {
  const list: Loaded<Subject[]> = useLoad(() => get<Subject[]>(`${p.at}/service-clients`), [p.at]);
  const [adding, setAdding] = useState(false);
  const reload = async () => {
    await list.reload();
    await p.changed?.();
  };
  const add = async (chosen: Subject[]) => {
    if (chosen.length) await post(`${p.at}/service-clients`, items(chosen));
    setAdding(false);
    if (chosen.length) toast(say("givenTo", { n: chosen.length }));
    await reload();
  };
  const drop = async (s: Subject) => {
    const text = say("takeText", { who: subjectName(s), what: p.what });
    if (!(await confirm({ title: say("takeTitle"), text, button: say("take"), danger: true }))) return;
    await post(`${p.at}/service-clients/delete`, items([s]));
    toast(say("taken", { who: subjectName(s) }));
    await reload();
  };
  return (
    <>
      <LoadedTable
        of={list}
        caption={say("mayCall", { what: p.what })}
        columns={columns(p.change ? drop : null)}
        id={(s) => `${s.service_client_type} ${s.id}`}
        sort="name"
        empty={<p>{say(p.change ? "nobody" : "nobodyYet")}</p>}
        actions={
          p.change ? (
            <Button kind="solid" onClick={() => setAdding(true)}>
              {say("give")}
            </Button>
          ) : null
        }
      />
      {adding ? (
        <PickSubjects
          client={p.client}
          without={(list.data ?? []).map((s) => s.id)}
          title={say("giveTitle", { what: p.what })}
          submit={say("give")}
          close={() => setAdding(false)}
          add={add}
        />
      ) : null}
    </>
  );
}
