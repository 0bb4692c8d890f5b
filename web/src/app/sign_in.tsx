// The sign-in form, and the same in a dialog when a session has ended: what
// was typed on the page below stays.
import { useEffect, useRef, useState } from "preact/hooks";
import { Refused } from "../lib/api";
import { arrive } from "../lib/route";
import { refusalText } from "../lib/refusal";
import { signIn, signOut, user } from "../lib/session";
import { Button, Dialog, TextField, useForm } from "../ui";
import { say } from "./words";

function trouble(r: Refused): string {
  if (r.status === 401) return say("wrong");
  if (r.status === 429) return say("wait");
  return refusalText(r);
}

function SignInForm(p: { as?: string; leave?: () => void }) {
  const [refused, setRefused] = useState<Refused>();
  const box = useRef<HTMLFormElement>(null);
  const form = useForm({ name: p.as ?? "", password: "" }, (v) => signIn(v.name, v.password));
  const submit = async (event: Event) => {
    event.preventDefault();
    if (form.busy) return;
    setRefused(undefined);
    try {
      if (!p.as) arrive();
      await signIn(form.values.name, form.values.password);
    } catch (problem) {
      setRefused(problem instanceof Refused ? problem : new Refused(0, "", ""));
      const field = box.current?.querySelector<HTMLInputElement>("[name=password]");
      field?.focus();
      field?.select();
    }
  };
  useEffect(() => {
    box.current?.querySelector<HTMLInputElement>(p.as ? "[name=password]" : "[name=name]")?.focus();
  }, []);
  return (
    <form class="form" ref={box} onSubmit={submit}>
      {refused ? (
        <p class="error" role="alert">
          <span aria-hidden="true">＊</span>
          {trouble(refused)}
        </p>
      ) : null}
      <TextField form={form} name="name" label={say("name")} autocomplete="username" required readOnly={Boolean(p.as)} />
      <TextField form={form} name="password" type="password" label={say("password")} autocomplete="current-password" required />
      <div class="actions">
        <Button kind="solid" type="submit" busy={form.busy}>
          {say("signIn")}
        </Button>
        {p.leave ? <Button onClick={p.leave}>{say("leave")}</Button> : null}
      </div>
    </form>
  );
}

export function SignIn() {
  useEffect(() => {
    document.title = `${say("title")} – machilink`;
  });
  return (
    <div class="card sign-in">
      <h1>{say("title")}</h1>
      <SignInForm />
      <p class="hint">{say("accounts")}</p>
    </div>
  );
}

/** Over the page when a call found the session ended. */
export function SignInAgain() {
  return (
    <Dialog title={say("expiredTitle")} onClose={() => void signOut()}>
      <p>{say("expired")}</p>
      <SignInForm as={user.value?.username} leave={() => void signOut()} />
    </Dialog>
  );
}
