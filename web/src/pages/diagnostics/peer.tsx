// A connection test to another security server.
import { useState } from "preact/hooks";
import { get } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { may } from "../../lib/session";
import { Banner, type Choice, Form, type FormState, Load, Radios, Section, Select, TextField, useForm } from "../../ui";
import { type Status, troubleText } from "./state";
import { say } from "./words";

interface Server {
  id: string;
}
interface Client {
  id: string;
  member_name?: string;
  subsystem_code?: string;
  subsystem_name?: string;
}
interface Lists {
  servers: Choice[];
  own: Choice[];
  all: Choice[];
}

function choice(c: Client): Choice {
  const name = [c.member_name, c.subsystem_name].filter(Boolean).join(" ");
  return { value: c.id, text: name ? `${name}（${c.id}）` : c.id };
}

const subsystems = (list: Client[]) => list.filter((c) => c.subsystem_code).map(choice);

/** Who may not see clients types identifiers. */
async function read(): Promise<Lists> {
  const sees = may("VIEW_CLIENTS");
  const [servers, own, all] = await Promise.all([
    get<Server[]>("security-servers"),
    sees ? get<Client[]>("clients") : [],
    sees ? get<Client[]>("clients", { internal_search: false }) : [],
  ]);
  return { servers: servers.map((s) => ({ value: s.id, text: s.id })), own: subsystems(own), all: subsystems(all) };
}

interface Wanted {
  protocol: string;
  from: string;
  to: string;
  server: string;
}

function Pick(p: { form: FormState<Wanted>; name: keyof Wanted; label: string; choices: Choice[]; example: string }) {
  if (p.choices.length)
    return <Select form={p.form} name={p.name} label={p.label} choices={p.choices} none={say("choose")} required />;
  return <TextField form={p.form} name={p.name} label={p.label} hint={say("idHint", { text: p.example })} required />;
}

function Result(p: { of: Status; server: string }) {
  if (p.of.status_class === "OK")
    return (
      <Banner kind="success" alert title={say("reached")}>
        <p>{say("reachedText", { server: p.server })}</p>
      </Banner>
    );
  return (
    <Banner kind="error" alert title={say("notReached")}>
      <p>{troubleText(p.of.error)}</p>
    </Banner>
  );
}

function Test(p: { lists: Lists }) {
  const [result, setResult] = useState<{ of: Status; server: string }>();
  const form = useForm<Wanted>({ protocol: "REST", from: "", to: "", server: "" }, async (v) => {
    setResult(undefined);
    const asked = { protocol_type: v.protocol, client_id: v.from, target_client_id: v.to, security_server_id: v.server };
    setResult({ of: await get<Status>("diagnostics/other-security-server-status", asked), server: v.server });
  });
  return (
    <>
      <Form form={form} submit={say("test")} label={say("peer")} question progress={say("testing")}>
        <Radios
          form={form}
          name="protocol"
          label={say("protocol")}
          choices={[
            { value: "REST", text: "REST" },
            { value: "SOAP", text: "SOAP" },
          ]}
        />
        <Pick form={form} name="from" label={say("from")} choices={p.lists.own} example="JP:GOV:9000020994014:opendata" />
        <Pick form={form} name="to" label={say("to")} choices={p.lists.all} example="JP:COM:2010401999001:logistics" />
        <Pick form={form} name="server" label={say("server")} choices={p.lists.servers} example="JP:COM:2010401999001:ss1" />
      </Form>
      {result ? <Result {...result} /> : null}
    </>
  );
}

export function Peer() {
  const lists = useLoad(read);
  return (
    <Section title={say("peer")}>
      <p>{say("peerLead")}</p>
      <Load of={lists}>{(all) => <Test lists={all} />}</Load>
    </Section>
  );
}
