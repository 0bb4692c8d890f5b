// What the reader asks: period, side, by service or by consumer.
import { useEffect } from "preact/hooks";
import { objection } from "../../lib/refusal";
import { go } from "../../lib/route";
import { Button, Chip, Form, Select, TextField, useForm } from "../../ui";
import { addressOf, type Asked, daysAgo, daysOf, type Side, sides } from "./usage";
import { say } from "./words";

const presets = [
  ["today", 1],
  ["week", 7],
  ["month", 30],
  ["quarter", 90],
  ["year", 365],
] as const;

/** Other questions have other addresses: the browser's "back" works. */
export function ask(a: Asked): void {
  go("usage", [], addressOf(a));
}

function Presets(p: { asked: Asked }) {
  const now = p.asked.to === daysAgo(0) ? daysOf(p.asked) : 0;
  return (
    <div class="actions" role="group" aria-label={say("presets")}>
      {presets.map(([name, days]) => (
        <Button key={name} small pressed={now === days} onClick={() => ask({ ...p.asked, from: daysAgo(days - 1), to: daysAgo(0), step: "" })}>
          {say.of("preset", name)}
        </Button>
      ))}
    </div>
  );
}

export function Question(p: { asked: Asked; side: Side }) {
  const shown = { ...p.asked, side: p.side };
  const form = useForm(shown, async (v) => {
    if (v.from > v.to) throw objection("to", say("backwards"));
    if (v.step === "hour" && daysOf(v) > 31) throw objection("step", say("hoursMany"));
    ask(v);
  });
  const at = JSON.stringify(shown);
  useEffect(() => form.setAll(shown), [at]);
  const choices = (values: string[], word: (value: string) => string | undefined) => values.map((value) => ({ value, text: word(value) ?? value }));
  return (
    <>
      <Presets asked={p.asked} />
      <Form form={form} submit={say("show")} label={say("question")} question>
        <div class="usage-question">
          <TextField form={form} name="from" type="date" label={say("from")} required />
          <TextField form={form} name="to" type="date" label={say("to")} required />
          <Select form={form} name="side" label={say("side")} choices={choices(sides, (x) => say.of("side", x))} />
          <Select form={form} name="by" label={say("by")} choices={choices(["service", "consumer", "pair"], (x) => say.of("by", x))} />
          <Select form={form} name="step" label={say("step")} choices={choices(["hour", "day", "month"], (x) => say.of("step", x))} none={say("stepAuto")} />
        </div>
      </Form>
      {p.asked.service || p.asked.consumer ? (
        <p class="usage-only">
          {say("only")} {p.asked.service ? <Chip>{p.asked.service}</Chip> : null} {p.asked.consumer ? <Chip>{p.asked.consumer}</Chip> : null}{" "}
          <Button small onClick={() => ask({ ...p.asked, service: "", consumer: "", by: "service" })}>
            {say("onlyClear")}
          </Button>
        </p>
      ) : null}
    </>
  );
}
