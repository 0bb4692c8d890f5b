// Whether the audit is as it was written.
import { get } from "../../lib/api";
import { number } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { Banner, Button, Copyable, Light, Load, Section } from "../../ui";
import { say } from "./words";

interface Chain {
  intact: boolean;
  rows: number;
  rows_before_chain: number;
  head: number;
  head_hash: string;
  first_broken?: number;
}

function Verdict(p: { of: Chain }) {
  const c = p.of;
  if (!c.intact)
    return (
      <Banner kind="error" title={say("brokenTitle", { n: number(c.first_broken ?? 0) })}>
        <p>{say("brokenText")}</p>
      </Banner>
    );
  return (
    <>
      <p>
        <Light state="good">{say("intact", { n: number(c.rows) })}</Light>
      </p>
      {c.rows_before_chain ? <p>{say("beforeChain", { n: number(c.rows_before_chain) })}</p> : null}
      {c.rows ? (
        <details>
          <summary>{say("head")}</summary>
          <p>{say("headText")}</p>
          <Copyable text={`${c.head}:${c.head_hash}`} label={say("head")} />
        </details>
      ) : null}
    </>
  );
}

export function ChainState() {
  const chain = useLoad(() => get<Chain>("machilink/audit/verification"));
  return (
    <Section title={say("chain")} actions={<Button action={chain.reload}>{say("verify")}</Button>}>
      <p>{say("chainLead")}</p>
      <Load of={chain}>{(c) => <Verdict of={c} />}</Load>
    </Section>
  );
}
