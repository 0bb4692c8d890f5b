// Changing one setting, for the next start of the service.
import { path, put, Refused, remove } from "../../lib/api";
import { objection } from "../../lib/refusal";
import { Button, Dialog, Form, Radios, TextField, toast, useForm } from "../../ui";
import { limits, meaning, type Parameter, shown } from "./model";
import { say } from "./words";

const at = (x: Parameter) => path`machilink/parameters/${x.section}/${x.key}`;

export function Edit(p: { of: Parameter; done: () => Promise<void>; close: () => void }) {
  const { of: x } = p;
  const finish = async (text: string) => {
    p.close();
    toast(text);
    await p.done();
  };
  const form = useForm({ value: x.next ?? x.value }, async (v) => {
    await put(at(x), { value: v.value.trim() }).catch((problem) => {
      const wrong = problem instanceof Refused && problem.status === 400;
      throw wrong ? objection("value", say("wrongValue", { limits: limits(x) })) : problem;
    });
    await finish(say("kept", { name: x.key }));
  });
  const back = async () => {
    await remove(at(x));
    await finish(say("takenBack", { name: x.key }));
  };
  const flags = ["true", "false"].map((value) => ({ value, text: shown(x, value) }));
  const hint = [say("defaultIs", { value: shown(x, x.default) }), limits(x)].filter(Boolean).join(say("comma"));
  return (
    <Dialog title={say("editTitle", { name: x.key })} onClose={p.close}>
      <p>{meaning(x)}</p>
      <Form form={form} submit={say("keep")} cancel={p.close}>
        {x.type === "flag" ? (
          <Radios form={form} name="value" label={say("newValue")} hint={hint} choices={flags} required />
        ) : x.type === "number" ? (
          <TextField form={form} name="value" type="number" min={x.low} max={x.high} label={say("newValue")} hint={hint} required />
        ) : (
          <TextField form={form} name="value" label={say("newValue")} hint={hint} required maxLength={200} />
        )}
      </Form>
      {x.changed_here ? (
        <p>
          <Button kind="text" action={back}>
            {say("takeBack")}
          </Button>
        </p>
      ) : null}
    </Dialog>
  );
}
