// Writing a data service: query, what the database says about it, a trial.
import { useState } from "preact/hooks";
import { type Database, type Field, type Kind, type Service, type Table, base, databases, nameOf } from "../../lib/adapter";
import { get, path, post, put, Refused } from "../../lib/api";
import { asRefused, useLoad } from "../../lib/load";
import { refusalText } from "../../lib/refusal";
import { Banner, Button, Checkbox, confirm, Editor, Form, type FormState, Load, Section, Select, TextField, useForm } from "../../ui";
import { bare, Fields, Kinds, merge } from "./fields";
import { LimitFields, type Limits, limitsOf, putLimits } from "./rules";
import { firstQuery, Schema, schemaOf, useTables } from "./schema";
import { Trial } from "./trial";
import { say } from "./words";
import "./data-services.css";

interface Values extends Limits {
  name: string;
  database: string;
  displayName: string;
  category: string;
  version: string;
  write: boolean;
  sql: string;
  params: Field[];
  result: Field[];
  tables: string[];
  functions: string[];
  /** The query that params and result were read from. */
  readFrom: string;
}
interface Proposal {
  params: Field[];
  result: Field[];
  tables: string[];
  functions: string[];
}

function valuesOf(database: string, s?: Service): Values {
  return {
    name: s?.name ?? "",
    database: s?.database ?? database,
    displayName: s?.displayName ?? "",
    category: typeof s?.category === "string" ? s.category : "",
    version: s?.version ?? "",
    write: s?.write ?? false,
    sql: s?.sqlTemplate ?? "",
    params: s?.params ?? [],
    result: s?.result ?? [],
    tables: s?.tables ?? [],
    functions: s?.functions ?? [],
    readFrom: s?.sqlTemplate ?? "",
    ...limitsOf(s),
  };
}

/** As services.json has it; members that these pages do not show stay. */
function bodyOf(v: Values, was?: Service): Record<string, unknown> {
  const { state: _s, problem: _p, revision: _r, displayName: _d, version: _v, ...rest } = was ?? ({} as Partial<Service>);
  const body: Record<string, unknown> = { ...rest, name: v.name, database: v.database, sqlTemplate: v.sql };
  const give = (key: string, value: unknown, there: boolean) => {
    if (there) body[key] = value;
    else delete body[key];
  };
  give("displayName", v.displayName, v.displayName !== "");
  give("category", v.category, v.category !== "");
  give("version", v.version, v.version !== "");
  give("write", true, v.write);
  give("params", bare(v.params), v.params.length > 0);
  give("result", bare(v.result), v.result.length > 0);
  give("tables", v.tables, v.tables.length > 0);
  give("functions", v.functions, v.functions.length > 0);
  putLimits(body, v);
  return body;
}

type Of = { form: FormState<Values> };

function Basics(p: Of & { all: Database[]; fresh: boolean }) {
  const { form } = p;
  const choices = p.all.map((d) => ({ value: d.id, text: nameOf(d) }));
  return (
    <Section title={say("basics")}>
      <Select form={form} name="database" label={say("database")} choices={choices} none={say("choose")} required />
      <TextField form={form} name="displayName" label={say("displayName")} hint={say("displayNameHint")} maxLength={500} required />
      {p.fresh ? <TextField form={form} name="name" label={say("code")} hint={say("codeHint")} maxLength={100} required /> : null}
      <TextField form={form} name="category" label={say("category")} hint={say("categoryHint")} maxLength={100} />
      <TextField form={form} name="version" label={say("version")} hint={say("versionHint")} maxLength={100} />
    </Section>
  );
}

function Query(p: Of & { read: () => Promise<void>; refused?: Refused; found?: Proposal }) {
  const { form } = p;
  const tables = useTables(form.values.database);
  const start = async (t: Table) => {
    const question = { title: say("replaceTitle"), text: say("replaceText", { name: t.name }), button: say("replace") };
    if (!form.values.sql.trim() || (await confirm(question))) form.set("sql", firstQuery(t));
  };
  return (
    <Section title={say("query")}>
      <p>{say("queryLead")}</p>
      <div class="query">
        <Editor
          id="sql"
          label={say("sql")}
          value={form.values.sql}
          onChange={(text) => form.set("sql", text)}
          schema={schemaOf(tables.data ?? [])}
          invalid={p.refused !== undefined}
          describedBy="sql-trouble"
        />
        <Schema of={tables} start={(t) => void start(t)} />
      </div>
      <Checkbox form={form} name="write" label={say("write")} hint={say("writeHint")} />
      <div>
        <Button id="read" action={p.read}>
          {say("read")}
        </Button>
      </div>
      <div id="sql-trouble">
        {p.refused ? (
          <Banner kind="error" alert title={say("notRead")}>
            <p>{refusalText(p.refused)}</p>
          </Banner>
        ) : p.found ? (
          <Banner kind="success" alert title={say("readDone", { params: p.found.params.length, columns: p.found.result.length })} />
        ) : form.values.result.length ? null : (
          <p>{say("readFirst")}</p>
        )}
      </div>
    </Section>
  );
}

function Shapes(p: Of & { kinds: Kind[] }) {
  const { form, kinds } = p;
  const { params, result } = form.values;
  return (
    <>
      <Section title={say("params")}>
        {params.length ? (
          <Fields caption={say("params")} fields={params} kinds={kinds} param change={(list) => form.set("params", list)} />
        ) : (
          <p>{say("noParams")}</p>
        )}
      </Section>
      <Section title={say("result")}>
        {result.length ? (
          <Fields caption={say("result")} fields={result} kinds={kinds} param={false} change={(list) => form.set("result", list)} />
        ) : (
          <p>{say("noResult")}</p>
        )}
        <Kinds kinds={kinds} />
      </Section>
    </>
  );
}

interface Props {
  was?: Service;
  database: string;
  done: (saved: Service) => void;
}

/** The query is read once more when it changed since. */
function useReading(form: FormState<Values>) {
  const [found, setFound] = useState<Proposal>();
  const [refused, setRefused] = useState<Refused>();
  const ask = async (): Promise<Values> => {
    const v = form.values;
    const got = await post<Proposal>(`${base}/proposals`, { database: v.database, sqlTemplate: v.sql, write: v.write });
    const next = { ...v, params: merge(got.params, v.params), result: merge(got.result, v.result), tables: got.tables, functions: got.functions, readFrom: v.sql };
    form.setAll(next);
    setFound(got);
    return next;
  };
  const read = async () => {
    setFound(undefined);
    setRefused(undefined);
    if (!form.values.database || !form.values.sql.trim()) {
      const text = say(form.values.database ? "sqlMissing" : "databaseMissing");
      setRefused(new Refused(400, "", text, [], {}, [], text));
      return;
    }
    try {
      await ask();
    } catch (problem) {
      setRefused(asRefused(problem));
    }
  };
  return { found, refused, read };
}

function Editing(p: Props & { all: Database[]; kinds: Kind[] }) {
  const form = useForm(valuesOf(p.database, p.was), async (v) => {
    const body = bodyOf(v, p.was);
    p.done(
      p.was
        ? await put<Service>(path`machilink/adapter/services/${p.was.name}`, body, p.was.revision)
        : await post<Service>(`${base}/services`, body),
    );
  });
  const reading = useReading(form);
  const v = form.values;
  const ready = !v.sql.trim() ? say("sqlMissing") : v.readFrom !== v.sql ? say("readNeeded") : "";
  return (
    <div class="wide-form">
      <Form form={form} submit={say("save")} label={say("tabEdit")}>
        <Basics form={form} all={p.all} fresh={!p.was} />
        <Query form={form} {...reading} />
        <Shapes form={form} kinds={p.kinds} />
        <LimitFields form={form} />
        <Section title={say("trial")}>
          <Trial params={v.params} draft={() => bodyOf({ ...v, name: v.name || "draft" }, p.was)} ready={ready} />
        </Section>
        {ready ? <p class="hint">{ready}</p> : null}
      </Form>
    </div>
  );
}

export function Edit(p: Props) {
  const lists = useLoad(async () => {
    const [all, kinds] = await Promise.all([databases(), get<Kind[]>(`${base}/kinds`)]);
    return { all, kinds };
  });
  return <Load of={lists}>{(x) => <Editing {...p} {...x} />}</Load>;
}
