// What both kinds of declarations share: texts in two languages, and the
// question before one is withdrawn, with everything that ends with it.
import { path, post } from "../../lib/api";
import { number } from "../../lib/format";
import { Chip, confirm, type FormState, TextArea, TextField, toast } from "../../ui";
import { at, type Both, named, type Open } from "./model";
import { say } from "./words";

/** Two fields: name_ja and name_en of the form. */
export function Pair<V extends object>(p: { form: FormState<V>; name: string; label: string; hint?: string; long?: boolean }) {
  type Name = keyof V & string;
  const one = (tongue: "ja" | "en") => ({
    form: p.form,
    name: `${p.name}_${tongue}` as Name,
    label: say(tongue === "ja" ? "inJapanese" : "inEnglish", { name: p.label }),
    hint: p.hint,
    required: true,
    maxLength: p.long ? 1300 : 200,
  });
  return p.long ? (
    <>
      <TextArea rows={3} {...one("ja")} />
      <TextArea rows={3} {...one("en")} />
    </>
  ) : (
    <>
      <TextField {...one("ja")} />
      <TextField {...one("en")} />
    </>
  );
}

export function both(values: Record<string, unknown>, name: string): Both {
  return { ja: String(values[`${name}_ja`] ?? ""), en: String(values[`${name}_en`] ?? "") };
}

export function Validity(p: { state: "valid" | "withdrawn" }) {
  return <Chip state={p.state === "valid" ? "good" : "off"}>{say.of("is", p.state)}</Chip>;
}

/** True when it was withdrawn. */
export async function withdraw(kind: "services" | "purposes", one: { id: string; title: Both; open: Open }): Promise<boolean> {
  const name = named(one.title);
  const text = (
    <>
      <p>{say(kind === "services" ? "withdrawService" : "withdrawPurpose", { name })}</p>
      <ul>
        <li>{say("endsApproved", { n: number(one.open.approved) })}</li>
        <li>{say("endsRequested", { n: number(one.open.requested) })}</li>
      </ul>
      <p>{say("noWayBack")}</p>
    </>
  );
  const many = one.open.approved + one.open.requested > 0;
  if (!(await confirm({ title: say("withdrawTitle", { name }), text, button: say("withdraw"), danger: true, typeName: many ? name : undefined }))) return false;
  await post(path`machilink/link/${kind}/${one.id}/withdrawal`);
  toast(say("withdrawn", { name }));
  return true;
}

export const declare = (kind: "services" | "purposes", body: object) => post(`${at}/${kind}`, body);
