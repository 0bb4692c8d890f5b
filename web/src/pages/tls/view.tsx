// The internal TLS certificate: see it, hand it on, replace it.
import { useState } from "preact/hooks";
import { address, get, post, postBytes } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { may } from "../../lib/session";
import { Life } from "../../parts/server/life";
import { saveMade } from "../../parts/server/save";
import type { CertificateDetails } from "../../parts/server/types";
import { Button, ButtonLink, confirm, Dialog, FileField, Form, Id, Load, PageHeader, PairOf, Pairs, Section, TextField, toast, useForm } from "../../ui";
import { say } from "./words";

interface DialogProps {
  close: () => void;
  done: () => void;
}

function Request(p: DialogProps & { name: string }) {
  const form = useForm({ name: p.name }, (v) => saveMade("system/certificate/csr", v, "internal-tls.csr"));
  return (
    <Dialog title={say("requestTitle")} onClose={p.close}>
      <Form form={form} submit={say("requestMake")} cancel={p.close} done={p.close}>
        <TextField form={form} name="name" label={say("subject")} hint={say("subjectHint")} maxLength={255} required />
      </Form>
    </Dialog>
  );
}

function Import(p: DialogProps) {
  const form = useForm({ file: null as File | null }, async (v) => v.file && postBytes("system/certificate/import", v.file));
  return (
    <Dialog title={say("importTitle")} onClose={p.close}>
      <Form form={form} submit={say("doImport")} cancel={p.close} done={p.done}>
        <FileField form={form} name="file" label={say("file")} hint={say("fileHint")} required />
      </Form>
    </Dialog>
  );
}

function Details(p: { of: CertificateDetails }) {
  return (
    <>
      <Life name={p.of.subject_common_name} from={p.of.not_before} to={p.of.not_after} />
      <Pairs>
        <PairOf name={say("subject")}>{p.of.subject_distinguished_name}</PairOf>
        <PairOf name={say("issuer")}>{p.of.issuer_distinguished_name}</PairOf>
        <PairOf name={say("hash")}>
          <Id>{p.of.hash.replace(/(.{8})(?=.)/g, "$1:")}</Id>
        </PairOf>
      </Pairs>
    </>
  );
}

export default function InternalTls() {
  const of = useLoad(() => get<CertificateDetails>("system/certificate"));
  const [open, setOpen] = useState<"request" | "import">();
  const close = () => setOpen(undefined);
  const fresh = async () => {
    if (!(await confirm({ title: say("freshTitle"), text: say("freshText"), button: say("fresh"), danger: true }))) return;
    await post("system/certificate");
    toast(say("freshDone"));
    await of.reload();
  };
  const done = () => {
    close();
    toast(say("imported"));
    void of.reload();
  };
  const name = of.data?.subject_distinguished_name ?? "";
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="internal-tls" />
      <Load of={of}>{(c) => <Details of={c} />}</Load>
      {may("EXPORT_INTERNAL_TLS_CERT") ? (
        <Section title={say("hand")}>
          <p>{say("handText")}</p>
          <p>
            <ButtonLink download href={address("system/certificate/export")}>
              {say("download")}
            </ButtonLink>
          </p>
        </Section>
      ) : null}
      {may("GENERATE_INTERNAL_TLS_CSR", "IMPORT_INTERNAL_TLS_CERT") ? (
        <Section title={say("replace")}>
          <p>{say("replaceText")}</p>
          <div class="actions">
            {may("GENERATE_INTERNAL_TLS_CSR") ? <Button onClick={() => setOpen("request")}>{say("request")}</Button> : null}
            {may("IMPORT_INTERNAL_TLS_CERT") ? <Button onClick={() => setOpen("import")}>{say("doImport")}</Button> : null}
            {may("GENERATE_INTERNAL_TLS_KEY_CERT") ? (
              <Button danger action={fresh}>
                {say("fresh")}
              </Button>
            ) : null}
          </div>
        </Section>
      ) : null}
      {open === "request" ? <Request name={name} close={close} done={close} /> : null}
      {open === "import" ? <Import close={close} done={done} /> : null}
    </>
  );
}
