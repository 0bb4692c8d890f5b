// Step 4: the anchor, who this server is, the key store's PIN, time stamps. Each
// form is there until the service finds its matter good.
import { get, post, postBytes, put } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { Card, confirm, DateTime, FileField, Form, Load, PairOf, Pairs, Progress, Radios, TextField, toast, useForm } from "../../ui";
import { isOk, isPassed, stepOf } from "./model";
import { Findings } from "./parts";
import type { Part } from "./server";
import { say } from "./words";

const step = "INITIAL_SETUP";

interface Anchor {
  hash: string;
  created_at: string;
}

/** In pairs, as the center's page shows it: to be compared by eye. */
function pairs(hash: string): string {
  return hash.replace(/:/g, "").match(/../g)?.join(":") ?? hash;
}

function AnchorForm(p: Part) {
  const form = useForm({ file: null as File | null }, async (v) => {
    if (!v.file) return;
    const seen = await postBytes<Anchor>("system/anchor/previews", v.file, { validate_instance: false });
    const text = (
      <>
        <p>{say("anchorAsk")}</p>
        <Pairs>
          <PairOf name={say("anchorHash")}>
            <code class="id" data-hash>{pairs(seen.hash)}</code>
          </PairOf>
          <PairOf name={say("anchorMade")}>
            <DateTime at={seen.created_at} />
          </PairOf>
        </Pairs>
      </>
    );
    if (!(await confirm({ title: say("anchorTitle"), text, button: say("anchorTake") }))) return;
    await postBytes("system/anchor", v.file);
    toast(say("anchorTaken"));
    await p.wizard.of.reload();
  });
  return (
    <Card title={say("anchor")}>
      <Form form={form} submit={say("anchorLook")}>
        <FileField form={form} name="file" label={say("anchorFile")} hint={say("anchorHint")} accept=".xml,application/xml" required />
      </Form>
    </Card>
  );
}

const emptyPin = { software_token_pin: "", again: "" };

function IdentityForm(p: Part) {
  const note = p.of.since.note;
  const classes = useLoad(() => get<string[]>("member-classes", { current_instance: true }));
  const form = useForm(
    { owner_member_class: note.member_class ?? "", owner_member_code: note.member_code ?? "", security_server_code: note.server_code ?? "", ...emptyPin },
    async ({ again: _, ...v }, ignore_warnings) => {
      await post("initialization", { ...v, ignore_warnings });
      // the PIN is not asked for twice; where it cannot be used yet, TokenForm asks
      await put("tokens/0/login", { password: v.software_token_pin }).catch(() => undefined);
      toast(say("initialised"));
      await p.wizard.of.reload();
    },
  );
  const check = { ...form, send: async (ignore?: boolean) => {
    if (form.values.again === form.values.software_token_pin) return form.send(ignore);
    form.setErrors({ again: say("pinDiffers") });
    return false;
  } };
  return (
    <Card title={say("initial")}>
      <Form form={check} submit={say("initialise")} progress={say("initialising")}>
        <TextField form={form} name="owner_member_class" label={say("memberClass")} required list={classes.data ?? []} width={8} />
        <TextField form={form} name="owner_member_code" label={say("memberCode")} required width={20} />
        <TextField form={form} name="security_server_code" label={say("serverCode")} hint={say("serverCodeHint")} required width={20} />
        <TextField form={form} name="software_token_pin" type="password" autocomplete="new-password" label={say("pin")} hint={say("pinHint")} required />
        <TextField form={form} name="again" type="password" autocomplete="new-password" label={say("pinAgain")} required />
      </Form>
    </Card>
  );
}

function TokenForm(p: Part) {
  const form = useForm({ password: "" }, async (v) => {
    await put("tokens/0/login", v);
    await p.wizard.of.reload();
  });
  return (
    <Card title={say("token")}>
      <Form form={form} submit={say("unlock")}>
        <TextField form={form} name="password" type="password" label={say("pin")} required />
      </Form>
    </Card>
  );
}

interface Tsa {
  name: string;
  url: string;
  cost_type: string;
}

function TsaChoice(p: Part & { list: Tsa[] }) {
  const form = useForm({ name: p.list[0]?.name ?? "" }, async (v) => {
    await post("system/timestamping-services", p.list.find((t) => t.name === v.name));
    await p.wizard.ask(step);
    await p.wizard.of.reload();
  });
  if (!p.list.length) return <p>{say("noTsa")}</p>;
  return (
    <Form form={form} submit={say("tsaUse")}>
      <Radios form={form} name="name" label={say("tsaWhich")} choices={p.list.map((t) => ({ value: t.name, text: t.name, hint: t.url }))} required />
    </Form>
  );
}

function TsaForm(p: Part) {
  const list = useLoad(() => get<Tsa[]>("timestamping-services"));
  return (
    <Card title={say("tsa")}>
      <Load of={list}>{(all) => <TsaChoice {...p} list={all} />}</Load>
    </Card>
  );
}

/** The first thing that is not good yet. */
function Next(p: Part) {
  const ok = (check: string) => isOk(p.of, step, check);
  if (!ok("anchor")) return <AnchorForm {...p} />;
  if (!ok("globalconf")) return <Progress text={say("waitConf")} />;
  if (!ok("identity")) return <IdentityForm {...p} />;
  if (!ok("token")) return <TokenForm {...p} />;
  return ok("tsa_chosen") ? null : <TsaForm {...p} />;
}

export function Initial(p: Part) {
  // the clock is compared with the center's, which is known only now
  const ask = async () => {
    await p.wizard.ask(step);
    await p.wizard.ask("ENVIRONMENT");
  };
  return (
    <>
      <Next {...p} />
      <Findings of={stepOf(p.of, step)} ask={ask} passed={isPassed(p.of, step)} />
    </>
  );
}
