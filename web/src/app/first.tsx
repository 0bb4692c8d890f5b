// The very first page: whoever can read what the service printed makes the
// first administrator, and goes on with the set-up. Afterwards it is gone.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { get, post } from "../lib/api";
import { useLoad } from "../lib/load";
import { go } from "../lib/route";
import { signIn } from "../lib/session";
import { Form, Progress, TextField, useForm } from "../ui";
import { say } from "./words";

interface Open {
  open: boolean;
  password_policy: { min_length: number };
}

function FirstForm(p: { least: number }) {
  const empty = { token: "", name: "", display_name: "", password: "", again: "" };
  const form = useForm(empty, async ({ again: _, ...v }) => {
    const token = v.token.trim();
    await post("machilink/setup", { ...v, token });
    go("setup");
    await signIn(v.name, v.password);
  });
  const check = {
    ...form,
    send: async (ignore?: boolean) => {
      if (form.values.again === form.values.password) return form.send(ignore);
      form.setErrors({ again: say("firstDiffers") });
      return false;
    },
  };
  return (
    <Form form={check} submit={say("firstMake")}>
      <TextField form={form} name="token" label={say("firstToken")} hint={say("firstTokenHint")} required />
      <TextField form={form} name="name" label={say("name")} hint={say("firstNameHint")} autocomplete="username" required maxLength={63} />
      <TextField form={form} name="display_name" label={say("firstDisplay")} maxLength={127} />
      <TextField form={form} name="password" type="password" label={say("password")} hint={say("firstPasswordHint", { n: p.least })} autocomplete="new-password" minLength={p.least} required />
      <TextField form={form} name="again" type="password" label={say("firstAgain")} autocomplete="new-password" required />
    </Form>
  );
}

function First(p: { least: number }) {
  useEffect(() => {
    document.title = `${say("firstTitle")} – machilink`;
  });
  return (
    <div class="card sign-in">
      <h1>{say("firstTitle")}</h1>
      <p>{say("first")}</p>
      <FirstForm least={p.least} />
    </div>
  );
}

/** The first administrator's form while there is nobody; else the children. */
export function FirstOr(p: { children: ComponentChildren }) {
  const asked = useLoad(() => get<Open>("machilink/setup"));
  if (!asked.data && asked.loading) return <Progress />;
  return asked.data?.open ? <First least={asked.data.password_policy.min_length} /> : <>{p.children}</>;
}
