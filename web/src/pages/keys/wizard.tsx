// From nothing to a certificate request: what for, which authority, what the
// certificate will say; a key is made on the way.
import { useState } from "preact/hooks";
import { address, call, get, path, post } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { href } from "../../lib/route";
import { may } from "../../lib/session";
import type { Client, Key } from "../../parts/server/types";
import {
  Banner,
  Button,
  ButtonLink,
  Checkbox,
  type Choice,
  Form,
  Load,
  PageHeader,
  Radios,
  Select,
  type Step,
  Steps,
  TextField,
  useForm,
} from "../../ui";
import { say } from "./words";

interface Authority {
  name: string;
  authentication_only: boolean;
  default_csr_format?: string;
  acme_capable: boolean;
}
interface Field {
  id: string;
  label_key: string;
  default_value: string;
  read_only: boolean;
  required: boolean;
}
interface Wanted {
  usage: string;
  member: string;
  label: string;
  ca: string;
  format: string;
  acme: boolean;
}
interface Made {
  key: string;
  request: string;
  wanted: Wanted;
}

/** Members of this server, each once. */
function members(clients: Client[]): Choice[] {
  const all = clients.map((c): [string, string] => [`${c.instance_id}:${c.member_class}:${c.member_code}`, c.member_name || c.member_code]);
  return [...new Map(all)].map(([value, text]) => ({ value, text: `${text}（${value}）` }));
}

const usages = [
  { value: "SIGNING", may: "GENERATE_SIGN_CERT_REQ" },
  { value: "AUTHENTICATION", may: "GENERATE_AUTH_CERT_REQ" },
];

function What(p: { wanted: Wanted; fixed: boolean; named: boolean; clients: Client[]; next: (w: Wanted) => void }) {
  const form = useForm(p.wanted, async (v) => p.next(v));
  const offered = usages.filter((u) => may(u.may) && (!p.fixed || u.value === p.wanted.usage));
  return (
    <Form form={form} submit={say("next")}>
      <Radios
        form={form}
        name="usage"
        label={say("use")}
        choices={offered.map((u) => ({ value: u.value, text: say.of("usage", u.value) ?? u.value, hint: say.of("usageHint", u.value) }))}
        required
      />
      {form.values.usage === "SIGNING" ? (
        <Select form={form} name="member" label={say("member")} hint={say("memberHint")} choices={members(p.clients)} none={say("choose")} required />
      ) : null}
      {p.named ? <TextField form={form} name="label" label={say("keyLabel")} hint={say("keyLabelHint")} maxLength={255} /> : null}
    </Form>
  );
}

function Which(p: { wanted: Wanted; authorities: Authority[]; next: (w: Wanted) => void; back: () => void }) {
  const fits = p.authorities.filter((a) => p.wanted.usage === "AUTHENTICATION" || !a.authentication_only);
  const start = { ...p.wanted, ca: p.wanted.ca || (fits.length === 1 ? fits[0].name : "") };
  const form = useForm(start, async (v) => p.next(v));
  const chosen = fits.find((a) => a.name === form.values.ca);
  return (
    <Form form={form} submit={say("next")}>
      <Select form={form} name="ca" label={say("authority")} hint={say("authorityHint")} choices={fits.map((a) => ({ value: a.name, text: a.name }))} none={say("choose")} required />
      {chosen?.acme_capable ? <Checkbox form={form} name="acme" label={say("acme")} hint={say("acmeHint")} /> : null}
      <Radios
        form={form}
        name="format"
        label={say("format")}
        choices={["PEM", "DER"].map((f) => ({ value: f, text: say.of("format", f) ?? f }))}
      />
      <div>
        <Button onClick={p.back}>{say("back")}</Button>
      </div>
    </Form>
  );
}

/** A key that is there gets a request; otherwise both are made. */
async function make(token: string, keyId: string | undefined, w: Wanted, values: Record<string, string>): Promise<Made> {
  const request = {
    key_usage_type: w.usage,
    ca_name: w.ca,
    csr_format: w.format,
    subject_field_values: values,
    acme_order: w.acme,
    ...(w.usage === "SIGNING" ? { member_id: w.member } : {}),
  };
  if (!keyId) {
    const made = await post<{ key: Key; csr_id: string }>(path`tokens/${token}/keys-with-csrs`, { key_label: w.label, csr_generate_request: request });
    return { key: made.key.id, request: made.csr_id, wanted: w };
  }
  await call("POST", address(path`keys/${keyId}/csrs`), JSON.stringify(request), "application/json"); // the request itself: fetched again below
  const key = await get<Key>(path`keys/${keyId}`);
  return { key: keyId, request: key.certificate_signing_requests.at(-1)?.id ?? "", wanted: w };
}

function Fields(p: { token: string; keyId?: string; wanted: Wanted; fields: Field[]; done: (m: Made) => void; back: () => void }) {
  const start = Object.fromEntries(p.fields.map((f) => [f.id, f.default_value || (f.id === "C" ? "JP" : "")]));
  const form = useForm<Record<string, string>>(start, async (v) => p.done(await make(p.token, p.keyId, p.wanted, v)));
  return (
    <Form form={form} submit={say("make")} progress={say("making")}>
      {p.fields.map((f) => (
        <TextField
          key={f.id}
          form={form}
          name={f.id}
          label={say.of("field", f.label_key) ?? say("fieldOther", { id: f.id })}
          hint={f.read_only ? say("fieldFixed") : say.of("fieldHint", f.label_key)}
          readOnly={f.read_only}
          required={f.required}
        />
      ))}
      <div>
        <Button onClick={p.back}>{say("back")}</Button>
      </div>
    </Form>
  );
}

function Says(p: { token: string; keyId?: string; wanted: Wanted; done: (m: Made) => void; back: () => void }) {
  const w = p.wanted;
  const query = { key_usage_type: w.usage, ...(w.usage === "SIGNING" ? { member_id: w.member } : {}) };
  const fields = useLoad(() => get<Field[]>(path`certificate-authorities/${w.ca}/csr-subject-fields`, query));
  return <Load of={fields}>{(list) => <Fields {...p} fields={list} />}</Load>;
}

function Done(p: { of: Made }) {
  const w = p.of.wanted;
  const list = <ButtonLink href={href("keys")}>{say("toKeys")}</ButtonLink>;
  if (w.acme)
    return (
      <Banner kind="success" alert title={say("acmeDone")} actions={list}>
        <p>{say(w.usage === "AUTHENTICATION" ? "thenRegister" : "thenNothing")}</p>
      </Banner>
    );
  return (
    <Banner
      kind="success"
      alert
      title={say("madeTitle")}
      actions={
        <>
          <ButtonLink kind="solid" download href={address(path`keys/${p.of.key}/csrs/${p.of.request}`, { csr_format: w.format })}>
            {say("requestGet")}
          </ButtonLink>
          {list}
        </>
      }
    >
      <p>{say("madeText")}</p>
      <ol>
        <li>{say("thenSend", { ca: w.ca })}</li>
        <li>{say("thenImport")}</li>
        {w.usage === "AUTHENTICATION" ? <li>{say("thenRegister")}</li> : null}
      </ol>
    </Banner>
  );
}

const titles = ["stepWhat", "stepWhich", "stepSays", "stepDone"] as const;

interface Lists {
  clients: Client[];
  authorities: Authority[];
}

/** Who may not see clients makes no signing keys. */
async function read(): Promise<Lists> {
  const [clients, authorities] = await Promise.all([may("VIEW_CLIENTS") ? get<Client[]>("clients") : [], get<Authority[]>("certificate-authorities")]);
  return { clients, authorities };
}

export function Wizard(p: { token: string; keyId?: string; usage: string; member: string }) {
  const lists = useLoad(read);
  const first = p.usage || usages.find((u) => may(u.may))?.value || "";
  const [wanted, setWanted] = useState<Wanted>({ usage: first, member: p.member, label: "", ca: "", format: "PEM", acme: false });
  const [at, setAt] = useState(0);
  const [made, setMade] = useState<Made>();
  const to = (step: number) => (w: Wanted) => {
    setWanted(w);
    setAt(step);
  };
  const finish = (m: Made) => {
    setMade(m);
    setAt(3);
  };
  const steps = titles.map((t, i): Step => ({ title: say(t), state: i < at || made ? "done" : i === at ? "now" : "next" }));
  const views = (l: Lists) => [
    <What key="what" wanted={wanted} fixed={Boolean(p.keyId && p.usage)} named={!p.keyId} clients={l.clients} next={to(1)} />,
    <Which key="which" wanted={wanted} authorities={l.authorities} next={to(2)} back={() => setAt(0)} />,
    <Says key="says" token={p.token} keyId={p.keyId} wanted={wanted} done={finish} back={() => setAt(1)} />,
    made ? <Done key="done" of={made} /> : null,
  ];
  return (
    <>
      <PageHeader title={say("wizardTitle")} lead={<p>{say("wizardLead")}</p>} help="keys" above={[[say("title"), href("keys")]]} />
      <Steps label={say("wizardTitle")} steps={steps} />
      <Load of={lists}>{(l) => views(l)[at]}</Load>
    </>
  );
}
