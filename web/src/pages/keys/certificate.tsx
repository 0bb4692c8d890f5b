// One certificate: its state, what can be done with it, and all it says.
import { useState } from "preact/hooks";
import { get, path, put, Refused, remove } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { refusalText } from "../../lib/refusal";
import { go, href } from "../../lib/route";
import { may } from "../../lib/session";
import { daysLeft, Life } from "../../parts/server/life";
import type { TokenCertificate } from "../../parts/server/types";
import {
  Button,
  ButtonLink,
  confirm,
  DateTime,
  Dialog,
  Form,
  Id,
  Light,
  Load,
  PageHeader,
  PairOf,
  Pairs,
  type State,
  TextField,
  toast,
  useForm,
} from "../../ui";
import { say } from "./words";

const ocsp: Record<string, State> = { OCSP_RESPONSE_GOOD: "good", OCSP_RESPONSE_UNKNOWN: "wait", DISABLED: "off" };
const registered: Record<string, State> = { REGISTERED: "good", REGISTRATION_IN_PROGRESS: "wait", DELETION_IN_PROGRESS: "wait", GLOBAL_ERROR: "bad" };
const renewFrom = 60; // days before the end

const authOf = (c: TokenCertificate, usage?: string) => usage === "AUTHENTICATION" || (!usage && !c.owner_id);

export function CertificateState(p: { of: TokenCertificate; usage?: string }) {
  const c = p.of;
  const auth = authOf(c, p.usage);
  return (
    <>
      <p>
        <Light state={ocsp[c.ocsp_status] ?? "bad"}>{say.of("ocsp", c.ocsp_status) ?? c.ocsp_status}</Light>{" "}
        {auth ? <Light state={registered[c.status] ?? "off"}>{say.of("status", c.status) ?? c.status}</Light> : null}
      </p>
      {auth && c.status === "SAVED" ? <p>{say("mustRegister")}</p> : null}
      {c.active ? null : <p>{say("mustActivate")}</p>}
      {c.renewal_error ? <p>{say("renewalError", { text: c.renewal_error })}</p> : null}
      {c.ocsp_verify_before_activation_error ? <p>{say("ocspError", { text: c.ocsp_verify_before_activation_error })}</p> : null}
      {c.next_automatic_renewal_time ? (
        <p class="soft">
          {say("nextRenewal")} <DateTime at={c.next_automatic_renewal_time} />
        </p>
      ) : null}
    </>
  );
}

function Register(p: { of: TokenCertificate; close: () => void; done: () => void }) {
  const d = p.of.certificate_details;
  const now = useLoad(async () => (may("CHANGE_SS_ADDRESS") ? await get<{ current_address?: { address: string } }>("system/server-address") : {}));
  return (
    <Dialog title={say("registerTitle")} onClose={p.close}>
      <Load of={now}>{(a) => <RegisterForm hash={d.hash} address={a.current_address?.address ?? ""} close={p.close} done={p.done} />}</Load>
    </Dialog>
  );
}

function RegisterForm(p: { hash: string; address: string; close: () => void; done: () => void }) {
  const form = useForm({ address: p.address }, (v) => put(path`token-certificates/${p.hash}/register`, v));
  return (
    <Form form={form} submit={say("register")} cancel={p.close} done={p.done} progress={say("sending")}>
      <p>{say("registerText")}</p>
      <TextField form={form} name="address" label={say("address")} hint={say("addressHint")} maxLength={255} required />
    </Form>
  );
}

/** Asks the center; without it the certificate can still be marked here. */
async function unregister(hash: string): Promise<void> {
  try {
    await put(path`token-certificates/${hash}/unregister`);
  } catch (problem) {
    if (!(problem instanceof Refused) || problem.code !== "management_request_sending_failed") throw problem;
    const text = `${refusalText(problem)} ${say("markText")}`;
    if (!(await confirm({ title: say("markTitle"), text, button: say("mark"), danger: true }))) return;
    await put(path`token-certificates/${hash}/mark-for-deletion`);
  }
}

export function CertificateActs(p: { of: TokenCertificate; usage?: string; token?: string; reload: () => Promise<void>; gone?: () => void }) {
  const d = p.of.certificate_details;
  const [registering, setRegistering] = useState(false);
  const auth = authOf(p.of, p.usage);
  const name = d.subject_common_name || d.subject_distinguished_name;
  const can = (act: string, permission: string) => p.of.possible_actions.includes(act) && may(permission);
  const switching = auth ? "ACTIVATE_DISABLE_AUTH_CERT" : "ACTIVATE_DISABLE_SIGN_CERT";
  const at = path`token-certificates/${d.hash}`;
  /** An act after a question, and what is said afterwards. */
  const sure = (word: "disable" | "unregister" | "doDelete", act: () => Promise<unknown>) => async () => {
    const text = say.of("text", word, { name }) ?? "";
    if (!(await confirm({ title: say(word), text, button: say(word), danger: true }))) return;
    await act();
    toast(say("done"));
    if (word === "doDelete" && p.gone) p.gone();
    else await p.reload();
  };
  const activate = async () => {
    await put(`${at}/activate`);
    toast(say("done"));
    await p.reload();
  };
  const renew = daysLeft(d.not_after) < renewFrom && may("GENERATE_KEY");
  const query: Record<string, string> = { usage: auth ? "AUTHENTICATION" : "SIGNING", ...(p.of.owner_id ? { member: p.of.owner_id } : {}) };
  return (
    <div class="actions">
      {renew ? (
        <ButtonLink small kind="solid" href={href("keys", ["new", p.token ?? "0"], query)} label={`${say("renew")}: ${name}`}>
          {say("renew")}
        </ButtonLink>
      ) : null}
      {can("REGISTER", "SEND_AUTH_CERT_REG_REQ") ? (
        <Button small kind="solid" onClick={() => setRegistering(true)} label={`${say("register")}: ${name}`}>
          {say("register")}
        </Button>
      ) : null}
      {can("ACTIVATE", switching) ? (
        <Button small action={activate} label={`${say("activate")}: ${name}`}>
          {say("activate")}
        </Button>
      ) : null}
      {can("DISABLE", switching) ? (
        <Button small danger action={sure("disable", () => put(`${at}/disable`))} label={`${say("disable")}: ${name}`}>
          {say("disable")}
        </Button>
      ) : null}
      {can("UNREGISTER", "SEND_AUTH_CERT_DEL_REQ") ? (
        <Button small danger action={sure("unregister", () => unregister(d.hash))} label={`${say("unregister")}: ${name}`}>
          {say("unregister")}
        </Button>
      ) : null}
      {can("DELETE", auth ? "DELETE_AUTH_CERT" : "DELETE_SIGN_CERT") ? (
        <Button small danger action={sure("doDelete", () => remove(at))} label={`${say("doDelete")}: ${name}`}>
          {say("doDelete")}
        </Button>
      ) : null}
      {registering ? (
        <Register
          of={p.of}
          close={() => setRegistering(false)}
          done={() => {
            setRegistering(false);
            toast(say("asked"));
            void p.reload();
          }}
        />
      ) : null}
    </div>
  );
}

function Details(p: { of: TokenCertificate }) {
  const d = p.of.certificate_details;
  return (
    <Pairs>
      <PairOf name={say("subject")}>{d.subject_distinguished_name}</PairOf>
      {d.subject_alternative_names ? <PairOf name={say("alternative")}>{d.subject_alternative_names}</PairOf> : null}
      <PairOf name={say("issuer")}>{d.issuer_distinguished_name}</PairOf>
      <PairOf name={say("serial")}>{d.serial}</PairOf>
      {p.of.owner_id ? (
        <PairOf name={say("member")}>
          <Id>{p.of.owner_id}</Id>
        </PairOf>
      ) : null}
      <PairOf name={say("algorithm")}>{`${d.public_key_algorithm}, ${d.signature_algorithm}`}</PairOf>
      <PairOf name={say("hash")}>
        <Id>{d.hash.replace(/(.{8})(?=.)/g, "$1:")}</Id>
      </PairOf>
    </Pairs>
  );
}

export function CertificatePage(p: { hash: string }) {
  const of = useLoad(() => get<TokenCertificate>(path`token-certificates/${p.hash}`), [p.hash]);
  const name = of.data?.certificate_details.subject_common_name ?? p.hash.slice(0, 16);
  return (
    <>
      <PageHeader title={say("certificateTitle", { name })} lead={<p>{say("certificateLead")}</p>} help="keys" above={[[say("title"), href("keys")]]} />
      <Load of={of}>
        {(c) => (
          <>
            <CertificateState of={c} />
            <Life name={name} from={c.certificate_details.not_before} to={c.certificate_details.not_after} />
            <CertificateActs of={c} reload={of.reload} gone={() => go("keys")} />
            <Details of={c} />
          </>
        )}
      </Load>
    </>
  );
}
