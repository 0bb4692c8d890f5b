// The sign-in form, and the same in a dialog when a session has ended: what
// was typed on the page below stays.
import { useEffect, useRef, useState } from "preact/hooks";
import { Refused } from "../lib/api";
import { asRefused } from "../lib/load";
import { refusalText } from "../lib/refusal";
import { arrive } from "../lib/route";
import { signIn, signOut, user } from "../lib/session";
import { Button, Dialog, TextField, useForm } from "../ui";
import { say } from "./words";

function trouble(r: Refused): string {
  const known = say.of("refused", r.code);
  return known ?? (r.status === 401 ? say("wrong") : r.status === 429 ? say("wait") : refusalText(r));
}

/** asked: the account has a second factor, whose code is asked for next. */
function useSignIn(as?: string) {
  const [refused, setRefused] = useState<Refused>();
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const form = useForm({ name: as ?? "", password: "", code: "" }, async () => undefined);
  const send = async () => {
    const { name, password, code } = form.values;
    setBusy(true);
    setRefused(undefined);
    try {
      if (!as) arrive();
      await signIn(name, password, asked ? code : "");
    } catch (problem) {
      const r = asRefused(problem);
      if (r.code === "second_factor_needed" && !asked) setAsked(true);
      else setRefused(r);
      form.set(r.code.startsWith("second_factor") ? "code" : "password", "");
    }
    setBusy(false);
  };
  return { form, send, refused, asked, busy };
}

function SignInForm(p: { as?: string; leave?: () => void }) {
  const { form, send, refused, asked, busy } = useSignIn(p.as);
  const box = useRef<HTMLFormElement>(null);
  const next = asked ? "code" : p.as || refused ? "password" : "name";
  useEffect(() => box.current?.querySelector<HTMLInputElement>(`[name=${next}]`)?.focus(), [next, refused]);
  const submit = (event: Event) => {
    event.preventDefault();
    if (!busy) void send();
  };
  return (
    <form class="form" ref={box} onSubmit={submit}>
      {refused ? (
        <p class="error" role="alert">
          <span aria-hidden="true">＊</span>
          {trouble(refused)}
        </p>
      ) : null}
      <TextField form={form} name="name" label={say("name")} autocomplete="username" required readOnly={Boolean(p.as) || asked} />
      <TextField form={form} name="password" type="password" label={say("password")} autocomplete="current-password" required />
      {asked ? (
        <TextField form={form} name="code" label={say("code")} hint={say("codeHint")} autocomplete="one-time-code" required />
      ) : null}
      <div class="actions">
        <Button kind="solid" type="submit" busy={busy}>
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
