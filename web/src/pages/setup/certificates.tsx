// Step 6: what the authority issued is brought in; the authentication one is
// registered at the center, whose operator decides.
import { path, postBytes, put } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { Button, Card, DateTime, FileField, Form, Id, Light, Load, PairOf, Pairs, TextField, toast, useForm, type State } from "../../ui";
import { readKeys, readSelf, type Certificate } from "./keys";
import { isPassed, stepOf } from "./model";
import { Findings } from "./parts";
import type { Part } from "./server";
import { say } from "./words";

const step = "CERTIFICATES";

function Bring(p: { done: () => Promise<void> }) {
  const form = useForm({ file: null as File | null }, async (v) => {
    if (v.file) await postBytes("token-certificates", v.file);
    toast(say("certTaken"));
    await p.done();
  });
  return (
    <Card title={say("cert")}>
      <Form form={form} submit={say("certTake")}>
        <FileField form={form} name="file" label={say("certFile")} hint={say("certHint")} accept=".pem,.cer,.crt,.der,.p7b" required />
      </Form>
    </Card>
  );
}

function Register(p: { hash: string; address: string; done: () => Promise<void> }) {
  const form = useForm({ address: p.address }, async (v) => {
    await put(path`token-certificates/${p.hash}/register`, v);
    toast(say("registered"));
    await p.done();
  });
  return (
    <Form form={form} submit={say("register")} progress={say("registering")}>
      <TextField form={form} name="address" label={say("address")} hint={say("addressHint")} required />
    </Form>
  );
}

function stateOf(c: Certificate): State {
  if (c.status === "REGISTERED") return c.active ? "good" : "off";
  return c.status === "REGISTRATION_IN_PROGRESS" ? "wait" : c.status === "GLOBAL_ERROR" ? "bad" : "off";
}

function One(p: { of: Certificate; address: string; done: () => Promise<void> }) {
  const { usage, status, active, certificate_details: d } = p.of;
  const activate = async () => {
    await put(path`token-certificates/${d.hash}/activate`);
    toast(say("activated"));
    await p.done();
  };
  return (
    <li class="card" data-usage={usage} data-status={status}>
      <h3>{say.of("usage", usage)}</h3>
      <Light state={stateOf(p.of)}>{say.of("status", status) ?? status}</Light>
      <Pairs>
        <PairOf name={say("subject")}>
          <Id>{d.subject_common_name}</Id>
        </PairOf>
        <PairOf name={say("until")}>
          <DateTime at={d.not_after} only="date" />
        </PairOf>
      </Pairs>
      {usage === "AUTHENTICATION" && status === "SAVED" ? <Register hash={d.hash} address={p.address} done={p.done} /> : null}
      {status === "REGISTRATION_IN_PROGRESS" ? <p>{say("waitCenter")}</p> : null}
      {status === "REGISTERED" && !active ? (
        <Button kind="solid" action={activate}>
          {say("activate")}
        </Button>
      ) : null}
    </li>
  );
}

export function Certificates(p: Part) {
  // what the checks say changes when the certificates do
  const now = stepOf(p.of, step).checks.map((c) => c.state).join();
  const all = useLoad(async () => {
    const [keys, self] = await Promise.all([readKeys(), readSelf().catch(() => undefined)]);
    return { ...keys, address: self?.server_address || location.hostname };
  }, [now]);
  const done = async () => {
    await Promise.all([all.reload(), p.wizard.of.reload()]);
  };
  return (
    <>
      <Load of={all}>
        {({ certificates, address }) => (
          <>
            {certificates.length < 2 ? <Bring key={certificates.length} done={done} /> : null}
            <ul class="cards group">
              {certificates.map((c) => (
                <One key={c.certificate_details.hash} of={c} address={address} done={done} />
              ))}
            </ul>
          </>
        )}
      </Load>
      <Findings of={stepOf(p.of, step)} ask={() => p.wizard.ask(step)} passed={isPassed(p.of, step)} />
    </>
  );
}
