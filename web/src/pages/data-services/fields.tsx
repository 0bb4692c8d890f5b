// Parameters and result columns: what they are called, of which kind they are.
import type { Field, Kind } from "../../lib/adapter";
import { language } from "../../lib/words";
import { bareRules, ColumnRules, ParamRules, Tick } from "./rules";
import { say } from "./words";

/** Other words for kinds that the list has already. */
const synonyms = ["INT", "INT32", "INT64", "FLOAT", "DATETIME"];

function kindText(k: Kind): string {
  return say.of("kind", k.name) ?? (language.value === "ja" ? k.expects_ja : k.expects);
}

/** As the file has it; the last two are the Connector's. */
function typeName(field: Field): string | undefined {
  return [field.type, field.oasType, field.xsdType].find((t): t is string => typeof t === "string");
}

function KindSelect(p: { field: Field; kinds: Kind[]; change: (f: Field) => void }) {
  const { field } = p;
  const list = field.type === "LIST";
  const now = (list ? field.itemType : typeName(field)) ?? "STRING";
  const shown = p.kinds.filter((k) => !synonyms.includes(k.name) || k.name === now);
  const set = (name: string) => p.change({ ...field, ...(list ? { itemType: name } : { type: name }), guessed: undefined });
  return (
    <>
      <select aria-label={say("typeOf", { name: field.name })} value={now} onChange={(e) => set(e.currentTarget.value)}>
        {shown.map((k) => (
          <option key={k.name} value={k.name}>
            {list ? say("listOf", { kind: kindText(k) }) : kindText(k)}
          </option>
        ))}
      </select>
      {field.guessed ? <span class="line hint">{say("guessed")}</span> : null}
    </>
  );
}

const parts = ["userId", "reference", "purpose", "items"];

/** Who gives the value: the caller, or the consent that was checked. */
function GivenBy(p: { field: Field; change: (f: Field) => void }) {
  const { field } = p;
  const set = (part: string) => p.change({ ...field, consent: part || undefined, required: part ? undefined : field.required });
  return (
    <select aria-label={say("givenBy", { name: field.name })} value={field.consent ?? ""} onChange={(e) => set(e.currentTarget.value)}>
      <option value="">{say("given_caller")}</option>
      {parts.map((part) => (
        <option key={part} value={part}>
          {say.of("given", part)}
        </option>
      ))}
    </select>
  );
}

function Row(p: { field: Field; kinds: Kind[]; param: boolean; change: (f: Field) => void }) {
  const { field, change } = p;
  const name = field.name;
  return (
    <tr role="row">
      <th scope="row" role="rowheader" data-label={say("fieldName")}>
        <code>{name}</code>
      </th>
      <td role="cell" data-label={say("type")}>
        <KindSelect field={field} kinds={p.kinds} change={change} />
      </td>
      {p.param ? (
        <td role="cell" data-label={say("required")}>
          <GivenBy field={field} change={change} />
          {field.consent ? null : (
            <Tick on={field.required !== false} label={say("requiredOf", { name })} change={(required) => change({ ...field, required })} />
          )}
          <Tick on={field.personal === true} label={say("personalOf", { name })} change={(personal) => change({ ...field, personal })} />
        </td>
      ) : (
        <td role="cell" data-label={say("personal")}>
          <ColumnRules field={field} change={change} />
        </td>
      )}
      <td role="cell" data-label={say("description")}>
        <input
          type="text"
          aria-label={say("descriptionOf", { name })}
          maxLength={500}
          value={field.description ?? ""}
          onInput={(e) => change({ ...field, description: e.currentTarget.value })}
        />
        {p.param && !field.consent ? <ParamRules field={field} kinds={p.kinds} change={change} /> : null}
      </td>
    </tr>
  );
}

export function Fields(p: { caption: string; fields: Field[]; kinds: Kind[]; param: boolean; change: (list: Field[]) => void }) {
  const heads = [say("fieldName"), say("type"), p.param ? `${say("required")}・${say("personal")}` : say("personal"), say("description")];
  const set = (i: number, f: Field) => p.change(p.fields.map((old, k) => (k === i ? f : old)));
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={p.caption}>
      <table role="table" class="stack" aria-label={p.caption}>
        <thead role="rowgroup">
          <tr role="row">
            {heads.map((h) => (
              <th key={h} scope="col" role="columnheader">
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {p.fields.map((f, i) => (
            <Row key={f.name} field={f} kinds={p.kinds} param={p.param} change={(to) => set(i, to)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The kinds in words, for who does not know them. */
export function Kinds(p: { kinds: Kind[] }) {
  return (
    <details>
      <summary>{say("kinds")}</summary>
      <ul>
        {p.kinds
          .filter((k) => !synonyms.includes(k.name))
          .map((k) => (
            <li key={k.name}>
              <strong>{kindText(k)}</strong>: {language.value === "ja" ? k.expects_ja : k.expects}
              {k.example ? ` ${say("kindExample", { text: k.example })}` : ""}
            </li>
          ))}
      </ul>
    </details>
  );
}

/** What the database says, with what was chosen before for the same names. */
export function merge(proposed: Field[], before: Field[]): Field[] {
  return proposed.map((f) => {
    const was = before.find((b) => b.name === f.name);
    const fresh: Field = { name: f.name, type: f.type, itemType: f.itemType, guessed: f.guessed };
    return was ? { ...fresh, ...was } : fresh;
  });
}

const ofPage = ["guessed", "databaseType", "table", "column"];

/** As services.json has it. */
export function bare(list: Field[]): Field[] {
  return list.map(bareRules).map((f) => Object.fromEntries(Object.entries(f).filter(([k, v]) => !ofPage.includes(k) && v !== undefined && v !== "")) as Field);
}
