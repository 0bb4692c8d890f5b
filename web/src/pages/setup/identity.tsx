// Step 1: which member this is; a town's code is enough.
import { memberCode } from "../../lib/publicid";
import { Banner, Copyable, Form, PairOf, Pairs, TextField, useForm } from "../../ui";
import { isOk, stepOf } from "./model";
import { Findings } from "./parts";
import type { Part } from "./server";
import { say } from "./words";

function Told(p: Part) {
  const { member_class = "", member_code = "", member_name = "" } = p.of.since.note;
  if (!member_code || isOk(p.of, "MEMBER_CODE", "member_known")) return null;
  return (
    <div class="group">
      <Banner kind="info" title={say("askCenter")}>
        <p>{say("askCenterText")}</p>
        <Copyable label={say("askLabel")} text={say("askBody", { cls: member_class, code: member_code, name: member_name })} />
      </Banner>
    </div>
  );
}

export function Identity(p: Part) {
  const note = p.of.since.note;
  const done = isOk(p.of, "INITIAL_SETUP", "identity");
  const form = useForm(
    { typed: note.member_code ?? "", member_class: note.member_class ?? "GOV", member_name: note.member_name ?? "", server_code: note.server_code ?? "ss1" },
    async (v) => {
      const { code } = memberCode(v.typed);
      await p.wizard.note({ member_class: v.member_class.trim(), member_code: code, member_name: v.member_name.trim(), server_code: v.server_code.trim() });
    },
  );
  const derived = memberCode(form.values.typed);
  return (
    <>
      {done ? (
        <p>{say("identityDone")}</p>
      ) : (
        <Form form={form} submit={say("keep")}>
          <TextField form={form} name="typed" label={say("code")} hint={say("codeHint")} required maxLength={60} width={20} />
          {derived.code ? (
            <div role="status">
              <Pairs>
                <PairOf name={say("memberCode")}>
                  <code data-code>{derived.code}</code> {say.of("kind", derived.kind)}
                </PairOf>
              </Pairs>
              {derived.good ? null : <p class="advice">{say("digit")}</p>}
            </div>
          ) : null}
          <TextField form={form} name="member_name" label={say("memberName")} hint={say("memberNameHint")} required maxLength={255} />
          <TextField form={form} name="member_class" label={say("memberClass")} hint={say("memberClassHint")} required width={8} list={["GOV", "COM", "ORG"]} />
          <TextField form={form} name="server_code" label={say("serverCode")} hint={say("serverCodeHint")} required width={20} pattern="[A-Za-z0-9_.\-]+" />
        </Form>
      )}
      <Told {...p} />
      <Findings of={stepOf(p.of, "MEMBER_CODE")} />
    </>
  );
}
