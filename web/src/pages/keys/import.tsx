// Bringing in a certificate that an authority has issued.
import { useState } from "preact/hooks";
import { postBytes } from "../../lib/api";
import { go } from "../../lib/route";
import type { TokenCertificate } from "../../parts/server/types";
import { Button, Dialog, FileField, Form, toast, useForm } from "../../ui";
import { say } from "./words";

function Import(p: { close: () => void; done: () => Promise<void> }) {
  const form = useForm({ file: null as File | null }, async (v) => {
    if (!v.file) return;
    const made = await postBytes<TokenCertificate>("token-certificates", v.file);
    toast(say("imported", { name: made.certificate_details.subject_common_name }));
    await p.done();
    p.close();
    go("keys", ["certificate", made.certificate_details.hash]);
  });
  return (
    <Dialog title={say("importTitle")} onClose={p.close}>
      <Form form={form} submit={say("doImport")} cancel={p.close} progress={say("checking")}>
        <p>{say("importText")}</p>
        <FileField form={form} name="file" label={say("file")} hint={say("fileHint")} required />
      </Form>
    </Dialog>
  );
}

export function ImportButton(p: { done: () => Promise<void> }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{say("doImport")}</Button>
      {open ? <Import close={() => setOpen(false)} done={p.done} /> : null}
    </>
  );
}
