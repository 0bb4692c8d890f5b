// The anchor: the file from which all trust in the network begins.
import { useState } from "preact/hooks";
import { address, call, get, postBytes } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { may } from "../../lib/session";
import { Button, ButtonLink, confirm, DateTime, Dialog, FileField, Form, Id, Load, PairOf, Pairs, toast, useForm } from "../../ui";
import { say } from "./words";

interface AnchorFile {
  hash: string;
  created_at: string;
}

const pieces = (hash: string) => hash.replace(/(.{8})(?=.)/g, "$1:");

/** The hash is compared by people before the file is taken. */
function Upload(p: { close: () => void; done: () => void }) {
  const form = useForm({ file: null as File | null }, async (v) => {
    if (!v.file) return;
    const seen = await postBytes<AnchorFile>("system/anchor/previews", v.file);
    const text = (
      <>
        <p>{say("compare")}</p>
        <p>
          <Id>{pieces(seen.hash)}</Id>
        </p>
      </>
    );
    if (!(await confirm({ title: say("compareTitle"), text, button: say("same") }))) return;
    await call("PUT", address("system/anchor"), v.file, "application/octet-stream");
    p.done();
  });
  return (
    <Dialog title={say("uploadTitle")} onClose={p.close}>
      <Form form={form} submit={say("next")} cancel={p.close} progress={say("checking")}>
        <p>{say("uploadText")}</p>
        <FileField form={form} name="file" label={say("file")} accept=".xml" required />
      </Form>
    </Dialog>
  );
}

export function Anchor() {
  const of = useLoad(() => get<AnchorFile>("system/anchor"));
  const [open, setOpen] = useState(false);
  const done = () => {
    setOpen(false);
    toast(say("uploaded"));
    void of.reload();
  };
  return (
    <>
      <p>{say("anchorLead")}</p>
      <Load of={of}>
        {(a) => (
          <Pairs>
            <PairOf name={say("hash")}>
              <Id>{pieces(a.hash)}</Id>
            </PairOf>
            <PairOf name={say("created")}>
              <DateTime at={a.created_at} />
            </PairOf>
          </Pairs>
        )}
      </Load>
      <div class="actions">
        {may("DOWNLOAD_ANCHOR") ? (
          <ButtonLink download href={address("system/anchor/download")}>
            {say("download")}
          </ButtonLink>
        ) : null}
        {may("UPLOAD_ANCHOR") ? <Button onClick={() => setOpen(true)}>{say("upload")}</Button> : null}
      </div>
      {open ? <Upload close={() => setOpen(false)} done={done} /> : null}
    </>
  );
}
