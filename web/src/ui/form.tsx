// Forms: checked before they are sent, refusals of the service shown at their
// fields, warnings asked about.
//
//   const form = useForm({ url: "" }, (v, ignore) =>
//     post("clients", { ...v, ignore_warnings: ignore }));
//   <Form form={form} submit={say("add")} done={close}>
//     <TextField form={form} name="url" label={say("url")} required />
//   </Form>
import type { ComponentChildren, TargetedInputEvent, TargetedSubmitEvent } from "preact";
import { useCallback, useId, useRef, useState } from "preact/hooks";
import type { Refused, Warning } from "../lib/api";
import { fieldErrors, fieldText, refusalText, refusalTitle, warningText } from "../lib/refusal";
import { asRefused } from "../lib/load";
import { useUnsaved } from "../lib/unsaved";
import { Banner } from "./banner";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Progress } from "./load";
import { say } from "./words";

export type Errors = Record<string, string>;

export interface FormState<V> {
  values: V;
  set: <K extends keyof V>(name: K, value: V[K]) => void;
  setAll: (values: V) => void;
  errors: Errors;
  setErrors: (errors: Errors) => void;
  trouble?: Refused;
  warnings: Warning[];
  busy: boolean;
  /** Something was typed that the service has not got. */
  unsaved: () => boolean;
  /** The reader gives up what was typed. */
  giveUp: () => void;
  /** True when the service took it. */
  send: (ignoreWarnings?: boolean) => Promise<boolean>;
  dropWarnings: () => void;
}

function differs(a: object, b: object): boolean {
  return Object.entries(a).some(([key, value]) => {
    const other = (b as Record<string, unknown>)[key];
    return value !== other && (value instanceof File || other instanceof File || JSON.stringify(value) !== JSON.stringify(other));
  });
}

/** Since the start, or since it was sent; while it is being sent it is not lost. */
function useTyped<V extends object>(initial: V) {
  const kept = useRef({ base: initial, typed: false, sending: false });
  const unsaved = useCallback(() => kept.current.typed && !kept.current.sending, []);
  const giveUp = useCallback(() => void (kept.current.typed = false), []);
  return { kept: kept.current, unsaved, giveUp };
}

/** send: the call; it may be made again with true after warnings. */
export function useForm<V extends object>(
  initial: V,
  send: (values: V, ignoreWarnings: boolean) => Promise<unknown>,
): FormState<V> {
  const [values, setAll] = useState(initial);
  const [errors, setErrors] = useState<Errors>({});
  const [trouble, setTrouble] = useState<Refused>();
  const [warnings, setWarnings] = useState<Warning[]>([]);
  const [busy, setBusy] = useState(false);
  const { kept, unsaved, giveUp } = useTyped(initial);
  const refuse = (problem: unknown) => {
    const refused = asRefused(problem);
    const { at, rest } = fieldErrors(refused, Object.keys(values));
    setErrors(at);
    if (refused.warnings.length) setWarnings(refused.warnings);
    else if (rest) setTrouble(refused);
  };
  return {
    values,
    set: (name, value) => {
      kept.typed = differs({ ...values, [name]: value }, kept.base);
      setAll((v) => ({ ...v, [name]: value }));
      setErrors((e) => Object.fromEntries(Object.entries(e).filter(([key]) => key !== name)));
    },
    setAll,
    errors,
    setErrors,
    trouble,
    warnings,
    busy,
    unsaved,
    giveUp,
    dropWarnings: () => setWarnings([]),
    send: async (ignoreWarnings = false) => {
      kept.sending = true;
      setBusy(true);
      setTrouble(undefined);
      setWarnings([]);
      setErrors({});
      try {
        await send(values, ignoreWarnings);
        kept.typed = false;
        kept.base = values;
        return true;
      } catch (problem) {
        refuse(problem);
        return false;
      } finally {
        kept.sending = false;
        setBusy(false);
      }
    },
  };
}

type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function isInput(x: Element): x is Input {
  return x instanceof HTMLInputElement || x instanceof HTMLSelectElement || x instanceof HTMLTextAreaElement;
}

/** What is wrong with a field before it is sent, in words. */
function complaint(x: Input): string {
  const v = x.validity;
  const n = (name: string) => x.getAttribute(name) ?? "";
  const missing = x instanceof HTMLInputElement && x.type === "checkbox" ? "checkMissing" : x instanceof HTMLSelectElement || x.type === "radio" ? "choiceMissing" : "valueMissing";
  if (v.valid) return "";
  if (v.valueMissing) return say(missing);
  if (v.badInput) return say("badInput");
  if (v.rangeUnderflow) return say("rangeUnderflow", { n: n("min") });
  if (v.rangeOverflow) return say("rangeOverflow", { n: n("max") });
  if (v.tooShort) return say("tooShort", { n: n("minlength") });
  if (v.tooLong) return say("tooLong", { n: n("maxlength") });
  return say(v.typeMismatch ? "typeMismatch" : "patternMismatch");
}

function complaints(form: HTMLFormElement): Errors {
  const found: Errors = {};
  for (const x of form.elements)
    if (isInput(x) && x.name && !found[x.name]) {
      const text = complaint(x);
      if (text) found[x.name] = text;
    }
  return found;
}

function focusFirst(form: HTMLFormElement | null): void {
  const bad = form?.querySelector<HTMLElement>("[aria-invalid=true]") ?? form?.querySelector<HTMLElement>(".banner");
  bad?.focus();
}

function Trouble<V>(p: { form: FormState<V> }) {
  const fields = Object.keys(p.form.errors).length;
  const refused = p.form.trouble;
  if (!fields && !refused) return null;
  return (
    <Banner kind="error" alert title={refused ? refusalTitle(refused) : say("formTrouble")}>
      <p>{refused ? refusalText(refused) : say("formTroubleHere")}</p>
    </Banner>
  );
}

function Warnings<V>(p: { form: FormState<V>; goOn: () => void }) {
  return (
    <Dialog title={say("warningsTitle")} onClose={p.form.dropWarnings}>
      <p>{say("warningsLead")}</p>
      <ul>
        {p.form.warnings.map((w, i) => (
          <li key={i}>{warningText(w)}</li>
        ))}
      </ul>
      <div class="actions end">
        <Button onClick={p.form.dropWarnings}>{say("cancel")}</Button>
        <Button kind="solid" onClick={p.goOn}>
          {say("goOn")}
        </Button>
      </div>
    </Dialog>
  );
}

export function Form<V extends object>(p: {
  form: FormState<V>;
  submit: string;
  children: ComponentChildren;
  /** After the service took it. */
  done?: () => unknown;
  cancel?: () => void;
  /** Instead of "cancel". */
  cancelText?: string;
  danger?: boolean;
  label?: string;
  /** Said while the call runs longer than a moment. */
  progress?: string;
  /** A question, nothing that is kept: may be left half filled. */
  question?: boolean;
}) {
  const element = useRef<HTMLFormElement>(null);
  useUnsaved(p.question ? undefined : p.form.unsaved);
  const send = async (ignore: boolean) => {
    if (await p.form.send(ignore)) p.done?.();
    else setTimeout(() => focusFirst(element.current));
  };
  const cancel = () => {
    p.form.giveUp();
    p.cancel?.();
  };
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (p.form.busy) return;
    const found = complaints(event.currentTarget);
    if (Object.keys(found).length) {
      p.form.setErrors(found);
      setTimeout(() => focusFirst(element.current));
    } else void send(false);
  };
  return (
    <form class="form" noValidate ref={element} onSubmit={submit} aria-label={p.label}>
      <Trouble form={p.form} />
      {p.children}
      {p.form.busy && p.progress ? <Progress text={p.progress} /> : null}
      <div class="actions">
        <Button kind="solid" type="submit" danger={p.danger} busy={p.form.busy}>
          {p.submit}
        </Button>
        {p.cancel ? <Button onClick={cancel}>{p.cancelText ?? say("cancel")}</Button> : null}
      </div>
      {p.form.warnings.length ? <Warnings form={p.form} goOn={() => void send(true)} /> : null}
    </form>
  );
}

// ---- fields ----

interface FieldProps<V> {
  form: FormState<V>;
  name: keyof V & string;
  label: string;
  hint?: ComponentChildren;
  required?: boolean;
}

interface Wired {
  id: string;
  name: string;
  required?: boolean;
  "aria-invalid"?: "true";
  "aria-describedby"?: string;
}

/** What ties an input to its label, hint and error. */
function wire<V>(p: FieldProps<V>, id: string): Wired {
  const error = p.form.errors[p.name];
  const by = [p.hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return {
    id,
    name: p.name,
    required: p.required,
    "aria-invalid": error ? "true" : undefined,
    "aria-describedby": by || undefined,
  };
}

function Required(p: { is?: boolean }) {
  return p.is ? <span class="required">※{say("required")}</span> : null;
}

function Notes<V>(p: { of: FieldProps<V>; id: string; kind: "hint" | "error" }) {
  const text = p.kind === "hint" ? p.of.hint : p.of.form.errors[p.of.name];
  if (!text) return null;
  return (
    <div id={`${p.id}-${p.kind}`} class={p.kind}>
      {p.kind === "error" ? <span aria-hidden="true">＊</span> : null}
      {typeof text === "string" && p.kind === "error" ? fieldText(text) : text}
    </div>
  );
}

function Field<V>(p: { of: FieldProps<V>; id: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={p.id}>
        {p.of.label}
        <Required is={p.of.required} />
      </label>
      <Notes of={p.of} id={p.id} kind="hint" />
      {p.children}
      <Notes of={p.of} id={p.id} kind="error" />
    </div>
  );
}

type TextLike = "text" | "password" | "url" | "email" | "number" | "date" | "datetime-local" | "search";

export function TextField<V>(
  p: FieldProps<V> & {
    type?: TextLike;
    autocomplete?: string;
    pattern?: string;
    min?: number | string;
    max?: number | string;
    maxLength?: number;
    minLength?: number;
    placeholder?: string;
    inputMode?: "numeric" | "text" | "url";
    /** Characters the input is wide for. */
    width?: number;
    readOnly?: boolean;
    list?: string[];
  },
) {
  const id = useId();
  const list = p.list?.length ? `${id}-list` : undefined;
  const attributes: object = {
    ...wire(p, id),
    type: p.type ?? "text",
    autocomplete: p.autocomplete ?? "off",
    pattern: p.pattern,
    min: p.min,
    max: p.max,
    minLength: p.minLength,
    maxLength: p.maxLength,
    inputMode: p.inputMode,
    size: p.width,
    readOnly: p.readOnly,
    list,
    spellcheck: false,
    value: String(p.form.values[p.name] ?? ""),
    onInput: (e: TargetedInputEvent<HTMLInputElement>) => p.form.set(p.name, e.currentTarget.value as V[keyof V & string]),
  };
  return (
    <Field of={p} id={id}>
      <input {...attributes} />
      {list ? (
        <datalist id={list}>
          {p.list?.map((x) => (
            <option key={x} value={x} />
          ))}
        </datalist>
      ) : null}
    </Field>
  );
}

export function TextArea<V>(p: FieldProps<V> & { rows?: number; maxLength?: number }) {
  const id = useId();
  return (
    <Field of={p} id={id}>
      <textarea
        {...wire(p, id)}
        rows={p.rows ?? 4}
        maxLength={p.maxLength}
        value={String(p.form.values[p.name] ?? "")}
        onInput={(e) => p.form.set(p.name, e.currentTarget.value as V[keyof V & string])}
      />
    </Field>
  );
}

export interface Choice {
  value: string;
  text: string;
  hint?: string;
}

export function Select<V>(p: FieldProps<V> & { choices: Choice[]; /** Text of "nothing chosen yet". */ none?: string }) {
  const id = useId();
  return (
    <Field of={p} id={id}>
      <select
        {...wire(p, id)}
        value={String(p.form.values[p.name] ?? "")}
        onChange={(e) => p.form.set(p.name, e.currentTarget.value as V[keyof V & string])}
      >
        {p.none !== undefined ? <option value="">{p.none}</option> : null}
        {p.choices.map((c) => (
          <option key={c.value} value={c.value}>
            {c.text}
          </option>
        ))}
      </select>
    </Field>
  );
}

export function Checkbox<V>(p: FieldProps<V>) {
  const id = useId();
  return (
    <div class="field check">
      <label class="choice" for={id}>
        <input
          {...wire(p, id)}
          type="checkbox"
          checked={Boolean(p.form.values[p.name])}
          onChange={(e) => p.form.set(p.name, e.currentTarget.checked as V[keyof V & string])}
        />
        <span>
          {p.label}
          <Required is={p.required} />
        </span>
      </label>
      <Notes of={p} id={id} kind="hint" />
      <Notes of={p} id={id} kind="error" />
    </div>
  );
}

function Group<V>(p: { of: FieldProps<V>; id: string; children: ComponentChildren }) {
  const w = wire(p.of, p.id);
  return (
    <fieldset class="field" aria-describedby={w["aria-describedby"]}>
      <legend>
        {p.of.label}
        <Required is={p.of.required} />
      </legend>
      <Notes of={p.of} id={p.id} kind="hint" />
      {p.children}
      <Notes of={p.of} id={p.id} kind="error" />
    </fieldset>
  );
}

export function Radios<V>(p: FieldProps<V> & { choices: Choice[] }) {
  const id = useId();
  return (
    <Group of={p} id={id}>
      {p.choices.map((c) => (
        <label key={c.value} class="choice">
          <input
            type="radio"
            name={p.name}
            required={p.required}
            value={c.value}
            checked={p.form.values[p.name] === c.value}
            onChange={() => p.form.set(p.name, c.value as V[keyof V & string])}
          />
          <span>
            {c.text}
            {c.hint ? <span class="line soft">{c.hint}</span> : null}
          </span>
        </label>
      ))}
    </Group>
  );
}

/** Several of many: the value is the list of what is ticked. */
export function Checkboxes<V>(p: FieldProps<V> & { choices: Choice[] }) {
  const id = useId();
  const chosen = (p.form.values[p.name] as string[] | undefined) ?? [];
  const turn = (value: string, on: boolean) =>
    p.form.set(p.name, (on ? [...chosen, value] : chosen.filter((x) => x !== value)) as V[keyof V & string]);
  return (
    <Group of={p} id={id}>
      {p.choices.map((c) => (
        <label key={c.value} class="choice">
          <input
            type="checkbox"
            checked={chosen.includes(c.value)}
            onChange={(e) => turn(c.value, e.currentTarget.checked)}
          />
          <span>
            {c.text}
            {c.hint ? <span class="line soft">{c.hint}</span> : null}
          </span>
        </label>
      ))}
    </Group>
  );
}

/** A file to send; the value is a File or null. */
export function FileField<V>(p: FieldProps<V> & { accept?: string }) {
  const id = useId();
  return (
    <Field of={p} id={id}>
      <input
        {...wire(p, id)}
        type="file"
        accept={p.accept}
        onChange={(e) => p.form.set(p.name, (e.currentTarget.files?.[0] ?? null) as V[keyof V & string])}
      />
    </Field>
  );
}
