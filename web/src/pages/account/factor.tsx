// One's own second factor: set up in three steps (password, picture and code,
// recovery codes), new recovery codes, removal. Each asks for the password.
import { useState } from "preact/hooks";
import { post, put, Refused } from "../../lib/api";
import { objection } from "../../lib/refusal";
import { open } from "../../lib/session";
import { Banner, Button, Card, Copyable, Dialog, Form, Light, Section, Steps, TextField, toast, useForm } from "../../ui";
import { QrCode } from "./qr";
import { say } from "./words";

export interface Factor {
  second_factor: boolean;
  second_factor_required: boolean;
  recovery_codes_left: number;
}
interface Offer {
  secret: string;
  uri: string;
}
interface Codes {
  recovery_codes: string[];
}

/** The password once more; what the call answers goes to `done`. */
function Prove<T>(p: { where: string; submit: string; done: (answer: T) => void; cancel: () => void; danger?: boolean }) {
  const form = useForm({ password: "" }, async (v) => p.done(await post<T>(p.where, v)));
  return (
    <Form form={form} submit={p.submit} cancel={p.cancel} danger={p.danger}>
      <TextField form={form} name="password" type="password" label={say("oldPassword")} hint={say("proveHint")} autocomplete="current-password" required />
    </Form>
  );
}

function Scan(p: { offer: Offer; done: (codes: string[]) => void; cancel: () => void }) {
  const form = useForm({ code: "" }, async (v) => {
    try {
      p.done((await put<Codes>("machilink/me/second-factor", v)).recovery_codes);
    } catch (problem) {
      throw problem instanceof Refused && problem.status === 400 ? objection("code", say("codeWrong")) : problem;
    }
  });
  return (
    <div class="factor-step">
      <p>{say("scanLead")}</p>
      <QrCode text={p.offer.uri} label={say("qrLabel")} />
      <details>
        <summary>{say("noCamera")}</summary>
        <Copyable text={p.offer.secret.replace(/(.{4})(?=.)/g, "$1 ")} label={say("secret")} />
      </details>
      <Form form={form} submit={say("factorOn")} cancel={p.cancel}>
        <TextField form={form} name="code" label={say("code")} hint={say("codeHint")} inputMode="numeric" autocomplete="one-time-code" pattern="\s*[0-9]{3}\s?[0-9]{3}\s*" width={8} required />
      </Form>
    </div>
  );
}

function save(codes: string[]): void {
  const url = URL.createObjectURL(new Blob([`${codes.join("\n")}\n`], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "machilink-recovery-codes.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function RecoveryCodes(p: { codes: string[]; close: () => void }) {
  return (
    <div class="factor-step">
      <Banner kind="warning" alert title={say("codesTitle")}>
        <p>{say("codesLead")}</p>
      </Banner>
      <Copyable text={p.codes.join("\n")} label={say("codes")} />
      <div class="actions">
        <Button onClick={() => save(p.codes)}>{say("codesSave")}</Button>
        <Button kind="solid" onClick={p.close}>
          {say("codesKept")}
        </Button>
      </div>
    </div>
  );
}

type At = { step: 0 } | { step: 1; offer: Offer } | { step: 2; codes: string[] };

function SetUp(p: { close: () => void }) {
  const [at, set] = useState<At>({ step: 0 });
  const steps = [say("step1"), say("step2"), say("step3")];
  const close = () => {
    if (at.step === 2) toast(say("factorDone"));
    p.close();
    void open();
  };
  return (
    <Card>
      <Steps
        label={say("steps")}
        steps={steps.map((title, i) => ({ title, state: i < at.step ? "done" : i === at.step ? "now" : "next" }))}
      />
      <div class="group">
        {at.step === 0 ? (
          <Prove<Offer> where="machilink/me/second-factor" submit={say("goOn")} done={(offer) => set({ step: 1, offer })} cancel={p.close} />
        ) : at.step === 1 ? (
          <Scan offer={at.offer} done={(codes) => set({ step: 2, codes })} cancel={p.close} />
        ) : (
          <RecoveryCodes codes={at.codes} close={close} />
        )}
      </div>
    </Card>
  );
}

function NewCodes(p: { close: () => void }) {
  const [codes, set] = useState<string[]>();
  return (
    <Dialog title={say("codesNew")} onClose={p.close}>
      {codes ? (
        <RecoveryCodes codes={codes} close={p.close} />
      ) : (
        <>
          <p>{say("codesNewText")}</p>
          <Prove<Codes> where="machilink/me/second-factor/recovery-codes" submit={say("codesNew")} done={(x) => set(x.recovery_codes)} cancel={p.close} />
        </>
      )}
    </Dialog>
  );
}

function Removal(p: { close: () => void; required: boolean }) {
  const done = () => {
    toast(say("removed"));
    p.close();
    void open();
  };
  return (
    <Dialog title={say("removeTitle")} onClose={p.close}>
      <p>{say(p.required ? "removeRequired" : "removeText")}</p>
      <Prove<void> where="machilink/me/second-factor/removal" submit={say("remove")} done={done} cancel={p.close} danger />
    </Dialog>
  );
}

function On(p: { of: Factor; changed: () => void }) {
  const [asked, ask] = useState<"codes" | "removal">();
  const close = () => {
    ask(undefined);
    p.changed();
  };
  const few = p.of.recovery_codes_left < 3;
  return (
    <>
      <p>
        <Light state="good">{say("isOn")}</Light>
      </p>
      <p>
        <Light state={few ? "wait" : "good"}>{say("codesLeft", { n: p.of.recovery_codes_left })}</Light>
        {few ? ` ${say("codesFew")}` : null}
      </p>
      <div class="actions">
        <Button onClick={() => ask("codes")}>{say("codesNew")}</Button>
        <Button danger onClick={() => ask("removal")}>
          {say("remove")}
        </Button>
      </div>
      {asked === "codes" ? <NewCodes close={close} /> : null}
      {asked === "removal" ? <Removal close={close} required={p.of.second_factor_required} /> : null}
    </>
  );
}

/** now: it is due, so it begins at once. */
export function SecondFactor(p: { of: Factor; changed: () => void; now: boolean }) {
  const [setting, set] = useState(p.now && !p.of.second_factor);
  const close = () => {
    set(false);
    p.changed();
  };
  return (
    <Section title={say("factor")} id="second-factor">
      <p>{say("factorLead")}</p>
      {setting ? (
        <SetUp close={close} />
      ) : p.of.second_factor ? (
        <On of={p.of} changed={p.changed} />
      ) : (
        <>
          <p>
            <Light state={p.of.second_factor_required ? "bad" : "off"}>{say(p.of.second_factor_required ? "isMissing" : "isOff")}</Light>
          </p>
          <div class="actions">
            <Button kind="solid" onClick={() => set(true)}>
              {say("setUp")}
            </Button>
          </div>
        </>
      )}
    </Section>
  );
}
