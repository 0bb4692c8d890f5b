// Where a database is and how to get in; tried before it is saved.
import { useState } from "preact/hooks";
import { type Database, type Health, base, faultText } from "../../lib/adapter";
import { path, post, put, type Refused } from "../../lib/api";
import { millis } from "../../lib/format";
import { asRefused } from "../../lib/load";
import { Banner, Button, Form, type FormState, Progress, Radios, RefusedBanner, Select, TextField, useForm } from "../../ui";
import { say } from "./words";

interface Values {
  type: string;
  id: string;
  displayName: string;
  product: string;
  odbcDriver: string;
  databaseName: string;
  host: string;
  port: string;
  username: string;
  password: string;
  tls: string;
  caFile: string;
}

/** What the adapter does when nothing is said (appliance/adapter/source.c). */
const usualTls = (host = "") => (/^(localhost$|127\.|::1$)/i.test(host) ? "off" : "full");

const known = ["SQLITE", "POSTGRESQL"];

function valuesOf(d?: Database): Values {
  const kind = d?.databaseType.toUpperCase() ?? "SQLITE";
  const type = kind === "POSTGRES" ? "POSTGRESQL" : known.includes(kind) ? kind : "ODBC";
  return {
    type,
    id: d?.id ?? "",
    displayName: d?.displayName ?? "",
    product: type === "ODBC" ? kind : "",
    odbcDriver: d?.odbcDriver ?? "",
    databaseName: d?.databaseName ?? "",
    host: d?.host ?? "",
    port: d?.port ? String(d.port) : "",
    username: d?.username ?? "",
    password: "",
    tls: d ? (d.tls ?? usualTls(d.host)) : "full",
    caFile: d?.caFile ?? "",
  };
}

/** What the kind of database does not have is left out; what these pages do
    not show stays as it was. */
function bodyOf(v: Values, was?: Database): Record<string, unknown> {
  const shown = ["displayName", "databaseName", "odbcDriver", "host", "port", "username", "tls", "caFile"];
  const own = ["revision", "passwordSet", "services", "away", ...shown];
  const body: Record<string, unknown> = Object.fromEntries(Object.entries(was ?? {}).filter(([key]) => !own.includes(key)));
  const give = (key: string, value: unknown) => {
    if (value !== "") body[key] = value;
  };
  body.databaseType = v.type === "ODBC" ? v.product : v.type;
  give("id", v.id);
  give("displayName", v.displayName);
  give("databaseName", v.databaseName);
  if (v.type === "SQLITE") return body;
  if (v.type === "ODBC") give("odbcDriver", v.odbcDriver);
  give("host", v.host);
  give("port", v.port && Number(v.port));
  give("username", v.username);
  give("password", v.password);
  if (!was || was.tls !== undefined || v.tls !== usualTls(v.host)) give("tls", v.tls);
  give("caFile", v.caFile);
  return body;
}

function Server(p: { form: FormState<Values>; stored: boolean }) {
  const { form } = p;
  const modes = ["full", "ca", "off"].map((value) => ({ value, text: say.of("tls", value) ?? value }));
  return (
    <>
      <TextField form={form} name="host" label={say("host")} hint={say("hostHint")} required />
      <TextField form={form} name="port" label={say("port")} hint={say("portHint")} type="number" min={1} max={65535} width={8} />
      <TextField form={form} name="databaseName" label={say("database")} required />
      <TextField form={form} name="username" label={say("username")} />
      <TextField
        form={form}
        name="password"
        type="password"
        autocomplete="new-password"
        label={say("password")}
        hint={say(p.stored ? "passwordKept" : "passwordHint")}
      />
      <Select form={form} name="tls" label={say("tls")} choices={modes} />
      {form.values.tls === "off" ? null : <TextField form={form} name="caFile" label={say("caFile")} hint={say("caFileHint")} />}
    </>
  );
}

function Place(p: { form: FormState<Values>; stored: boolean }) {
  const { form } = p;
  if (form.values.type === "SQLITE")
    return <TextField form={form} name="databaseName" label={say("file")} hint={say("fileHint")} required />;
  return (
    <>
      {form.values.type === "ODBC" ? (
        <>
          <TextField form={form} name="product" label={say("product")} hint={say("productHint")} required />
          <TextField form={form} name="odbcDriver" label={say("driver")} hint={say("driverHint")} required />
        </>
      ) : null}
      <Server {...p} />
    </>
  );
}

interface Trial {
  busy?: boolean;
  health?: Health;
  refused?: Refused;
}

function Tested(p: Trial) {
  if (p.busy) return <Progress text={say("testing")} />;
  if (p.refused) return <RefusedBanner error={p.refused} />;
  if (!p.health) return null;
  if (p.health.ok) return <Banner kind="success" alert title={say("tested", { n: millis(p.health.milliseconds) })} />;
  return (
    <Banner kind="error" alert title={say("notTested")}>
      <p>{p.health.error ? faultText(p.health.error) : null}</p>
    </Banner>
  );
}

export function DatabaseForm(p: { was?: Database; done: (saved: Database) => void }) {
  const [tested, setTested] = useState<Trial>({});
  const form = useForm(valuesOf(p.was), async (v) => {
    const body = bodyOf(v, p.was);
    p.done(
      p.was
        ? await put<Database>(path`machilink/adapter/databases/${p.was.id}`, body, p.was.revision)
        : await post<Database>(`${base}/databases`, body),
    );
  });
  const test = async () => {
    setTested({ busy: true });
    try {
      setTested({ health: await post<Health>(`${base}/database-tests`, bodyOf(form.values, p.was)) });
    } catch (problem) {
      setTested({ refused: asRefused(problem) });
    }
  };
  const types = ["SQLITE", "POSTGRESQL", "ODBC"].map((value) => ({ value, text: say.of("type", value) ?? value }));
  return (
    <Form form={form} submit={say("save")} label={say("settings")}>
      <TextField form={form} name="displayName" label={say("displayName")} hint={say("displayNameHint")} required />
      {p.was ? null : (
        <TextField form={form} name="id" label={say("id")} hint={say("idHint")} pattern="[a-z0-9\-]+" maxLength={100} required />
      )}
      <Radios form={form} name="type" label={say("kind")} choices={types} />
      <Place form={form} stored={p.was?.passwordSet ?? false} />
      <div>
        <Button id="test" action={test}>
          {say("test")}
        </Button>
      </div>
      <Tested {...tested} />
    </Form>
  );
}
