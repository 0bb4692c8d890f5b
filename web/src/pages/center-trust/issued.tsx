// Certificates of the center's own authority: issued from a request, revoked.
import { useEffect, useState } from "preact/hooks";
import { get, path, post } from "../../lib/api";
import { paged, whole, type Client } from "../../lib/center";
import { useLoad } from "../../lib/load";
import { Banner, Button, type Column, confirm, DateTime, Dialog, FileField, Form, Id, Light, LoadedTable, Radios, Select, TextField, toast, useForm } from "../../ui";
import { say } from "./words";

interface Certificate {
  serial: string;
  usage: string;
  subject: string;
  member: string;
  server?: string;
  not_after: string;
  status: "good" | "revoked";
}

/** Hands a text to the browser as a file. */
function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/x-pem-file" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function saveCertificate(serial: string, usage: string): Promise<void> {
  const { certificate } = await get<{ certificate: string }>(path`machilink/certificates/${serial}`);
  save(`${usage.toLowerCase()}-${serial}.pem`, certificate);
}

const empty = { file: null as File | null, usage: "SIGNING", member: "", server: "" };

function Issue(p: { close: () => void; done: () => Promise<void> }) {
  const members = useLoad(() =>
    whole(async (size, page) => (await paged<Client>("clients", "clients", "q", { search: "", sort: "", descending: false, page, size }, { client_type: "MEMBER" })).rows),
  );
  const [made, setMade] = useState<{ serial: string; usage: string }>();
  const form = useForm(empty, async (v) => {
    const csr = v.file ? btoa(String.fromCharCode(...new Uint8Array(await v.file.arrayBuffer()))) : "";
    const whose = v.usage === "SIGNING" ? { member_id: v.member } : { security_server_id: `${v.member}:${v.server}` };
    const answer = await post<{ serial: string }>("machilink/certificates", { csr, usage: v.usage, ...whose });
    setMade({ serial: answer.serial, usage: v.usage });
    await p.done();
  });
  const { file } = form.values;
  useEffect(() => {
    // as servers name the files they hand out
    const named = /^(auth|sign)[_-]/.exec(file?.name ?? "")?.[1];
    if (named) form.set("usage", named === "auth" ? "AUTHENTICATION" : "SIGNING");
  }, [file]);
  if (made)
    return (
      <Dialog title={say("issueDone")} onClose={p.close}>
        <Banner kind="success" title={say("issueDone")}>
          <p>{say("issueDoneText")}</p>
        </Banner>
        <div class="actions end">
          <Button onClick={p.close}>{say("close")}</Button>
          <Button kind="solid" id="save-certificate" action={() => saveCertificate(made.serial, made.usage)}>
            {say("save")}
          </Button>
        </div>
      </Dialog>
    );
  const usages = ["SIGNING", "AUTHENTICATION"].map((u) => ({ value: u, text: say.of("usage", u) ?? u, hint: say.of("usageText", u) }));
  return (
    <Dialog title={say("issue")} onClose={p.close}>
      <p>{say("issueText")}</p>
      <Form form={form} submit={say("issue")} cancel={p.close}>
        <FileField form={form} name="file" label={say("csr")} hint={say("csrHint")} accept=".pem,.csr,.der,.p10" required />
        <Radios form={form} name="usage" label={say("usage")} choices={usages} required />
        <Select
          form={form}
          name="member"
          label={say("member")}
          none={say("choose")}
          choices={(members.data ?? []).map((m) => ({ value: m.client_id.encoded_id, text: `${m.member_name} (${m.client_id.encoded_id})` }))}
          required
        />
        {form.values.usage === "AUTHENTICATION" ? <TextField form={form} name="server" label={say("serverCode")} hint={say("serverHint")} required maxLength={255} /> : null}
      </Form>
    </Dialog>
  );
}

export function Issued() {
  const list = useLoad(() => whole((limit, offset) => get<Certificate[]>("machilink/certificates", { limit, offset })));
  const [issuing, setIssuing] = useState(false);
  const revoke = async (c: Certificate) => {
    if (!(await confirm({ title: say("revoke"), text: say("revokeText", { name: c.subject }), button: say("revoke"), danger: true, typeName: c.serial }))) return;
    await post(path`machilink/certificates/${c.serial}/revocation`, {});
    toast(say("revoked"));
    await list.reload();
  };
  const columns: Column<Certificate>[] = [
    { key: "member", head: say("member"), name: true, text: (c) => c.member, sort: (c) => c.member },
    { key: "usage", head: say("usage"), text: (c) => say.of("usage", c.usage) ?? c.usage, sort: (c) => c.usage },
    { key: "serial", head: say("serial"), text: (c) => c.serial, cell: (c) => <code class="id">{c.serial}</code> },
    { key: "server", head: say("serverCode"), text: (c) => c.server ?? "", cell: (c) => <Id>{c.server ?? ""}</Id> },
    { key: "until", head: say("until"), cell: (c) => <DateTime at={c.not_after} only="date" />, sort: (c) => c.not_after },
    { key: "status", head: say("status"), cell: (c) => <Light state={c.status === "good" ? "good" : "bad"}>{say.of("status", c.status)}</Light> },
    {
      key: "actions",
      head: say("actions"),
      cell: (c) => (
        <div class="actions">
          <Button small action={() => saveCertificate(c.serial, c.usage)} label={`${say("save")}: ${c.serial}`}>
            {say("save")}
          </Button>
          {c.status === "good" ? (
            <Button small danger action={() => revoke(c)} label={`${say("revoke")}: ${c.serial}`}>
              {say("revoke")}
            </Button>
          ) : null}
        </div>
      ),
    },
  ];
  return (
    <>
      <LoadedTable
        of={list}
        caption={say("issued")}
        columns={columns}
        id={(c) => c.serial}
        empty={<p>{say("issuedNone")}</p>}
        actions={
          <Button kind="solid" id="issue" onClick={() => setIssuing(true)}>
            {say("issue")}
          </Button>
        }
      />
      {issuing ? <Issue close={() => setIssuing(false)} done={list.reload} /> : null}
    </>
  );
}
