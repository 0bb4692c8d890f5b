// Rules of a parameter or a column: which values are taken, what is personal,
// and the limits of the service itself. What a rule may be is checked by the
// service, which knows the kinds.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Field, Kind } from "../../lib/adapter";
import { type FormState, Section, Select, TextField } from "../../ui";
import { say } from "./words";

type Change = (f: Field) => void;

export function Tick(p: { on: boolean; label: string; change: (on: boolean) => void }) {
  return (
    <label class="choice">
      <input type="checkbox" checked={p.on} onChange={(e) => p.change(e.currentTarget.checked)} />
      <span>{p.label}</span>
    </label>
  );
}

function Labelled(p: { label: string; hint?: string; children: (id: string, by?: string) => ComponentChildren }) {
  const id = useId();
  const by = p.hint ? `${id}-hint` : undefined;
  return (
    <div class="field">
      <label for={id}>{p.label}</label>
      {p.hint ? (
        <div id={by} class="hint">
          {p.hint}
        </div>
      ) : null}
      {p.children(id, by)}
    </div>
  );
}

const shown = (v: unknown) => (v === undefined || v === null ? "" : String(v));

/** One rule that is a text. */
function Text(p: { field: Field; name: string; label: string; hint?: string; change: Change }) {
  return (
    <Labelled label={p.label} hint={p.hint}>
      {(id, by) => (
        <input
          id={id}
          type="text"
          data-rule={p.name}
          spellcheck={false}
          autocomplete="off"
          aria-describedby={by}
          maxLength={500}
          value={shown(p.field[p.name])}
          onInput={(e) => p.change({ ...p.field, [p.name]: e.currentTarget.value || undefined })}
        />
      )}
    </Labelled>
  );
}

/** One rule that is a count; what is none yet is kept to be told about. */
function Count(p: { field: Field; name: string; label: string; change: Change }) {
  const set = (text: string) => p.change({ ...p.field, [p.name]: text === "" ? undefined : Number(text) });
  return (
    <Labelled label={p.label}>
      {(id) => (
        <input id={id} type="number" min={0} max={1000000} data-rule={p.name} value={shown(p.field[p.name])} onInput={(e) => set(e.currentTarget.value)} />
      )}
    </Labelled>
  );
}

function Allowed(p: { field: Field; change: Change }) {
  const { field } = p;
  const now = Array.isArray(field.values) ? field.values.map(shown).join("\n") : "";
  const set = (text: string) => p.change({ ...field, values: text === "" ? undefined : text.split("\n") });
  return (
    <Labelled label={say("valuesOf", { name: field.name })} hint={say("valuesHint")}>
      {(id, by) => <textarea id={id} rows={3} data-rule="values" aria-describedby={by} value={now} onInput={(e) => set(e.currentTarget.value)} />}
    </Labelled>
  );
}

const ruleNames = ["default", "minLength", "maxLength", "minimum", "maximum", "pattern", "values", "minItems", "maxItems", "myNumber"];

/** How many rules there are, so that nobody has to open them to see. */
function count(field: Field): number {
  return ruleNames.filter((k) => field[k] !== undefined && field[k] !== false && field[k] !== "").length;
}

/** Texts that a kind checks by itself have no length to be chosen. */
const free = ["STRING", "KANA", "BINARY"];

/** What a caller may give for a parameter. */
export function ParamRules(p: { field: Field; kinds: Kind[]; change: Change }) {
  const { field, change } = p;
  const { name } = field;
  const list = field.type === "LIST";
  const kind = p.kinds.find((k) => k.name === ((list ? field.itemType : field.type) ?? "STRING"));
  const text = !kind || free.includes(kind.name);
  const n = count(field);
  const turn = (on: boolean) => change({ ...field, default: undefined, ...(on ? { type: "LIST", itemType: field.type } : { type: field.itemType ?? "STRING", itemType: undefined, minItems: undefined, maxItems: undefined }) });
  return (
    <details data-rules={name}>
      <summary>{n ? say("rulesSet", { name, n }) : say("rules", { name })}</summary>
      <div class="rules">
        <Tick on={list} label={say("severalOf", { name })} change={turn} />
        <Tick on={field.myNumber === true} label={say("myNumberOf", { name })} change={(myNumber) => change({ ...field, myNumber: myNumber || undefined })} />
        {list ? null : <Text {...{ field, change }} name="default" label={say("defaultOf", { name })} hint={say("defaultHint")} />}
        {text || field.minLength !== undefined ? <Count {...{ field, change }} name="minLength" label={say("minLengthOf", { name })} /> : null}
        {text || field.maxLength !== undefined ? <Count {...{ field, change }} name="maxLength" label={say("maxLengthOf", { name })} /> : null}
        {kind?.hasRange || field.minimum !== undefined ? <Text {...{ field, change }} name="minimum" label={say("minimumOf", { name })} /> : null}
        {kind?.hasRange || field.maximum !== undefined ? <Text {...{ field, change }} name="maximum" label={say("maximumOf", { name })} /> : null}
        {text || field.pattern !== undefined ? <Text {...{ field, change }} name="pattern" label={say("patternOf", { name })} hint={say("patternHint")} /> : null}
        {list ? <Count {...{ field, change }} name="minItems" label={say("minItemsOf", { name })} /> : null}
        {list ? <Count {...{ field, change }} name="maxItems" label={say("maxItemsOf", { name })} /> : null}
        <Allowed {...{ field, change }} />
      </div>
    </details>
  );
}

/** What a column holds. */
export function ColumnRules(p: { field: Field; change: Change }) {
  const { field, change } = p;
  const { name } = field;
  return (
    <>
      <Tick on={field.personal === true} label={say("personalColumn", { name })} change={(personal) => change({ ...field, personal: personal || undefined })} />
      <Tick on={field.myNumber === true} label={say("myNumberColumn", { name })} change={(myNumber) => change({ ...field, myNumber: myNumber || undefined })} />
      <Tick on={/^(cp932|shift_jis|windows-31j)$/i.test(shown(field.encoding))} label={say("cp932Of", { name })} change={(on) => change({ ...field, encoding: on ? "CP932" : undefined })} />
    </>
  );
}

/** As services.json has them: an empty line is no value. */
export function bareRules(f: Field): Field {
  if (!Array.isArray(f.values)) return f;
  const values = f.values.filter((v) => shown(v).trim() !== "");
  return { ...f, values: values.length ? values : undefined };
}

// ---- the service itself ----

export interface Limits {
  rowLimit: string;
  timeLimit: string;
  maxAffected: string;
  myNumber: string;
}

/** The Connector's queryTimeout, in seconds, as milliseconds; what could be none is some already. */
function connectorLimit(s?: Record<string, unknown>): number | undefined {
  const n = s?.queryTimeout;
  return typeof n === "number" ? (n > 600 ? n : n * 1000) : undefined;
}

export function limitsOf(s?: Record<string, unknown>): Limits {
  return {
    rowLimit: shown(s?.rowLimit),
    timeLimit: shown(s?.timeLimit ?? connectorLimit(s)),
    maxAffected: shown(s?.maxAffected),
    myNumber: shown(s?.myNumber),
  };
}

/** Sets or takes away what the file has of them. */
export function putLimits(body: Record<string, unknown>, v: Limits & { write: boolean }): void {
  const number = (text: string) => (text === "" ? undefined : Number(text));
  const limit = number(v.timeLimit);
  const kept = limit === connectorLimit(body);
  if (!kept) delete body.queryTimeout;
  const members: Record<string, unknown> = {
    rowLimit: number(v.rowLimit),
    timeLimit: kept ? undefined : limit,
    maxAffected: v.write ? number(v.maxAffected) : undefined,
    myNumber: v.myNumber || undefined,
  };
  for (const [key, value] of Object.entries(members))
    if (value === undefined) delete body[key];
    else body[key] = value;
}

export function LimitFields<V extends Limits & { write: boolean }>(p: { form: FormState<V> }) {
  const { form } = p;
  const choices = ["refuse", "allow"].map((value) => ({ value, text: say.of("myNumber", value) ?? value }));
  return (
    <Section title={say("limits")}>
      <p>{say("limitsLead")}</p>
      <TextField form={form} name="rowLimit" type="number" min={1} max={1000000} label={say("rowLimit")} hint={say("rowLimitHint")} />
      <TextField form={form} name="timeLimit" type="number" min={1} max={600000} label={say("timeLimit")} hint={say("timeLimitHint")} />
      {form.values.write ? (
        <TextField form={form} name="maxAffected" type="number" min={1} max={1000000} label={say("maxAffected")} hint={say("maxAffectedHint")} />
      ) : null}
      <Select form={form} name="myNumber" label={say("myNumber")} hint={say("myNumberHint")} choices={choices} none={say.of("myNumber", "mask")} />
    </Section>
  );
}
