// What waits for the next start of the service, and asking for it.
import { useState } from "preact/hooks";
import { post } from "../../lib/api";
import { isBack } from "../../lib/back";
import { number } from "../../lib/format";
import { hasRole } from "../../lib/session";
import { Banner, Button, confirm, Progress } from "../../ui";
import type { Parameters } from "./model";
import { say } from "./words";

type State = "here" | "waiting" | "back" | "gone";

function Ended(p: { state: State }) {
  if (p.state === "waiting") return <Progress text={say("restarting")} />;
  if (p.state === "gone") return <Banner kind="error" alert title={say("notBack")} />;
  return (
    <Banner kind="success" alert title={say("restarted")} actions={<Button onClick={() => location.reload()}>{say("signIn")}</Button>}>
      <p>{say("restartedText")}</p>
    </Banner>
  );
}

export function Restart(p: { of: Parameters }) {
  const [state, setState] = useState<State>("here");
  const waiting = p.of.parameters.filter((x) => x.next !== undefined);
  const restart = async () => {
    if (!(await confirm({ title: say("restartTitle"), text: <p>{say("restartText")}</p>, button: say("restart"), danger: true }))) return;
    await post("machilink/restart");
    setState("waiting");
    setState((await isBack()) ? "back" : "gone");
  };
  if (state !== "here") return <Ended state={state} />;
  if (p.of.problem)
    return (
      <Banner kind="error" title={say("problem")}>
        <p>{say("problemText")}</p>
        <p data-as-is>{p.of.problem}</p>
      </Banner>
    );
  if (!p.of.restart_due) return null;
  const button = hasRole("XROAD_SYSTEM_ADMINISTRATOR") ? (
    <Button kind="solid" id="restart" action={restart}>
      {say("restart")}
    </Button>
  ) : null;
  return (
    <Banner kind="warning" title={say("due", { n: number(waiting.length) })} actions={button}>
      <p>{say("dueText")}</p>
    </Banner>
  );
}
