// The list of requests, and one of them with what it means and the decision.
import { useState } from "preact/hooks";
import { get, path, post, put, remove } from "../../lib/api";
import { paged } from "../../lib/center";
import { useLoad } from "../../lib/load";
import type { PageProps } from "../../lib/page";
import { go, href } from "../../lib/route";
import { may } from "../../lib/session";
import {
  Button,
  Checkbox,
  type Column,
  confirm,
  DateTime,
  Form,
  Id,
  Light,
  Load,
  PageHeader,
  PairOf,
  Pairs,
  RemoteTable,
  Section,
  toast,
  useForm,
} from "../../ui";
import { isWaiting, lights, type Request } from "./model";
import { say } from "./words";

const typeOf = (r: Request) => say.of("type", r.type) ?? r.type;

function columns(): Column<Request>[] {
  return [
    {
      key: "id",
      head: say("number"),
      name: true,
      sort: (r) => r.id,
      cell: (r) => <a href={href("center-requests", [r.id])}>{say("link", { n: r.id, type: typeOf(r) })}</a>,
    },
    { key: "security_server_owner", head: say("from"), sort: (r) => r.security_server_owner ?? "", cell: (r) => r.security_server_owner ?? r.security_server_id.member_code },
    { key: "security_server_id", head: say("server"), cell: (r) => <Id>{r.security_server_id.encoded_id}</Id> },
    { key: "created_at", head: say("at"), sort: (r) => r.created_at, cell: (r) => <DateTime at={r.created_at} /> },
    { key: "status", head: say("status"), cell: (r) => <Light state={lights[r.status] ?? "off"}>{say.of("status", r.status) ?? r.status}</Light> },
  ];
}

const all = "ALL";

function List() {
  const [status, setStatus] = useState("WAITING");
  return (
    <RemoteTable<Request>
      caption={say("caption")}
      columns={columns()}
      id={(r) => String(r.id)}
      read={(w) => paged("management-requests", "items", "query", w, { status: status === all ? undefined : status })}
      deps={[status]}
      empty={<p>{say(status === "WAITING" ? "noneWaiting" : status === all ? "none" : "noneSuch")}</p>}
      filters={
        <div class="filter">
          <label for="status">{say("status")}</label>
          <select id="status" value={status} onChange={(e) => setStatus(e.currentTarget.value)}>
            {["WAITING", "APPROVED", "DECLINED", "REVOKED", all].map((s) => (
              <option key={s} value={s}>
                {say.of("status", s)}
              </option>
            ))}
          </select>
        </div>
      }
    />
  );
}

interface Automatic {
  authentication_certificates: boolean;
  clients: boolean;
  owner_changes: boolean;
}

function AutomaticForm(p: { of: Automatic }) {
  const form = useForm(p.of, async (v) => {
    const text = say("autoAsk");
    if ((v.authentication_certificates || v.clients || v.owner_changes) && !(await confirm({ title: say("autoTitle"), text, button: say("autoKeep") }))) return;
    await put("machilink/automatic-approval", v);
    toast(say("autoKept"));
  });
  return (
    <Form form={form} submit={say("autoKeep")}>
      <Checkbox form={form} name="authentication_certificates" label={say("auto_auth")} />
      <Checkbox form={form} name="clients" label={say("auto_client")} />
      <Checkbox form={form} name="owner_changes" label={say("auto_owner")} />
    </Form>
  );
}

function AutomaticSection() {
  const of = useLoad(() => get<Automatic>("machilink/automatic-approval"));
  return (
    <Section title={say("autoTitle")}>
      <details>
        <summary>{say("autoOpen")}</summary>
        <p>{say("autoText")}</p>
        <Load of={of}>{(a) => <AutomaticForm of={a} />}</Load>
      </details>
    </Section>
  );
}

function Facts(p: { of: Request }) {
  const { of: r } = p;
  const cert = r.certificate_details;
  return (
    <Pairs>
      <PairOf name={say("status")}>
        <Light state={lights[r.status] ?? "off"}>{say.of("status", r.status) ?? r.status}</Light>
      </PairOf>
      <PairOf name={say("from")}>{r.security_server_owner ?? ""}</PairOf>
      <PairOf name={say("server")}>
        <Id>{r.security_server_id.encoded_id}</Id>
      </PairOf>
      {r.client_id ? (
        <PairOf name={say("client")}>
          {r.client_owner_name} {r.client_subsystem_name} <Id>{r.client_id.encoded_id}</Id>
        </PairOf>
      ) : null}
      {r.address ? (
        <PairOf name={say("address")}>
          <Id>{r.address}</Id>
        </PairOf>
      ) : null}
      {cert ? (
        <>
          <PairOf name={say("subject")}>
            <Id>{cert.subject_distinguished_name}</Id>
          </PairOf>
          <PairOf name={say("issuer")}>{cert.issuer_common_name}</PairOf>
          <PairOf name={say("until")}>
            <DateTime at={cert.not_after} only="date" />
          </PairOf>
        </>
      ) : null}
      {r.comments ? <PairOf name={say("comments")}>{r.comments}</PairOf> : null}
      <PairOf name={say("at")}>
        <DateTime at={r.created_at} />
      </PairOf>
    </Pairs>
  );
}

function Decision(p: { of: Request; done: () => Promise<void> }) {
  const { of: r } = p;
  const name = r.client_id?.encoded_id ?? r.security_server_id.encoded_id;
  const approve = async () => {
    const text = <p>{say("approveAsk", { name, means: say.of("means", r.type) ?? "" })}</p>;
    if (!(await confirm({ title: say("approveTitle", { n: r.id }), text, button: say("approve") }))) return;
    await post(path`management-requests/${r.id}/approval`);
    toast(say("approved", { n: r.id }));
    await p.done();
  };
  const decline = async () => {
    const text = say("declineAsk", { name });
    if (!(await confirm({ title: say("declineTitle", { n: r.id }), text, button: say("decline"), danger: true }))) return;
    await remove(path`management-requests/${r.id}`);
    toast(say("declined", { n: r.id }));
    await p.done();
  };
  return (
    <div class="actions group">
      <Button kind="solid" action={approve} id="approve">
        {say("approve")}
      </Button>
      <Button danger action={decline} id="decline">
        {say("decline")}
      </Button>
    </div>
  );
}

function One(p: { id: string }) {
  const of = useLoad(() => get<Request>(path`management-requests/${p.id}`), [p.id]);
  return (
    <>
      <PageHeader title={say("oneTitle", { n: p.id })} above={[[say("title"), href("center-requests")]]} help="center-requests" />
      <Load of={of}>
        {(r) => (
          <>
            <Section title={typeOf(r)}>
              <p>{say.of("means", r.type)}</p>
              <Facts of={r} />
              {isWaiting(r) && may("APPROVE_CLIENT_REGISTRATION_REQUEST") ? <Decision of={r} done={of.reload} /> : null}
            </Section>
            <Button onClick={() => go("center-requests")}>{say("toList")}</Button>
          </>
        )}
      </Load>
    </>
  );
}

export default function Requests(p: PageProps) {
  if (p.rest[0]) return <One id={p.rest[0]} />;
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="center-requests" />
      <List />
      {may("APPROVE_CLIENT_REGISTRATION_REQUEST") ? <AutomaticSection /> : null}
    </>
  );
}
