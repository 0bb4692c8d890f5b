// A token: where keys are kept. Unlocked with a PIN, it signs.
import { useState } from "preact/hooks";
import { patch, path, put, remove } from "../../lib/api";
import { href } from "../../lib/route";
import { may } from "../../lib/session";
import type { Token } from "../../parts/server/types";
import { Banner, Button, ButtonLink, confirm, Dialog, Empty, Form, Light, Section, TextField, toast, useForm } from "../../ui";
import { KeyCard } from "./key";
import { say } from "./words";

interface DialogProps {
  of: Token;
  close: () => void;
  done: () => void;
}

function Login(p: DialogProps) {
  const form = useForm({ password: "" }, (v) => put(path`tokens/${p.of.id}/login`, v));
  return (
    <Dialog title={say("loginTitle", { name: p.of.name })} onClose={p.close}>
      <Form form={form} submit={say("login")} cancel={p.close} done={p.done}>
        <TextField form={form} name="password" label="PIN" hint={say("pinHint")} type="password" required />
      </Form>
    </Dialog>
  );
}

function Pin(p: DialogProps) {
  const form = useForm({ old_pin: "", new_pin: "", again: "" }, async (v) => {
    await put(path`tokens/${p.of.id}/pin`, { old_pin: v.old_pin, new_pin: v.new_pin });
  });
  const same = form.values.new_pin === form.values.again;
  return (
    <Dialog title={say("pinTitle", { name: p.of.name })} onClose={p.close}>
      <Form form={form} submit={say("pinChange")} cancel={p.close} done={p.done}>
        <TextField form={form} name="old_pin" label={say("oldPin")} type="password" required />
        <TextField form={form} name="new_pin" label={say("newPin")} hint={say("newPinHint")} type="password" required />
        <TextField
          form={form}
          name="again"
          label={say("again")}
          hint={form.values.again && !same ? say("notSame") : undefined}
          type="password"
          pattern={form.values.new_pin.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")}
          required
        />
      </Form>
    </Dialog>
  );
}

function Name(p: DialogProps) {
  const form = useForm({ name: p.of.name }, (v) => patch(path`tokens/${p.of.id}`, v));
  return (
    <Dialog title={say("nameTitle")} onClose={p.close}>
      <Form form={form} submit={say("save")} cancel={p.close} done={p.done}>
        <TextField form={form} name="name" label={say("newName")} maxLength={255} required />
      </Form>
    </Dialog>
  );
}

const dialogs = { login: Login, pin: Pin, name: Name };
type Open = keyof typeof dialogs;

function Acts(p: { of: Token; reload: () => Promise<void> }) {
  const t = p.of;
  const [open, setOpen] = useState<Open>();
  const can = (act: string, permission: string) => t.possible_actions.includes(act) && may(permission);
  const logout = async () => {
    if (!(await confirm({ title: say("logout"), text: say("logoutText", { name: t.name }), button: say("logout"), danger: true }))) return;
    await put(path`tokens/${t.id}/logout`);
    await p.reload();
  };
  const drop = async () => {
    if (!(await confirm({ title: say("tokenDrop"), text: say("tokenDropText", { name: t.name }), button: say("doDelete"), danger: true, typeName: t.name }))) return;
    await remove(path`tokens/${t.id}`);
    await p.reload();
  };
  const done = () => {
    setOpen(undefined);
    toast(say("saved"));
    void p.reload();
  };
  const Opened = open && dialogs[open];
  return (
    <>
      {can("LOGIN", "ACTIVATE_DEACTIVATE_TOKEN") ? (
        <Button kind="solid" onClick={() => setOpen("login")}>
          {say("login")}
        </Button>
      ) : null}
      {can("GENERATE_KEY", "GENERATE_KEY") ? <ButtonLink href={href("keys", ["new", t.id])}>{say("newKey")}</ButtonLink> : null}
      {can("TOKEN_CHANGE_PIN", "UPDATE_TOKEN_PIN") ? <Button onClick={() => setOpen("pin")}>{say("pinChange")}</Button> : null}
      {can("EDIT_FRIENDLY_NAME", "EDIT_TOKEN_FRIENDLY_NAME") ? <Button onClick={() => setOpen("name")}>{say("rename")}</Button> : null}
      {can("LOGOUT", "ACTIVATE_DEACTIVATE_TOKEN") ? (
        <Button danger action={logout}>
          {say("logout")}
        </Button>
      ) : null}
      {can("DELETE", "DELETE_TOKEN") ? (
        <Button danger action={drop}>
          {say("doDelete")}
        </Button>
      ) : null}
      {Opened ? <Opened of={t} close={() => setOpen(undefined)} done={done} /> : null}
    </>
  );
}

export function TokenSection(p: { of: Token; reload: () => Promise<void> }) {
  const t = p.of;
  const state = !t.available ? "absent" : t.logged_in ? "open" : "closed";
  return (
    <Section title={say("tokenTitle", { name: t.name })} actions={<Acts of={t} reload={p.reload} />}>
      <p>
        <Light state={t.logged_in && t.available ? "good" : "bad"}>{say.of("token", state)}</Light>{" "}
        <span class="soft">{say(t.type === "SOFTWARE" ? "software" : "hardware")}</span>
      </p>
      {state === "closed" ? (
        <Banner kind="warning" title={say("closedTitle")}>
          <p>{say("closedText")}</p>
        </Banner>
      ) : null}
      {t.keys.length ? (
        t.keys.map((k) => <KeyCard key={k.id} of={k} token={t} reload={p.reload} />)
      ) : (
        <Empty>
          <p>{say("noKeys")}</p>
        </Empty>
      )}
    </Section>
  );
}
