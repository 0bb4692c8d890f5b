// Anchor of the global configuration, time-stamping services, authorities.
import { get } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { may } from "../../lib/session";
import { type Column, DateTime, Id, LoadedTable, PageHeader, type Tab, Tabs } from "../../ui";
import { Anchor } from "./anchor";
import { Stamps } from "./stamps";
import { say } from "./words";

interface Authority {
  name: string;
  subject_distinguished_name: string;
  not_after: string;
  acme_capable: boolean;
  authentication_only: boolean;
  top_ca: boolean;
  ocsp_responders: { url: string }[];
}

const columns = (): Column<Authority>[] => [
  { key: "name", head: say("name"), name: true, text: (a) => a.name, sort: (a) => a.name },
  { key: "subject", head: say("subject"), text: (a) => a.subject_distinguished_name },
  { key: "for", head: say("issues"), text: (a) => say(a.authentication_only ? "authOnly" : "both") },
  { key: "acme", head: say("automatic"), text: (a) => say(a.acme_capable ? "acmeYes" : "acmeNo") },
  { key: "end", head: say("end"), sort: (a) => a.not_after, cell: (a) => <DateTime at={a.not_after} only="date" /> },
  {
    key: "ocsp",
    head: say("ocsp"),
    text: (a) => a.ocsp_responders.map((o) => o.url).join(" "),
    cell: (a) => a.ocsp_responders.map((o) => <Id key={o.url}>{o.url}</Id>),
  },
];

function Authorities() {
  const list = useLoad(() => get<Authority[]>("certificate-authorities", { include_intermediate_cas: true }));
  return (
    <>
      <p>{say("authoritiesLead")}</p>
      <LoadedTable of={list} caption={say("authorities")} columns={columns()} id={(a) => a.subject_distinguished_name} sort="name" empty={<p>{say("authoritiesNone")}</p>} />
    </>
  );
}

export default function Trust() {
  const all: (Tab & { may: string })[] = [
    { name: "anchor", title: say("anchor"), may: "VIEW_ANCHOR", view: () => <Anchor /> },
    { name: "stamps", title: say("stamps"), may: "VIEW_TSPS", view: () => <Stamps /> },
    { name: "authorities", title: say("authorities"), may: "VIEW_APPROVED_CERTIFICATE_AUTHORITIES", view: () => <Authorities /> },
  ];
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="trust" />
      <Tabs label={say("title")} tabs={all.filter((t) => may(t.may))} />
    </>
  );
}
