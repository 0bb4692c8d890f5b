// One's own password.
import { put } from "../../lib/api";
import { objection } from "../../lib/refusal";
import { open } from "../../lib/session";
import { Form, Section, TextField, toast, useForm } from "../../ui";
import { say } from "./words";

const empty = { old_password: "", new_password: "", again: "" };

export function Password(p: { shortest: number }) {
  const form = useForm(empty, async (v) => {
    if (v.new_password !== v.again) throw objection("again", say("notTheSame"));
    await put("machilink/me/password", { old_password: v.old_password, new_password: v.new_password });
  });
  const done = async () => {
    form.setAll(empty);
    toast(say("passwordDone"));
    await open();
  };
  return (
    <Section title={say("password")} id="password">
      <p>{say("passwordLead")}</p>
      <Form form={form} submit={say("passwordChange")} done={() => void done()}>
        <TextField form={form} name="old_password" type="password" label={say("oldPassword")} autocomplete="current-password" required />
        <TextField
          form={form}
          name="new_password"
          type="password"
          label={say("newPassword")}
          hint={say("passwordHint", { n: p.shortest })}
          minLength={p.shortest}
          autocomplete="new-password"
          required
        />
        <TextField form={form} name="again" type="password" label={say("again")} autocomplete="new-password" required />
      </Form>
    </Section>
  );
}
