// One key: what it is for, its certificate's life, requests that wait.
import { useState } from "preact/hooks";
import { address, patch, path, Refused, remove } from "../../lib/api";
import { warningText } from "../../lib/refusal";
import { href } from "../../lib/route";
import { may } from "../../lib/session";
import { Life } from "../../parts/server/life";
import type { Csr, Key, Token, TokenCertificate } from "../../parts/server/types";
import { Button, ButtonLink, Chip, confirm, Dialog, Form, TextField, toast, useForm } from "../../ui";
import { CertificateActs, CertificateState } from "./certificate";
import { say } from "./words";

/** Deletes, and asks again where the service warns. */
async function removeKey(id: string): Promise<boolean> {
  try {
    await remove(path`keys/${id}`);
  } catch (problem) {
    if (!(problem instanceof Refused) || !problem.warnings.length) throw problem;
    const text = problem.warnings.map(warningText).join(" ");
    if (!(await confirm({ title: say("keyDrop"), text, button: say("doDelete"), danger: true }))) return false;
    await remove(`${path`keys/${id}`}?ignore_warnings=true`);
  }
  return true;
}

function Rename(p: { of: Key; close: () => void; done: () => void }) {
  const form = useForm({ name: p.of.name }, (v) => patch(path`keys/${p.of.id}`, v));
  return (
    <Dialog title={say("nameTitle")} onClose={p.close}>
      <Form form={form} submit={say("save")} cancel={p.close} done={p.done}>
        <TextField form={form} name="name" label={say("newName")} maxLength={255} required />
      </Form>
    </Dialog>
  );
}

function Request(p: { of: Csr; of_key: Key; reload: () => Promise<void> }) {
  const drop = async () => {
    if (!(await confirm({ title: say("requestDrop"), text: say("requestDropText"), button: say("doDelete"), danger: true }))) return;
    await remove(path`keys/${p.of_key.id}/csrs/${p.of.id}`);
    await p.reload();
  };
  const permission = p.of_key.usage === "AUTHENTICATION" ? "DELETE_AUTH_CERT" : "DELETE_SIGN_CERT";
  const about = p.of_key.name || p.of.id;
  return (
    <div class="group">
      <p>
        <strong>{say("requestWaits")}</strong> {say("requestHint")}
      </p>
      <div class="actions">
        {may("GENERATE_AUTH_CERT_REQ", "GENERATE_SIGN_CERT_REQ") ? (
          <ButtonLink small download href={address(path`keys/${p.of_key.id}/csrs/${p.of.id}`, { csr_format: "PEM" })} label={`${say("requestGet")}: ${about}`}>
            {say("requestGet")}
          </ButtonLink>
        ) : null}
        {may(permission) ? (
          <Button small danger action={drop} label={`${say("requestDrop")}: ${about}`}>
            {say("requestDrop")}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function Certificate(p: { of: TokenCertificate; usage?: string; token: string; reload: () => Promise<void> }) {
  const d = p.of.certificate_details;
  return (
    <div class="group" data-hash={d.hash}>
      <p>
        <a href={href("keys", ["certificate", d.hash])}>{d.subject_common_name || d.subject_distinguished_name}</a>{" "}
        <span class="soft">{say("issuedBy", { name: d.issuer_common_name })}</span>
      </p>
      <CertificateState of={p.of} usage={p.usage} />
      <Life name={d.subject_common_name} from={d.not_before} to={d.not_after} />
      <CertificateActs of={p.of} usage={p.usage} token={p.token} reload={p.reload} />
    </div>
  );
}

function KeyActs(p: { of: Key; token: Token; reload: () => Promise<void> }) {
  const k = p.of;
  const [renaming, setRenaming] = useState(false);
  const auth = k.usage === "AUTHENTICATION";
  const can = (act: string, ...permissions: string[]) => k.possible_actions.includes(act) && may(...permissions);
  const drop = async () => {
    const name = k.name || k.id;
    const text = say("keyDropText", { name });
    if (!(await confirm({ title: say("keyDrop"), text, button: say("doDelete"), danger: true, typeName: k.name || undefined }))) return;
    if (await removeKey(k.id)) toast(say("deleted", { name }));
    await p.reload();
  };
  const request = can("GENERATE_AUTH_CSR", "GENERATE_AUTH_CERT_REQ") || can("GENERATE_SIGN_CSR", "GENERATE_SIGN_CERT_REQ");
  const name = k.name || k.id.slice(0, 8);
  return (
    <div class="actions group">
      {request ? (
        <ButtonLink small href={href("keys", ["request", k.id], k.usage ? { usage: k.usage } : {})} label={`${say("requestNew")}: ${name}`}>
          {say("requestNew")}
        </ButtonLink>
      ) : null}
      {can("EDIT_FRIENDLY_NAME", "EDIT_KEY_FRIENDLY_NAME") ? (
        <Button small onClick={() => setRenaming(true)} label={`${say("rename")}: ${name}`}>
          {say("rename")}
        </Button>
      ) : null}
      {can("DELETE", auth ? "DELETE_AUTH_KEY" : k.usage ? "DELETE_SIGN_KEY" : "DELETE_KEY") ? (
        <Button small danger action={drop} label={`${say("keyDrop")}: ${name}`}>
          {say("keyDrop")}
        </Button>
      ) : null}
      {renaming ? (
        <Rename
          of={k}
          close={() => setRenaming(false)}
          done={() => {
            setRenaming(false);
            void p.reload();
          }}
        />
      ) : null}
    </div>
  );
}

export function KeyCard(p: { of: Key; token: Token; reload: () => Promise<void> }) {
  const k = p.of;
  const usage = say.of("usage", k.usage ?? "NONE") ?? "";
  return (
    <article class="card group" aria-label={k.name || k.id}>
      <p>
        <strong>{usage}</strong> <span class="soft">{k.name || k.id}</span> <Chip>{k.key_algorithm}</Chip>
      </p>
      <p class="soft">{say.of("usageHint", k.usage ?? "NONE")}</p>
      {k.certificates.map((c) => (
        <Certificate key={c.certificate_details.hash} of={c} usage={k.usage} token={p.token.id} reload={p.reload} />
      ))}
      {k.certificate_signing_requests.map((c) => (
        <Request key={c.id} of={c} of_key={k} reload={p.reload} />
      ))}
      {k.certificates.length || k.certificate_signing_requests.length ? null : <p>{say("keyBare")}</p>}
      <KeyActs of={k} token={p.token} reload={p.reload} />
    </article>
  );
}
