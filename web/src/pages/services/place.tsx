// Where a request has the person's number and the purpose: the fields that both
// rules of a service share, and how they stand in the API.
import { useLoad } from "../../lib/load";
import { get, Refused } from "../../lib/api";
import { objection } from "../../lib/refusal";
import { machine } from "../../lib/session";
import { clientOf, type Service } from "../../parts/server/types";
import { type FormState, Id, Select, TextArea, TextField } from "../../ui";
import { say } from "./consent_words";

export interface Where {
  in: string;
  name: string;
}
export interface Both {
  ja: string;
  en: string;
}
/** A declaration of Personal-Link, as far as it matters here. */
interface Declaration {
  target: string;
  title: Both;
  items: ({ code: string } & Both)[];
  state: string;
}
export interface Known {
  /** The role runs on this machine. */
  runs: boolean;
  declaration?: Declaration;
  purposes: string[];
}
export interface Places {
  subject_in: string;
  subject_name: string;
  purpose_in: string;
  purpose_name: string;
  namespaces: string;
}
interface Rule {
  subject: Where;
  purpose?: Where;
  namespaces?: Record<string, string>;
}

/** I/C/M/S/service, as declarations name it: without a version. */
export function targetOf(s: Service): string {
  return [...clientOf(s.id).split(":"), s.service_code].join("/");
}

async function readKnown(target: string): Promise<Known> {
  if (!machine.value.has("personal-link")) return { runs: false, purposes: [] };
  const [s, p] = await Promise.all([
    get<{ services: Declaration[] }>("machilink/link/services"),
    get<{ purposes: { code: string; state: string }[] }>("machilink/link/purposes"),
  ]);
  const codes = p.purposes.filter((x) => x.state === "valid").map((x) => x.code);
  return { runs: true, declaration: s.services.find((x) => x.target === target && x.state === "valid"), purposes: [...new Set(codes)].sort() };
}

export const useKnown = (target: string) => useLoad(() => readKnown(target), [target]);

/** null: there is no such rule. */
export async function readRule<T>(at: string): Promise<T | null> {
  try {
    return await get<T>(at);
  } catch (problem) {
    if (problem instanceof Refused && problem.status === 404 && problem.code.endsWith("_rule_not_found")) return null;
    throw problem;
  }
}

export function placesOf(r: Rule | null, soap: boolean): Places {
  return {
    subject_in: r?.subject.in ?? (soap ? "xpath" : "header"),
    subject_name: r?.subject.name ?? "",
    purpose_in: r ? (r.purpose?.in ?? "") : "fixed",
    purpose_name: r?.purpose?.name ?? "",
    namespaces: Object.entries(r?.namespaces ?? {}).map((pair) => pair.join("=")).join("\n"),
  };
}

const usesPaths = (v: Places) => v.subject_in === "xpath" || v.purpose_in === "xpath";

function namespacesOf(v: Places): Record<string, string> {
  const lines = usesPaths(v) ? v.namespaces.split("\n").map((x) => x.trim()).filter(Boolean) : [];
  return Object.fromEntries(
    lines.map((line) => {
      const [, prefix, uri] = /^([^\s=:]+)\s*=\s*(\S+)$/.exec(line) ?? [];
      if (!prefix) throw objection("namespaces", say("noNamespaces"));
      return [prefix, uri];
    }),
  );
}

function whereOf(field: string, place: string, typed: string): Where {
  const name = typed.trim();
  if (place === "json" && !name.startsWith("/")) throw objection(field, say("noPointer"));
  if (place === "header" && /^x-machilink-/i.test(name)) throw objection(field, say("ownHeader"));
  return { in: place, name };
}

/** The rule's members; throws at the field that is no good. */
export function ruleOf(v: Places): Rule {
  return {
    subject: whereOf("subject_name", v.subject_in, v.subject_name),
    purpose: v.purpose_in ? whereOf("purpose_name", v.purpose_in, v.purpose_name) : undefined,
    namespaces: namespacesOf(v),
  };
}

/** The service names a path that it cannot read: which field that is. */
export async function atField(v: Places, sent: Promise<unknown>): Promise<void> {
  try {
    await sent;
  } catch (problem) {
    const names = (x: string) => problem instanceof Refused && problem.status === 400 && problem.message.includes(`"${x.trim()}"`);
    if (v.subject_in === "xpath" && names(v.subject_name)) throw objection("subject_name", say("noPath"));
    if (v.purpose_in === "xpath" && names(v.purpose_name)) throw objection("purpose_name", say("noPath"));
    throw problem;
  }
}

const inRest = ["header", "query", "json", "xpath", "parameter"];
const inSoap = ["xpath", "parameter"];

export function PlaceFields<V extends Places>(p: { form: FormState<V>; soap: boolean; purposes: string[]; /** Shown to the person only: the purpose may be left out. */ free?: boolean }) {
  const form = p.form as unknown as FormState<Places>;
  const v = form.values;
  const places = (p.soap ? inSoap : inRest).map((x) => ({ value: x, text: say.of("place", x) ?? x }));
  const named = (place: string) => ({ label: say.of("name", place) ?? place, hint: say.of("nameHint", place), maxLength: 500, required: true });
  const fixed = { value: "fixed", text: say("place_fixed") };
  return (
    <>
      <Select form={form} name="subject_in" label={say("subjectIn")} hint={say(p.free ? "subjectInHintShown" : "subjectInHint")} choices={places} required />
      <TextField form={form} name="subject_name" {...named(v.subject_in)} />
      <Select
        form={form}
        name="purpose_in"
        label={say("purposeIn")}
        hint={say("purposeInHint")}
        choices={[fixed, ...places]}
        none={p.free ? say("purposeNone") : undefined}
        required={!p.free}
      />
      {v.purpose_in ? (
        <TextField form={form} name="purpose_name" {...named(v.purpose_in)} list={v.purpose_in === "fixed" ? p.purposes : undefined} />
      ) : null}
      {usesPaths(v) ? <TextArea form={form} name="namespaces" label={say("namespaces")} hint={say("namespacesHint")} rows={3} /> : null}
    </>
  );
}

/** "HTTP header: X-Person-Id" */
export function PlaceText(p: { of?: Where }) {
  if (!p.of) return <>{say("purposeNone")}</>;
  return (
    <>
      {say.of("place", p.of.in) ?? p.of.in}: <Id>{p.of.name}</Id>
    </>
  );
}
