// A new user.
import { post } from "../../lib/api";
import { objection } from "../../lib/refusal";
import { roleChoices } from "../../lib/roles";
import { Checkboxes, Dialog, Form, TextField, toast, useForm } from "../../ui";
import type { User } from "./user";
import { say } from "./words";

const longest = { name: 63, display: 40 };

export function Add(p: { shortest: number; close: () => void; done: () => void }) {
  const form = useForm({ name: "", display_name: "", password: "", roles: [] as string[] }, async (v) => {
    if (!v.roles.length) throw objection("roles", say("rolesNone"));
    await post<User>("machilink/users", { ...v, password_change_due: true });
  });
  const done = () => {
    toast(say("added", { name: form.values.name }));
    p.done();
  };
  return (
    <Dialog title={say("addTitle")} onClose={p.close}>
      <Form form={form} submit={say("add")} cancel={p.close} done={done}>
        <TextField form={form} name="name" label={say("name")} hint={say("nameHint")} pattern="[^:]*[^: ]" maxLength={longest.name} required />
        <TextField form={form} name="display_name" label={say("displayName")} hint={say("displayHint")} maxLength={longest.display} />
        <TextField
          form={form}
          name="password"
          type="password"
          label={say("firstPassword")}
          hint={say("firstHint", { n: p.shortest })}
          minLength={p.shortest}
          autocomplete="new-password"
          required
        />
        <Checkboxes form={form} name="roles" label={say("roles")} hint={say("rolesHint")} choices={roleChoices()} required />
      </Form>
    </Dialog>
  );
}
