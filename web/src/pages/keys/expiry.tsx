// Every certificate that this machine depends on, and how long it holds.
import { get } from "../../lib/api";
import { number } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { href } from "../../lib/route";
import { type Column, DateTime, Light, LoadedTable } from "../../ui";
import { say } from "./words";

interface Row {
  kind: string;
  subject: string;
  hash: string;
  not_after: string;
  days_left: number;
  warning: boolean;
}

/** The name that people know: CN of a distinguished name. */
function common(subject: string): string {
  return /(?:^|,)CN=((?:\\.|[^,])*)/.exec(subject)?.[1] ?? subject;
}

const kind = (r: Row) => say.of("kind", r.kind) ?? r.kind;
const own = ["signing", "authentication"];

function name(r: Row) {
  const text = common(r.subject);
  if (own.includes(r.kind)) return <a href={href("keys", ["certificate", r.hash])}>{text}</a>;
  if (r.kind === "internal_tls") return <a href={href("tls")}>{text}</a>;
  return text;
}

function left(r: Row): string {
  return r.days_left < 0 ? say("ended") : say("daysLeft", { n: number(r.days_left) });
}

const columns = (): Column<Row>[] => [
  { key: "kind", head: say("use"), name: true, text: kind, sort: kind },
  { key: "name", head: say("certName"), text: (r) => common(r.subject), sort: (r) => common(r.subject), cell: name },
  { key: "end", head: say("end"), sort: (r) => r.not_after, cell: (r) => <DateTime at={r.not_after} only="date" /> },
  {
    key: "left",
    head: say("left"),
    sort: (r) => r.days_left,
    text: left,
    cell: (r) => <Light state={r.days_left < 0 ? "bad" : r.warning ? "wait" : "good"}>{left(r)}</Light>,
  },
];

export function Expiry() {
  const list = useLoad(() => get<Row[]>("machilink/certificates"));
  return (
    <>
      <p>{say("expiryLead")}</p>
      <LoadedTable of={list} caption={say("tabExpiry")} columns={columns()} id={(r) => `${r.kind} ${r.hash}`} sort="left" empty={<p>{say("expiryNone")}</p>} />
    </>
  );
}
