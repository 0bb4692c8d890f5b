// A service that gives personal data: with the person's consent alone, or
// without it and shown to the person. Of both rules that of consent holds.
import { useState } from "preact/hooks";
import { path, put, remove } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { may } from "../../lib/session";
import { language } from "../../lib/words";
import type { Service } from "../../parts/server/types";
import {
  Banner, Button, Checkboxes, confirm, Dialog, Empty, Form, Id, Light, Load, PairOf, Pairs, Section, TextArea, TextField, toast, useForm,
} from "../../ui";
import { say } from "./consent_words";
import { atField, type Both, type Known, PlaceFields, placesOf, PlaceText, readRule, ruleOf, targetOf, useKnown, type Where } from "./place";

interface Consent {
  subject: Where;
  purpose: Where;
  items: string[];
  namespaces: Record<string, string>;
  max_age: number;
}
interface Shown {
  subject: Where;
  purpose?: Where;
  namespaces: Record<string, string>;
  words: Both;
}
interface Rules {
  consent: Consent | null;
  record: Shown | null;
}
interface Props {
  service: Service;
  soap: boolean;
  known: Known;
  rules: Rules;
  reload: () => Promise<void>;
}
interface DialogProps extends Props {
  close: () => void;
  done: () => void;
}

const changes = () => may("EDIT_SERVICE_PARAMS");
const consentAt = (s: Service) => path`machilink/services/${s.id}/consent`;
const recordAt = (s: Service) => path`machilink/services/${s.id}/record`;

// ---- with consent alone ----

/** Declared items, and codes of the rule that are declared no more. */
function choicesOf(known: Known, kept: string[]) {
  const items = known.declaration?.items ?? [];
  const gone = kept.filter((code) => !items.some((x) => x.code === code));
  return [...items.map((x) => ({ value: x.code, text: `${x[language.value]} (${x.code})` })), ...gone.map((code) => ({ value: code, text: code }))];
}

function ConsentDialog(p: DialogProps) {
  const of = p.rules.consent;
  const kept = of?.items ?? [];
  const start = { ...placesOf(of, p.soap), items: kept, codes: kept.join(", "), max_age: String(of?.max_age ?? 0) };
  const form = useForm(start, async (v) => {
    const items = p.known.declaration ? v.items : v.codes.split(/[,、\s]+/).filter(Boolean);
    await atField(v, put(consentAt(p.service), { ...ruleOf(v), items, max_age: Number(v.max_age) }));
    toast(say("consentSaved"));
  });
  return (
    <Dialog title={say(of ? "consentEdit" : "consentAdd")} onClose={p.close} wide>
      <p>{say("consentLead")}</p>
      <Form form={form} submit={say("save")} cancel={p.close} done={p.done}>
        <PlaceFields form={form} soap={p.soap} purposes={p.known.purposes} />
        {p.known.declaration ? (
          <Checkboxes form={form} name="items" label={say("items")} hint={say("itemsHint")} choices={choicesOf(p.known, kept)} />
        ) : (
          <TextField form={form} name="codes" label={say("items")} hint={`${say("itemsTyped")} ${say("itemsHint")}`} />
        )}
        <TextField form={form} name="max_age" label={say("maxAge")} hint={say("maxAgeHint")} type="number" min={0} max={86400} width={6} required />
      </Form>
    </Dialog>
  );
}

/** Why a rule would refuse everything. */
function Missing(p: { known: Known; target: string }) {
  if (!p.known.runs)
    return (
      <Banner kind="warning" title={say("noCache")}>
        <p>{say("noCacheText")}</p>
      </Banner>
    );
  if (p.known.declaration) return null;
  return (
    <Banner kind="warning" title={say("notDeclared")}>
      <p>{say("notDeclaredText", { target: p.target })}</p>
    </Banner>
  );
}

function itemsText(rule: Consent, known: Known): string {
  const names = choicesOf(known, rule.items).filter((x) => rule.items.includes(x.value));
  return names.map((x) => x.text).join(language.value === "ja" ? "、" : ", ") || say("itemsAny");
}

function ConsentPairs(p: { rule: Consent; known: Known }) {
  const r = p.rule;
  return (
    <Pairs>
      {p.known.declaration ? <PairOf name={say("declared")}>{p.known.declaration.title[language.value]}</PairOf> : null}
      <PairOf name={say("subject")}>
        <PlaceText of={r.subject} />
      </PairOf>
      <PairOf name={say("purpose")}>
        <PlaceText of={r.purpose} />
      </PairOf>
      <PairOf name={say("items")}>{itemsText(r, p.known)}</PairOf>
      <PairOf name={say("maxAge")}>{r.max_age ? say("seconds", { n: r.max_age }) : say("maxAgeDeclared")}</PairOf>
      <Namespaces of={r.namespaces} />
    </Pairs>
  );
}

function Namespaces(p: { of: Record<string, string> }) {
  const all = Object.entries(p.of);
  if (!all.length) return null;
  return (
    <PairOf name={say("namespaces")}>
      {all.map(([prefix, uri]) => (
        <div key={prefix}>
          <Id>{`${prefix}=${uri}`}</Id>
        </div>
      ))}
    </PairOf>
  );
}

function ConsentSection(p: Props) {
  const [open, setOpen] = useState(false);
  const rule = p.rules.consent;
  const name = p.service.full_service_code;
  const drop = async () => {
    const text = say("consentDropText", { name });
    if (!(await confirm({ title: say("consentDrop"), text, button: say("consentDrop"), danger: true, typeName: name }))) return;
    await remove(consentAt(p.service));
    toast(say("consentDropped", { name }));
    await p.reload();
  };
  const done = () => {
    setOpen(false);
    void p.reload();
  };
  const acts = rule ? (
    <>
      <Button onClick={() => setOpen(true)} label={say("consentEdit")}>
        {say("edit")}
      </Button>
      <Button danger action={drop}>
        {say("consentDrop")}
      </Button>
    </>
  ) : (
    <Button onClick={() => setOpen(true)}>{say("consentAdd")}</Button>
  );
  return (
    <Section title={say("consent")} id="consent" actions={rule && changes() ? acts : null}>
      {rule ? (
        <>
          <p>
            <Light state="good">{say("consentOn")}</Light>
          </p>
          <Missing known={p.known} target={targetOf(p.service)} />
          <ConsentPairs rule={rule} known={p.known} />
        </>
      ) : (
        <Empty actions={changes() ? acts : null}>
          <p>{say("consentNone")}</p>
        </Empty>
      )}
      {open ? <ConsentDialog {...p} close={() => setOpen(false)} done={done} /> : null}
    </Section>
  );
}

// ---- shown to the person ----

function RecordDialog(p: DialogProps) {
  const of = p.rules.record;
  const start = { ...placesOf(of, p.soap), purpose_in: of?.purpose?.in ?? "", words_ja: of?.words.ja ?? "", words_en: of?.words.en ?? "" };
  const form = useForm(start, async (v) => {
    const words = { ja: v.words_ja.trim(), en: v.words_en.trim() };
    await atField(v, put(recordAt(p.service), { ...ruleOf(v), words }));
    toast(say("recordSaved"));
  });
  return (
    <Dialog title={say(of ? "recordEdit" : "recordAdd")} onClose={p.close} wide>
      <p>{say("recordLead")}</p>
      <Form form={form} submit={say("save")} cancel={p.close} done={p.done}>
        <PlaceFields form={form} soap={p.soap} purposes={p.known.purposes} free />
        <TextArea form={form} name="words_ja" label={say("words_ja")} hint={say("wordsHint")} rows={2} maxLength={1300} required />
        <TextArea form={form} name="words_en" label={say("words_en")} hint={say("wordsHint")} rows={2} maxLength={1300} required />
      </Form>
    </Dialog>
  );
}

function RecordPairs(p: { rule: Shown }) {
  return (
    <Pairs>
      <PairOf name={say("words")}>{p.rule.words[language.value]}</PairOf>
      <PairOf name={say("subject")}>
        <PlaceText of={p.rule.subject} />
      </PairOf>
      <PairOf name={say("purpose")}>
        <PlaceText of={p.rule.purpose} />
      </PairOf>
      <Namespaces of={p.rule.namespaces} />
    </Pairs>
  );
}

function RecordSection(p: Props) {
  const [open, setOpen] = useState(false);
  const { record: rule, consent } = p.rules;
  const name = p.service.full_service_code;
  const drop = async () => {
    if (!(await confirm({ title: say("recordDrop"), text: say("recordDropText", { name }), button: say("recordDrop"), danger: true }))) return;
    await remove(recordAt(p.service));
    toast(say("recordDropped", { name }));
    await p.reload();
  };
  const done = () => {
    setOpen(false);
    void p.reload();
  };
  const acts = rule ? (
    <>
      <Button onClick={() => setOpen(true)} label={say("recordEdit")}>
        {say("edit")}
      </Button>
      <Button danger action={drop}>
        {say("recordDrop")}
      </Button>
    </>
  ) : null;
  return (
    <Section title={say("record")} id="record" actions={changes() ? acts : null}>
      {consent ? <p>{say("recordIdle")}</p> : null}
      {rule && !consent ? (
        <p>
          <Light state="good">{say("recordOn")}</Light>
        </p>
      ) : null}
      {rule ? <RecordPairs rule={rule} /> : null}
      {!rule && !consent ? (
        <Empty actions={changes() ? <Button onClick={() => setOpen(true)}>{say("recordAdd")}</Button> : null}>
          <p>{say("recordNone")}</p>
        </Empty>
      ) : null}
      {open ? <RecordDialog {...p} close={() => setOpen(false)} done={done} /> : null}
    </Section>
  );
}

async function readBoth(s: Service): Promise<Rules> {
  const [consent, record] = await Promise.all([readRule<Consent>(consentAt(s)), readRule<Shown>(recordAt(s))]);
  return { consent, record };
}

/** The tab. soap: of a WSDL. */
export function PersonalRules(p: { service: Service; soap: boolean }) {
  const rules = useLoad(() => readBoth(p.service), [p.service.id]);
  const known = useKnown(targetOf(p.service));
  return (
    <>
      <p>{say("lead")}</p>
      <Load of={known}>
        {(k) => (
          <Load of={rules}>
            {(r) => (
              <>
                <ConsentSection {...p} known={k} rules={r} reload={rules.reload} />
                <RecordSection {...p} known={k} rules={r} reload={rules.reload} />
              </>
            )}
          </Load>
        )}
      </Load>
    </>
  );
}
