// Publishing in one step: registered at the security server, right granted.
import { useState } from "preact/hooks";
import { type Fault, type Service, base, faultText, nameOf } from "../../lib/adapter";
import { get, path, post, Refused } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { codeText } from "../../lib/refusal";
import { href } from "../../lib/route";
import { machine } from "../../lib/session";
import {
  Banner,
  ButtonLink,
  Checkboxes,
  type Choice,
  Copyable,
  DataTable,
  Form,
  type FormState,
  Id,
  Light,
  Load,
  RefusedBanner,
  Progress,
  Section,
  Select,
  TextArea,
  TextField,
  useForm,
} from "../../ui";
import { say } from "./words";

interface Values {
  client: string;
  access: string[];
  ids: string;
  code: string;
  interfaces: string[];
  filter: string;
}
interface Step {
  step: string;
  about: string;
  result: "done" | "already" | "skipped" | "failed";
  error?: Fault;
}
interface Outcome {
  ok: boolean;
  steps: Step[];
}
interface Client {
  id: string;
  name?: string;
  member_name?: string;
  subsystem_code?: string;
  subsystem_name?: string;
}

function choice(c: Client): Choice {
  const name = [c.member_name ?? c.name, c.subsystem_name].filter(Boolean).join(" ");
  return { value: c.id, text: name && name !== c.id ? `${name}（${c.id}）` : c.id };
}

/** Those of the network, of groups, and of local groups; filtered by words. */
function Who(p: { form: FormState<Values> }) {
  const { form } = p;
  const { client, filter, access } = form.values;
  const all = useLoad(
    async () => (await get<Client[]>(path`clients/${client}/service-client-candidates`)).map(choice),
    [client],
  );
  if (all.error) return <RefusedBanner error={all.error} again={all.reload} />;
  if (!all.data) return <Progress />;
  const words = filter.normalize("NFKC").toLowerCase().split(/\s+/);
  const shown = all.data.filter((c) => access.includes(c.value) || words.every((w) => c.text.normalize("NFKC").toLowerCase().includes(w)));
  return (
    <>
      {all.data.length > 8 ? <TextField form={form} name="filter" label={say("whoFilter")} type="search" /> : null}
      <div class="choose">
        <Checkboxes form={form} name="access" label={say("who")} hint={say("whoHint")} choices={shown} required />
      </div>
    </>
  );
}

/** On a machine of its own the adapter does not know the clients. */
function ByHand(p: { form: FormState<Values> }) {
  const example = "JP:GOV:9000020994014:opendata";
  return (
    <>
      <TextField form={p.form} name="client" label={say("clientId")} hint={say("idsHint", { text: example })} required />
      <TextArea
        form={p.form}
        name="ids"
        label={say("whoIds")}
        hint={say("idsHint", { text: "JP:COM:2010401999001:logistics" })}
        required
      />
    </>
  );
}

function Steps(p: { of: Outcome }) {
  const rows = p.of.steps.map((s, i) => ({ ...s, i }));
  const state = (s: Step) => (s.result === "failed" ? "bad" : s.result === "skipped" ? "off" : "good");
  return (
    <DataTable
      plain
      rows={rows}
      caption={say("outcome")}
      id={(s) => String(s.i)}
      size={100}
      columns={[
        { key: "step", head: say("step"), name: true, text: (s) => say.of("step", s.step) ?? s.step },
        { key: "about", head: say("about"), cell: (s) => <Id>{s.about}</Id> },
        {
          key: "result",
          head: say("outcome"),
          cell: (s) => (
            <>
              <Light state={state(s)}>{say.of("done", s.result)}</Light>
              {s.error ? <p>{codeText(s.error.code) ?? faultText(s.error)}</p> : null}
            </>
          ),
        },
      ]}
    />
  );
}

function Told(p: { of: Outcome; service: Service; values: Values }) {
  const first = p.values.access[0] ?? p.values.ids.split("\n")[0];
  const to = [...p.values.client.split(":").map(encodeURIComponent), p.values.code, "api/service", encodeURIComponent(p.service.name)];
  const caller = first.split(":").map(encodeURIComponent).join("/");
  const example = `curl -H 'X-Road-Client: ${caller}' http://SECURITY-SERVER/r1/${to.join("/")}`;
  return (
    <div class="section">
      <Banner kind={p.of.ok ? "success" : "error"} alert title={say(p.of.ok ? "published" : "notPublished")}>
        <p>{say(p.of.ok ? "publishedText" : "notPublishedText")}</p>
      </Banner>
      <Steps of={p.of} />
      {p.of.ok && p.values.interfaces.includes("REST") ? (
        <Section title={say("howToCall")}>
          <p>{say("howToCallText")}</p>
          <Copyable label={say("command")} text={example} />
        </Section>
      ) : null}
    </div>
  );
}

function Publishing(p: { service: Service; own: Choice[]; here: boolean }) {
  const [told, setTold] = useState<{ of: Outcome; values: Values }>();
  const wanted = p.own.find((c) => c.value.split(":")[3] === p.service.category) ?? p.own[0];
  const first: Values = { client: wanted?.value ?? "", access: [], ids: "", code: "data", interfaces: ["REST", "SOAP"], filter: "" };
  const form: FormState<Values> = useForm(first, async (v) => {
    const access = p.here ? v.access : v.ids.split(/\s+/).filter(Boolean);
    setTold(undefined);
    if (!access.length) throw new Refused(400, "validation_failure", "", [], { access: [say("nobody")] });
    const body = {
      client: v.client,
      rest_service_code: v.code,
      interfaces: v.interfaces,
      services: [{ name: p.service.name, access }],
    };
    setTold({ of: await post<Outcome>(`${base}/publication`, body), values: v });
  });
  return (
    <>
      <Form form={form} submit={say("publish")} label={say("publish")} progress={say("publishing")}>
        {p.here ? (
          <>
            <Select form={form} name="client" label={say("client")} hint={say("clientHint")} choices={p.own} required />
            <Who form={form} />
          </>
        ) : (
          <ByHand form={form} />
        )}
        <Checkboxes
          form={form}
          name="interfaces"
          label={say("interfaces")}
          choices={[
            { value: "REST", text: say("restToo") },
            { value: "SOAP", text: say("soapToo") },
          ]}
        />
        {form.values.interfaces.includes("REST") ? (
          <TextField form={form} name="code" label={say("restCode")} hint={say("restCodeHint")} pattern="[A-Za-z0-9.\-]+" required />
        ) : null}
      </Form>
      {told ? <Told {...told} service={p.service} /> : null}
    </>
  );
}

export function Publish(p: { service: Service }) {
  const here = machine.value.has("security-server");
  const own = useLoad(async () => (here ? await get<Client[]>("clients") : []).filter((c) => c.subsystem_code).map(choice));
  return (
    <>
      <p>{say("publishLead")}</p>
      <Load of={own}>
        {(list) =>
          here && !list.length ? (
            <Banner kind="warning" title={say("noClient")} actions={<ButtonLink href={href("clients", ["add"])}>{say("noClientAdd")}</ButtonLink>}>
              <p>{say("noClientText")}</p>
            </Banner>
          ) : (
            <Publishing key={nameOf(p.service)} service={p.service} own={list} here={here} />
          )
        }
      </Load>
    </>
  );
}
