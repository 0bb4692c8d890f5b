// An application that came on paper is entered for the applicant.
import { post } from "../../lib/api";
import { memberCode } from "../../lib/publicid";
import { go } from "../../lib/route";
import { Dialog, FileField, Form, Select, TextArea, TextField, toast, useForm } from "../../ui";
import { kinds, type Application } from "./model";
import { say } from "./words";

const empty = {
  kind: kinds[0],
  organization: "",
  contact_name: "",
  mail: "",
  member_class: "GOV",
  member_code: "",
  member_name: "",
  file: null as File | null,
  usage: "SIGNING",
  security_server_id: "",
  client_id: "",
  service_id: "",
  purpose: "",
};
type Values = typeof empty;

async function contentOf(v: Values): Promise<Record<string, string>> {
  if (v.kind === "member-code") return { member_class: v.member_class, member_code: memberCode(v.member_code).code, member_name: v.member_name };
  if (v.kind === "server-certificate") return { csr: (await v.file?.text()) ?? "", usage: v.usage, security_server_id: v.security_server_id };
  return { client_id: v.client_id, service_id: v.service_id, purpose: v.purpose };
}

export function Add(p: { close: () => void }) {
  const form = useForm(empty, async (v) => {
    const { organization, contact_name, mail } = v;
    const made = await post<Application>("machilink/applications", { kind: v.kind, applicant: { organization, contact_name, mail }, content: await contentOf(v) });
    toast(say("added", { n: made.id }));
    go("center-applications", [made.id]);
  });
  const { kind } = form.values;
  const field = (name: keyof Values & string, hint?: string) => <TextField form={form} name={name} label={say.of("field", name) ?? name} hint={hint} required maxLength={255} />;
  return (
    <Dialog title={say("add")} onClose={p.close}>
      <Form form={form} submit={say("add")} cancel={p.close}>
        <Select form={form} name="kind" label={say("kind")} choices={kinds.map((k) => ({ value: k, text: say.of("kind", k) ?? k }))} required />
        {field("organization")}
        {field("contact_name")}
        {field("mail")}
        {kind === "member-code" ? (
          <>
            {field("member_code", say("codeHint"))}
            {field("member_name")}
            {field("member_class")}
          </>
        ) : kind === "server-certificate" ? (
          <>
            <FileField form={form} name="file" label={say("field_csr")} accept=".pem,.csr" required />
            <Select form={form} name="usage" label={say("field_usage")} choices={["SIGNING", "AUTHENTICATION"].map((u) => ({ value: u, text: say.of("usage", u) ?? u }))} required />
            {field("security_server_id", say("serverHint"))}
          </>
        ) : (
          <>
            {field("client_id", say("clientHint"))}
            {field("service_id", say("serviceHint"))}
            <TextArea form={form} name="purpose" label={say("field_purpose")} required maxLength={4000} />
          </>
        )}
      </Form>
    </Dialog>
  );
}
