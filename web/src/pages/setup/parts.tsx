// What every step of the first run has: its findings, and the way on.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { dateTimeText, duration } from "../../lib/format";
import { href } from "../../lib/route";
import { machine } from "../../lib/session";
import { pick } from "../../lib/words";
import { Banner, Button, ButtonLink, Light, Progress, Section, Steps, type State } from "../../ui";
import { isPassed, pairOf, stepOf, type Check, type Finding, type Setup, type StepState } from "./model";
import { say } from "./words";

/** PASSED: not asked now, but good when it was. */
const lights: Record<Finding | "PASSED", State> = { OK: "good", PASSED: "good", TODO: "off", WAITING: "wait", FAIL: "bad", NOT_CHECKED: "off" };

/** Moments as people write them; the rest as it is. */
function aboutText(about: string): string {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(about) ? dateTimeText(Date.parse(about)) : about;
}

function Found(p: { of: Check; passed?: boolean }) {
  const { id, label, todo, about, error } = p.of;
  const state = p.passed && p.of.state === "NOT_CHECKED" ? "PASSED" : p.of.state;
  return (
    <li data-check={id} data-state={state}>
      <Light state={lights[state]}>{say.of("finding", state)}</Light> {pick(pairOf(label))}
      {about ? <span class="soft"> {aboutText(about)}</span> : null}
      {todo ? <span class="line soft">{pick(pairOf(todo))}</span> : null}
      {error ? <span class="line soft">{say("reason", { text: error.message, code: error.code })}</span> : null}
    </li>
  );
}

/** Asks once by itself as soon as nothing else is left to do. */
function useAsking(of: StepState, ask?: () => Promise<void>): boolean {
  const [asking, setAsking] = useState(false);
  const asked = useRef("");
  const due = of.checks.some((c) => c.state === "NOT_CHECKED") && of.checks.every((c) => c.state === "NOT_CHECKED" || c.state === "OK");
  useEffect(() => {
    if (!ask || !due || asked.current === of.id) return;
    asked.current = of.id;
    setAsking(true);
    void ask()
      .catch(() => undefined)
      .then(() => setAsking(false));
  }, [of.id, due]);
  return asking;
}

/** The findings of a step; ask: those that call others, by itself and again;
    passed: they were good before. */
export function Findings(p: { of: StepState; ask?: () => Promise<void>; byHand?: boolean; passed?: boolean }) {
  const silent = p.of.checks.some((c) => c.state === "NOT_CHECKED");
  const asking = useAsking(p.of, p.byHand ? undefined : p.ask);
  return (
    <Section
      title={say("findings")}
      actions={
        p.ask ? (
          <Button busy={asking} action={p.ask}>
            {say(silent && !p.passed ? "check" : "checkAgain")}
          </Button>
        ) : null
      }
    >
      {asking ? <Progress text={say("checking")} /> : null}
      <ul class="plain-list" data-step={p.of.id} data-state={p.of.state}>
        {p.of.checks.map((c) => (
          <Found key={c.id} of={c} passed={p.passed} />
        ))}
      </ul>
    </Section>
  );
}

/** Since when, ticking; stands still when all is done. */
function Elapsed(p: { of: Setup }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const { started_at, finished_at } = p.of.since;
  if (!started_at) return null;
  const until = finished_at ? Date.parse(finished_at) : now;
  return (
    <p class="soft" data-elapsed>
      {say(finished_at ? "took" : "elapsed", { time: duration(Math.max(1000, until - Date.parse(started_at))) })}
    </p>
  );
}

export interface StepView {
  id: string;
  title: string;
  /** One sentence: what for. */
  lead: string;
  view: ComponentChildren;
}

/** The first that is not done. */
function firstOpen(of: Setup, steps: StepView[], skip: (id: string) => boolean): number {
  const at = steps.findIndex((s) => !isPassed(of, s.id) && !skip(s.id));
  return at < 0 ? steps.length - 1 : at;
}

export function Walk(p: { label: string; of: Setup; steps: StepView[]; rest: string[]; skip?: (id: string) => boolean }) {
  const asked = p.steps.findIndex((s) => s.id === p.rest[0]);
  // stays when it is done: the reader goes on, not the page
  const [at] = useState(() => (asked < 0 ? firstOpen(p.of, p.steps, p.skip ?? (() => false)) : asked));
  const now = p.steps[at];
  const waits = (id: string) => !isPassed(p.of, id) && ((p.skip?.(id) ?? false) || stepOf(p.of, id).state === "WAITING");
  const passed = isPassed(p.of, now.id) || waits(now.id);
  const whole = p.steps.every((s) => isPassed(p.of, s.id));
  return (
    <>
      <Elapsed of={p.of} />
      {whole ? <Whole /> : null}
      <Steps
        label={p.label}
        steps={p.steps.map((s, i) => ({
          title: s.title,
          state: i === at ? "now" : isPassed(p.of, s.id) ? "done" : waits(s.id) ? "wait" : "next",
          href: href("setup", [s.id]),
        }))}
      />
      <Section title={say("stepTitle", { n: at + 1, title: now.title })}>
        <p>{now.lead}</p>
        <div data-open={now.id}>{now.view}</div>
        <div class="actions end">
          {at > 0 ? <ButtonLink href={href("setup", [p.steps[at - 1].id])}>{say("back")}</ButtonLink> : null}
          {at + 1 < p.steps.length ? (
            <ButtonLink kind={passed ? "solid" : "outline"} href={href("setup", [p.steps[at + 1].id])}>
              {say(passed ? "onward" : "later")}
            </ButtonLink>
          ) : null}
        </div>
      </Section>
    </>
  );
}

function Whole() {
  return (
    <Banner
      kind="success"
      title={say("whole")}
      actions={
        <>
          <ButtonLink href={href("home")}>{say("toHome")}</ButtonLink>
          {machine.value.has("security-server") ? <ButtonLink href={href("clients", ["add"])}>{say("toClients")}</ButtonLink> : null}
        </>
      }
    >
      <p>{say(machine.value.has("security-server") ? "wholeServer" : "wholeText")}</p>
    </Banner>
  );
}
