// The evidence of a record: to download, to verify in place.
import { useState } from "preact/hooks";
import { address, path, post, type Refused } from "../../lib/api";
import { asRefused } from "../../lib/load";
import { refusalText } from "../../lib/refusal";
import { language } from "../../lib/words";
import { Button, ButtonLink, Chip, DateTime } from "../../ui";
import { say } from "./words";

/** A record of the message log. */
export interface Logged {
  id: number;
  time: number;
  query_id: string;
  response: boolean;
  rest: boolean;
  as_client: boolean;
  client: string;
  service: string;
  stamped: boolean;
  archived: boolean;
}
interface Verdict {
  verdict: "valid" | "invalid";
  reason?: string;
  reason_ja?: string;
  sender?: string;
  signing_certificate?: string;
  time_stamp?: number;
}

/** "CN=…" of a distinguished name, or all of it. */
function commonName(name: string): string {
  return /(?:^|,)CN=((?:\\.|[^,\\])+)/.exec(name)?.[1] ?? name;
}

export const direction = (x: Logged) => say(x.response ? "response" : "request");

function VerdictLines(p: { of: Verdict }) {
  const v = p.of;
  const good = v.verdict === "valid";
  const why = (language.value === "ja" && v.reason_ja) || v.reason;
  return (
    <>
      <strong class={good ? "good" : "bad"}>{say.of("verdict", v.verdict)}</strong>
      <span class="line">{say(good ? "meaning" : "meaningBad")}</span>
      {why ? <span class="line">{say("why", { text: why })}</span> : null}
      {v.sender ? <span class="line">{say("sender", { text: v.sender })}</span> : null}
      {v.signing_certificate ? <span class="line">{say("signer", { text: commonName(v.signing_certificate) })}</span> : null}
      {v.time_stamp ? (
        <span class="line">
          {say("stampedAt")}
          <DateTime at={v.time_stamp} />
        </span>
      ) : null}
    </>
  );
}

export function Evidence(p: { of: Logged }) {
  const [verdict, setVerdict] = useState<Verdict>();
  const [refused, setRefused] = useState<Refused>();
  const [busy, setBusy] = useState(false);
  const name = `${p.of.query_id} ${direction(p.of)}`;
  const verify = async () => {
    setBusy(true);
    setRefused(undefined);
    setVerdict(undefined);
    try {
      setVerdict(await post<Verdict>(path`machilink/exchanges/${p.of.id}/verification`));
    } catch (problem) {
      setRefused(asRefused(problem));
    }
    setBusy(false);
  };
  return (
    <>
      <div class="actions">
        <ButtonLink small download href={address(path`machilink/exchanges/${p.of.id}/container`)} label={`${say("download")}: ${name}`}>
          {say("download")}
        </ButtonLink>
        {p.of.stamped ? (
          <Button small busy={busy} onClick={() => void verify()} label={`${say("verify")}: ${name}`}>
            {say("verify")}
          </Button>
        ) : null}
      </div>
      <div class="verdict" role="status" data-verdict={verdict?.verdict}>
        {busy ? say("verifying") : refused ? refusalText(refused) : verdict ? <VerdictLines of={verdict} /> : null}
      </div>
    </>
  );
}

export function RecordState(p: { of: Logged }) {
  return (
    <div class="chips">
      <Chip state="good">{say("signed")}</Chip>
      <Chip state={p.of.stamped ? "good" : "wait"}>{say(p.of.stamped ? "stamped" : "notStamped")}</Chip>
      {p.of.archived ? <Chip>{say("archived")}</Chip> : null}
    </div>
  );
}
