// The last exchanges, with their evidence to download or verify in place.
import { useState } from "preact/hooks";
import { address, get, path, post, type Refused } from "../../lib/api";
import { asRefused, useLoad } from "../../lib/load";
import { refusalText } from "../../lib/refusal";
import { Button, ButtonLink, Chip, type Column, DateTime, Id, LoadedTable, PageHeader } from "../../ui";
import { say } from "./words";

interface Exchange {
  id: number;
  time: number;
  query_id: string;
  response: boolean;
  rest: boolean;
  client: string;
  service: string;
  stamped: boolean;
}
interface Verdict {
  verdict: "valid" | "invalid";
  reason?: string;
  sender?: string;
  signing_certificate?: string;
  time_stamp?: number;
}

/** "CN=…" of a distinguished name, or all of it. */
function commonName(name: string): string {
  return /(?:^|,)CN=((?:\\.|[^,\\])+)/.exec(name)?.[1] ?? name;
}

const direction = (x: Exchange) => say(x.response ? "response" : "request");

function VerdictLines(p: { of: Verdict }) {
  const v = p.of;
  return (
    <>
      <strong class={v.verdict === "valid" ? "good" : "bad"}>{say.of("verdict", v.verdict)}</strong>
      {v.reason ? <span class="line">{say("why", { text: v.reason })}</span> : null}
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

function Evidence(p: { of: Exchange }) {
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

function columns(): Column<Exchange>[] {
  return [
    { key: "time", head: say("time"), cell: (x) => <DateTime at={x.time} />, sort: (x) => x.time },
    {
      key: "message",
      head: say("message"),
      name: true,
      text: (x) => x.query_id,
      cell: (x) => (
        <>
          <Id>{x.query_id}</Id>
          <span class="line soft">
            {x.rest ? "REST" : "SOAP"} {direction(x)}
          </span>
        </>
      ),
    },
    {
      key: "parties",
      head: say("parties"),
      text: (x) => `${x.client} ${x.service}`,
      cell: (x) => (
        <>
          <Id>{x.client}</Id>
          <span class="line">
            → <Id>{x.service}</Id>
          </span>
        </>
      ),
    },
    {
      key: "state",
      head: say("state"),
      cell: (x) => (
        <div class="chips">
          <Chip state="good">{say("signed")}</Chip>
          <Chip state={x.stamped ? "good" : "wait"}>{say(x.stamped ? "stamped" : "notStamped")}</Chip>
        </div>
      ),
    },
    { key: "evidence", head: say("evidence"), cell: (x) => <Evidence of={x} /> },
  ];
}

export default function Log() {
  const list = useLoad(async () => (await get<{ exchanges: Exchange[] }>("machilink/exchanges", { limit: 50 })).exchanges);
  return (
    <>
      <PageHeader
        title={say("title")}
        lead={<p>{say("lead")}</p>}
        help="log"
        actions={<Button action={list.reload}>{say("refresh")}</Button>}
      />
      <LoadedTable of={list} caption={say("title")} columns={columns()} id={(x) => String(x.id)} empty={<p>{say("none")}</p>} />
    </>
  );
}
