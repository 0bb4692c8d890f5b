// Step 8: a signed exchange, for real, with the center's management services.
import { useState } from "preact/hooks";
import { post, type Refused } from "../../lib/api";
import { asRefused } from "../../lib/load";
import { number } from "../../lib/format";
import { href } from "../../lib/route";
import { Banner, Button, ButtonLink, Id, PairOf, Pairs, RefusedBanner } from "../../ui";
import { isPassed, stepOf } from "./model";
import { Findings } from "./parts";
import type { Part } from "./server";
import { say } from "./words";

interface Done {
  client_id: string;
  target_client_id: string;
  request_id: string;
  milliseconds: number;
}

function Shown(p: { of: Done }) {
  return (
    <Banner kind="success" alert title={say("exchanged")} actions={<ButtonLink href={href("log")}>{say("toLog")}</ButtonLink>}>
      <p>{say("exchangedText")}</p>
      <Pairs>
        <PairOf name={say("from")}>
          <Id>{p.of.client_id}</Id>
        </PairOf>
        <PairOf name={say("to")}>
          <Id>{p.of.target_client_id}</Id>
        </PairOf>
        <PairOf name={say("number")}>
          <code class="id" data-request>
            {p.of.request_id}
          </code>
        </PairOf>
        <PairOf name={say("time")}>{number(p.of.milliseconds)} ms</PairOf>
      </Pairs>
    </Banner>
  );
}

export function Exchange(p: Part) {
  const [done, setDone] = useState<Done>();
  const [refused, setRefused] = useState<Refused>();
  const go = async () => {
    setRefused(undefined);
    try {
      setDone(await post<Done>("machilink/setup/server/exchange", {}));
      await p.wizard.of.reload();
    } catch (problem) {
      setRefused(asRefused(problem));
    }
  };
  return (
    <>
      {done ? <Shown of={done} /> : null}
      {refused ? <RefusedBanner error={refused} /> : null}
      <div class="actions group">
        <Button kind={done ? "outline" : "solid"} action={go} id="exchange">
          {say(done ? "exchangeAgain" : "exchange")}
        </Button>
      </div>
      {done ? null : (
        <Findings
          of={stepOf(p.of, "CONNECTIVITY")}
          ask={() => p.wizard.ask("CONNECTIVITY")}
          byHand
          passed={isPassed(p.of, "CONNECTIVITY")}
        />
      )}
    </>
  );
}
