// One user: name and roles, password, second factor, stop, delete.
import { useState } from "preact/hooks";
import { get, patch, path, put, remove } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { objection } from "../../lib/refusal";
import { roleChoices } from "../../lib/roles";
import { go, href } from "../../lib/route";
import { open, user as reader } from "../../lib/session";
import {
  Button,
  Checkboxes,
  confirm,
  DateTime,
  Dialog,
  Form,
  Light,
  Load,
  PageHeader,
  PairOf,
  Pairs,
  Section,
  TextField,
  toast,
  useForm,
} from "../../ui";
import { type User, type Users, whoText } from "./user";
import { say } from "./words";

const displayMax = 40;

function State(p: { of: User }) {
  const u = p.of;
  return (
    <Pairs>
      <PairOf name={say("state")}>
        <Light state={u.disabled ? "off" : u.password_change_due ? "wait" : "good"}>
          {say(u.disabled ? "disabled" : u.password_change_due ? "changeDue" : "enabled")}
        </Light>
      </PairOf>
      <PairOf name={say("lastSignIn")}>
        <DateTime at={u.last_sign_in_at}>{say("never")}</DateTime>
      </PairOf>
      <PairOf name={say("passwordChanged")}>
        <DateTime at={u.password_changed_at}>{say("never")}</DateTime>
      </PairOf>
      <PairOf name={say("created")}>
        <DateTime at={u.created_at}>{say("never")}</DateTime>
      </PairOf>
    </Pairs>
  );
}

/** What depends on one's own roles is read anew. */
const own = (u: User) => u.name === reader.value?.username;

function Roles(p: { of: User; done: () => void }) {
  const u = p.of;
  const form = useForm({ display_name: u.display_name, roles: u.roles }, async (v) => {
    if (!v.roles.length) throw objection("roles", say("rolesNone"));
    await patch(path`machilink/users/${u.name}`, v);
    if (own(u)) await open();
  });
  const done = () => {
    toast(say("saved", { name: u.name }));
    p.done();
  };
  return (
    <Section title={say("rolesTitle")}>
      <Form form={form} submit={say("save")} done={done}>
        <TextField form={form} name="display_name" label={say("displayName")} hint={say("displayHint")} maxLength={displayMax} />
        <Checkboxes form={form} name="roles" label={say("roles")} hint={say("rolesHint")} choices={roleChoices(u.roles)} required />
      </Form>
    </Section>
  );
}

function NewPassword(p: { of: User; shortest: number; close: () => void; done: () => void }) {
  const form = useForm({ password: "" }, (v) => put(path`machilink/users/${p.of.name}/password`, v));
  const done = () => {
    toast(say("passwordDone", { name: p.of.name }));
    p.done();
  };
  return (
    <Dialog title={say("passwordTitle", { name: p.of.name })} onClose={p.close}>
      <p>{say("passwordText")}</p>
      <Form form={form} submit={say("passwordSet")} cancel={p.close} done={done}>
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
      </Form>
    </Dialog>
  );
}

function Access(p: { of: User; shortest: number; done: () => void }) {
  const u = p.of;
  const [asked, ask] = useState(false);
  const drop = async () => {
    const text = say("factorText", { who: whoText(u) });
    if (!(await confirm({ title: say("factorDrop"), text, button: say("factorDropIt"), danger: true }))) return;
    await remove(path`machilink/users/${u.name}/second-factor`);
    toast(say("factorDropped", { name: u.name }));
    p.done();
  };
  return (
    <Section title={say("access")}>
      <p>{say("accessLead")}</p>
      <p>
        {say("factor")}: <Light state={u.second_factor ? "good" : "off"}>{say(u.second_factor ? "factorOn" : "factorOff")}</Light>
      </p>
      <div class="actions">
        <Button onClick={() => ask(true)}>{say("passwordNew")}</Button>
        {u.second_factor ? <Button action={drop}>{say("factorDrop")}</Button> : null}
      </div>
      {asked ? (
        <NewPassword
          of={u}
          shortest={p.shortest}
          close={() => ask(false)}
          done={() => {
            ask(false);
            p.done();
          }}
        />
      ) : null}
    </Section>
  );
}

function Ending(p: { of: User; done: () => void }) {
  const u = p.of;
  const disable = async () => {
    const text = say("disableText", { who: whoText(u) });
    if (!u.disabled && !(await confirm({ title: say("disable"), text, button: say("disableIt"), danger: true }))) return;
    await patch(path`machilink/users/${u.name}`, { disabled: !u.disabled });
    toast(say(u.disabled ? "enabledDone" : "disabledDone", { name: u.name }));
    p.done();
  };
  const drop = async () => {
    const text = say("removeText", { who: whoText(u) });
    if (!(await confirm({ title: say("remove"), text, button: say("removeIt"), danger: true, typeName: u.name }))) return;
    await remove(path`machilink/users/${u.name}`);
    toast(say("removed", { name: u.name }));
    go("users");
  };
  return (
    <Section title={say("ending")}>
      <p>{say(own(u) ? "endingOwn" : "endingLead")}</p>
      {own(u) ? null : (
        <div class="actions">
          <Button danger={!u.disabled} action={disable}>
            {say(u.disabled ? "enable" : "disable")}
          </Button>
          <Button danger action={drop}>
            {say("remove")}
          </Button>
        </div>
      )}
    </Section>
  );
}

export function One(p: { name: string }) {
  const loaded = useLoad(async () => {
    const [user, all] = await Promise.all([get<User>(path`machilink/users/${p.name}`), get<Users>("machilink/users")]);
    return { user, shortest: all.password_policy.min_length };
  }, [p.name]);
  const done = () => void loaded.reload();
  return (
    <>
      <PageHeader title={say("oneTitle", { name: p.name })} lead={<p>{say("oneLead")}</p>} help="accounts" above={[[say("title"), href("users")]]} />
      <Load of={loaded}>
        {({ user, shortest }) => (
          <>
            <State of={user} />
            <Roles of={user} done={done} />
            {own(user) ? null : <Access of={user} shortest={shortest} done={done} />}
            <Ending of={user} done={done} />
          </>
        )}
      </Load>
    </>
  );
}
