// Step 5: both keys with their requests, in one act; then the files to hand in.
import { address, get, path, post } from "../../lib/api";
import { useLoad, type Loaded } from "../../lib/load";
import { ButtonLink, Card, Form, Load, PairOf, Pairs, Radios, TextField, toast, useForm } from "../../ui";
import { readKeys, readSelf, type Keys, type Usage } from "./keys";
import { isOk, stepOf } from "./model";
import { Findings } from "./parts";
import type { Part } from "./server";
import { say } from "./words";

interface Authority {
  name: string;
}
interface Field {
  id: string;
  label_key: string;
  default_value: string | null;
  read_only: boolean;
  required: boolean;
}
interface Asked {
  ca: string;
  owner: string;
  usages: { usage: Usage; fields: Field[] }[];
}

const checkOf: Record<Usage, string> = { SIGNING: "sign_key", AUTHENTICATION: "auth_key" };

function missing(p: Part): Usage[] {
  return (["SIGNING", "AUTHENTICATION"] as const).filter((u) => !isOk(p.of, "CSR", checkOf[u]));
}

async function readFields(ca: string, usages: Usage[]): Promise<Asked> {
  const { owner } = await readSelf();
  const read = (usage: Usage) =>
    get<Field[]>(path`certificate-authorities/${ca}/csr-subject-fields`, { key_usage_type: usage, member_id: owner });
  const fields = await Promise.all(usages.map(read));
  return { ca, owner, usages: usages.map((usage, i) => ({ usage, fields: fields[i] })) };
}

/** What stands in a field before anybody types. */
function proposed(f: Field, usage: Usage): string {
  if (f.default_value) return f.default_value;
  if (f.id === "C") return "JP";
  return usage === "AUTHENTICATION" && (f.id === "CN" || f.id === "subjectAltName") ? location.hostname : "";
}

/** What a person must say: the rest follows from what is known. */
function open(f: Field): boolean {
  return f.required && (!f.read_only || !f.default_value);
}

function FieldsForm(p: { of: Asked; made: () => Promise<void> }) {
  const { ca, owner, usages } = p.of;
  const all = usages.flatMap(({ usage, fields }) => fields.map((f) => ({ ...f, usage, name: `${usage}.${f.id}` })));
  const form = useForm(Object.fromEntries(all.map((f) => [f.name, proposed(f, f.usage)])) as Record<string, string>, async (v) => {
    for (const { usage, fields } of usages)
      await post("tokens/0/keys-with-csrs", {
        key_label: usage === "SIGNING" ? "signing" : "authentication",
        csr_generate_request: {
          key_usage_type: usage,
          ca_name: ca,
          csr_format: "PEM",
          member_id: owner,
          subject_field_values: Object.fromEntries(fields.map((f) => [f.id, v[`${usage}.${f.id}`] ?? ""])),
        },
      });
    toast(say("csrMade"));
    await p.made();
  });
  return (
    <Form form={form} submit={say("csrMake")} progress={say("csrMaking")}>
      {all.filter(open).map((f) => (
        <TextField
          key={f.name}
          form={form}
          name={f.name}
          required
          label={`${say.of("usage", f.usage)}: ${say.of("field", f.id) ?? f.id}`}
        />
      ))}
    </Form>
  );
}

function Choice(p: { list: Authority[]; usages: Usage[]; made: () => Promise<void> }) {
  const form = useForm({ ca: p.list[0]?.name ?? "" }, async () => undefined);
  const { ca } = form.values;
  const fields = useLoad(() => readFields(ca, p.usages), [ca, p.usages.join()]);
  if (!p.list.length) return <p>{say("noCa")}</p>;
  return (
    <Card title={say("csr")}>
      {p.list.length > 1 ? <Radios form={form} name="ca" label={say("ca")} choices={p.list.map((x) => ({ value: x.name, text: x.name }))} /> : null}
      <Pairs>
        <PairOf name={say("ca")}>{ca}</PairOf>
      </Pairs>
      <Load of={fields}>{(of) => <FieldsForm key={of.ca} of={of} made={p.made} />}</Load>
    </Card>
  );
}

/** The files for whoever issues the certificates. */
function Files(p: { keys: Loaded<Keys> }) {
  return (
    <Load of={p.keys}>
      {({ requests }) =>
        requests.length ? (
          <Card title={say("csrFiles")}>
            <p>{say("csrFilesText")}</p>
            <div class="actions">
              {requests.map((r) => (
                <ButtonLink key={r.id} kind="solid" download href={address(path`keys/${r.key}/csrs/${r.id}`, { csr_format: "PEM" })}>
                  {say("csrSave", { usage: say.of("usage", r.usage) ?? r.usage })}
                </ButtonLink>
              ))}
            </div>
          </Card>
        ) : null
      }
    </Load>
  );
}

export function Requests(p: Part) {
  const usages = missing(p);
  const list = useLoad(() => get<Authority[]>("certificate-authorities", { key_usage_type: "SIGNING" }));
  const keys = useLoad(readKeys, [usages.join()]);
  const ready = isOk(p.of, "INITIAL_SETUP", "identity") && isOk(p.of, "INITIAL_SETUP", "token");
  return (
    <>
      {usages.length && !ready ? <p>{say("needInitial")}</p> : null}
      {usages.length && ready ? (
        <Load of={list}>{(all) => <Choice list={all} usages={usages} made={p.wizard.of.reload} />}</Load>
      ) : null}
      <Files keys={keys} />
      <Findings of={stepOf(p.of, "CSR")} />
    </>
  );
}
