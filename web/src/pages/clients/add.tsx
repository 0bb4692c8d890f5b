// Adding a subsystem: which one, how its information systems connect, and
// whether to ask the center at once.
import { useState } from "preact/hooks";
import { get, path, post, put } from "../../lib/api";
import { asRefused, useLoad } from "../../lib/load";
import { refusalText } from "../../lib/refusal";
import { go, href } from "../../lib/route";
import { may } from "../../lib/session";
import { type Client, nameOf } from "../../parts/server/types";
import {
  Banner,
  Button,
  Checkbox,
  type Choice,
  Form,
  Id,
  Load,
  PageHeader,
  PairOf,
  Pairs,
  Radios,
  Select,
  type Step,
  Steps,
  TextField,
  toast,
  useForm,
} from "../../ui";
import { connectionChoices } from "./connection";
import { say } from "./words";

interface Lists {
  all: Client[];
  own: Client[];
  classes: string[];
}

interface Wanted {
  from: string;
  known: string;
  member_class: string;
  member_code: string;
  subsystem_code: string;
  connection_type: string;
}

const nothing: Wanted = { from: "", known: "", member_class: "", member_code: "", subsystem_code: "", connection_type: "HTTPS" };

async function read(): Promise<Lists> {
  const [all, own, classes] = await Promise.all([
    get<Client[]>("clients", { internal_search: false, show_members: true }),
    get<Client[]>("clients"),
    get<string[]>("member-classes", { current_instance: true }),
  ]);
  return { all, own, classes };
}

/** What the network knows and this server does not have yet. */
function open(lists: Lists): Client[] {
  const here = new Set(lists.own.map((c) => c.id));
  return lists.all.filter((c) => c.subsystem_code && !here.has(c.id));
}

function Which(p: { lists: Lists; wanted: Wanted; next: (w: Wanted) => void }) {
  const known = open(p.lists).map((c): Choice => ({ value: c.id, text: `${nameOf(c)}（${c.id}）` }));
  const owner = p.lists.own.find((c) => c.owner);
  const start = p.wanted.from
    ? p.wanted
    : { ...p.wanted, from: "new", member_class: owner?.member_class ?? "", member_code: owner?.member_code ?? "" };
  const form = useForm<Wanted>(start, async (v) => {
    const c = v.from === "known" ? p.lists.all.find((x) => x.id === v.known) : undefined;
    p.next(c ? { ...v, member_class: c.member_class, member_code: c.member_code, subsystem_code: c.subsystem_code ?? "" } : v);
  });
  return (
    <Form form={form} submit={say("next")} cancel={() => go("clients")}>
      <Radios
        form={form}
        name="from"
        label={say("which")}
        choices={[
          { value: "new", text: say("fromNew"), hint: say("fromNewHint") },
          { value: "known", text: say("fromKnown"), hint: say("fromKnownHint") },
        ]}
      />
      {form.values.from === "known" ? (
        known.length ? (
          <Select form={form} name="known" label={say("known")} choices={known} none={say("choose")} required />
        ) : (
          <Banner kind="info" title={say("noneKnown")} />
        )
      ) : (
        <>
          <Select
            form={form}
            name="member_class"
            label={say("memberClass")}
            hint={say("memberClassHint")}
            choices={p.lists.classes.map((x) => ({ value: x, text: x }))}
            none={say("choose")}
            required
          />
          <TextField form={form} name="member_code" label={say("memberCode")} hint={say("memberCodeHint")} maxLength={255} required />
          <TextField form={form} name="subsystem_code" label={say("subsystemCode")} hint={say("subsystemCodeHint")} maxLength={255} required />
        </>
      )}
    </Form>
  );
}

function How(p: { wanted: Wanted; back: (w: Wanted) => void; next: (w: Wanted) => void }) {
  const form = useForm<Wanted>(p.wanted, async (v) => p.next(v));
  return (
    <Form form={form} submit={say("next")}>
      <Radios form={form} name="connection_type" label={say("connection")} hint={say("connectionHint")} choices={connectionChoices()} />
      <div>
        <Button onClick={() => p.back(form.values)}>{say("back")}</Button>
      </div>
    </Form>
  );
}

interface Last {
  register: boolean;
}

async function send(w: Wanted, register: boolean, ignore: boolean): Promise<void> {
  const { member_class, member_code, subsystem_code, connection_type } = w;
  const client = { member_class, member_code, subsystem_code, connection_type };
  const made = await post<Client>("clients", { client, ignore_warnings: ignore });
  toast(say("added", { name: nameOf(made) }));
  if (register && made.status === "SAVED") {
    try {
      await put(path`clients/${made.id}/register`);
      toast(say("asked"));
    } catch (problem) {
      toast(say("notAsked", { why: refusalText(asRefused(problem)) }), "error");
    }
  }
  go("clients", [made.id]);
}

function Sure(p: { lists: Lists; wanted: Wanted; back: () => void }) {
  const w = p.wanted;
  const known = p.lists.all.find((c) => c.member_class === w.member_class && c.member_code === w.member_code);
  const form = useForm<Last>({ register: may("SEND_CLIENT_REG_REQ") }, (v, ignore) => send(w, v.register, ignore));
  const instance = p.lists.own[0]?.instance_id ?? "";
  return (
    <>
      <Pairs>
        <PairOf name={say("member")}>{known?.member_name ?? say("unknownMember")}</PairOf>
        <PairOf name={say("identifier")}>
          <Id>{[instance, w.member_class, w.member_code, w.subsystem_code].filter(Boolean).join(":")}</Id>
        </PairOf>
        <PairOf name={say("connection")}>{say.of("connection", w.connection_type)}</PairOf>
      </Pairs>
      {known && !known.has_valid_local_sign_cert ? (
        <Banner kind="warning" title={say("noCert")}>
          <p>{say("noCertText")}</p>
        </Banner>
      ) : null}
      <Form form={form} submit={say("doAdd")} progress={say("adding")}>
        {may("SEND_CLIENT_REG_REQ") ? <Checkbox form={form} name="register" label={say("registerToo")} hint={say("registerHint")} /> : null}
        <div>
          <Button onClick={p.back}>{say("back")}</Button>
        </div>
      </Form>
    </>
  );
}

const titles = ["stepWhich", "stepHow", "stepSure"] as const;

export function Add() {
  const lists = useLoad(read);
  const [at, setAt] = useState(0);
  const [wanted, setWanted] = useState(nothing);
  const to = (step: number) => (w: Wanted) => {
    setWanted(w);
    setAt(step);
  };
  const steps = titles.map((t, i): Step => ({ title: say(t), state: i < at ? "done" : i === at ? "now" : "next" }));
  return (
    <>
      <PageHeader title={say("addTitle")} lead={<p>{say("addLead")}</p>} help="clients" above={[[say("title"), href("clients")]]} />
      <Steps label={say("addTitle")} steps={steps} />
      <Load of={lists}>
        {(all) =>
          at === 0 ? (
            <Which lists={all} wanted={wanted} next={to(1)} />
          ) : at === 1 ? (
            <How wanted={wanted} back={to(0)} next={to(2)} />
          ) : (
            <Sure lists={all} wanted={wanted} back={() => setAt(1)} />
          )
        }
      </Load>
    </>
  );
}
