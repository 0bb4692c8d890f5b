// Approved certification authorities; one with its OCSP responders.
import { useState } from "preact/hooks";
import { get, path, post, postForm, remove } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { go, href } from "../../lib/route";
import { Banner, Button, type Column, confirm, DateTime, Dialog, FileField, Form, Id, Load, LoadedTable, PageHeader, PairOf, Pairs, Section, TextField, toast, useForm } from "../../ui";
import { say } from "./words";

interface Ca {
  id: number;
  name: string;
  not_before: string;
  not_after: string;
}
interface CaDetail extends Ca {
  issuer_distinguished_name: string;
  subject_distinguished_name: string;
  certificate_profile_info: string;
}
interface Responder {
  id: number;
  url: string;
  has_certificate: boolean;
}

const basic = "ee.ria.xroad.common.certificateprofile.impl.BasicCertificateProfileInfoProvider";

function AddCa(p: { close: () => void; done: () => Promise<void> }) {
  const form = useForm({ file: null as File | null, certificate_profile_info: basic }, async (v) => {
    const body = new FormData();
    if (v.file) body.append("certificate", v.file);
    body.append("certificate_profile_info", v.certificate_profile_info);
    body.append("tls_auth", "false");
    const made = await postForm<Ca>("certification-services", body);
    toast(say("added", { name: made.name }));
    p.close();
    await p.done();
  });
  return (
    <Dialog title={say("caAdd")} onClose={p.close}>
      <Form form={form} submit={say("caAdd")} cancel={p.close}>
        <FileField form={form} name="file" label={say("caFile")} hint={say("caFileHint")} accept=".pem,.cer,.crt,.der" required />
        <TextField form={form} name="certificate_profile_info" label={say("profile")} hint={say("profileHint")} required />
      </Form>
    </Dialog>
  );
}

export function Authorities() {
  const list = useLoad(() => get<Ca[]>("certification-services"));
  const [adding, setAdding] = useState(false);
  const own = async () => {
    await post("machilink/trust-services", {});
    toast(say("ownMade"));
    await list.reload();
  };
  const columns: Column<Ca>[] = [
    { key: "name", head: say("name"), name: true, text: (c) => c.name, sort: (c) => c.name, cell: (c) => <a href={href("center-trust", [c.id])}>{c.name}</a> },
    { key: "from", head: say("from"), cell: (c) => <DateTime at={c.not_before} only="date" />, sort: (c) => c.not_before },
    { key: "until", head: say("until"), cell: (c) => <DateTime at={c.not_after} only="date" />, sort: (c) => c.not_after },
  ];
  return (
    <>
      {list.data?.length === 0 ? (
        <Banner kind="info" title={say("own")} actions={<Button action={own}>{say("ownMake")}</Button>}>
          <p>{say("ownText")}</p>
        </Banner>
      ) : null}
      <LoadedTable
        of={list}
        caption={say("cas")}
        columns={columns}
        id={(c) => String(c.id)}
        plain
        empty={<p>{say("caNone")}</p>}
        actions={<Button onClick={() => setAdding(true)}>{say("caAdd")}</Button>}
      />
      {adding ? <AddCa close={() => setAdding(false)} done={list.reload} /> : null}
    </>
  );
}

function AddResponder(p: { id: string; close: () => void; done: () => Promise<void> }) {
  const form = useForm({ url: "", file: null as File | null }, async (v) => {
    const body = new FormData();
    body.append("url", v.url);
    body.append("cost_type", "UNDEFINED");
    if (v.file) body.append("certificate", v.file);
    await postForm(path`certification-services/${p.id}/ocsp-responders`, body);
    toast(say("added", { name: v.url }));
    p.close();
    await p.done();
  });
  return (
    <Dialog title={say("ocspAdd")} onClose={p.close}>
      <Form form={form} submit={say("ocspAdd")} cancel={p.close}>
        <TextField form={form} name="url" type="url" label={say("url")} hint={say("urlHint")} required maxLength={255} />
        <FileField form={form} name="file" label={say("ocspFile")} hint={say("ocspFileHint")} accept=".pem,.cer,.crt,.der" />
      </Form>
    </Dialog>
  );
}

function Responders(p: { id: string }) {
  const list = useLoad(() => get<Responder[]>(path`certification-services/${p.id}/ocsp-responders`), [p.id]);
  const [adding, setAdding] = useState(false);
  const drop = async (o: Responder) => {
    if (!(await confirm({ title: say("ocspDrop"), text: say("ocspDropText", { name: o.url }), button: say("remove"), danger: true }))) return;
    await remove(path`ocsp-responders/${o.id}`);
    await list.reload();
  };
  const columns: Column<Responder>[] = [
    { key: "url", head: say("url"), name: true, text: (o) => o.url, cell: (o) => <Id>{o.url}</Id> },
    { key: "cert", head: say("ocspFile"), text: (o) => say(o.has_certificate ? "there" : "notThere") },
    {
      key: "actions",
      head: say("actions"),
      cell: (o) => (
        <Button small danger action={() => drop(o)} label={`${say("remove")}: ${o.url}`}>
          {say("remove")}
        </Button>
      ),
    },
  ];
  return (
    <Section title={say("ocsps")}>
      <LoadedTable
        of={list}
        caption={say("ocsps")}
        columns={columns}
        id={(o) => String(o.id)}
        plain
        empty={<p>{say("ocspNone")}</p>}
        actions={<Button onClick={() => setAdding(true)}>{say("ocspAdd")}</Button>}
      />
      {adding ? <AddResponder id={p.id} close={() => setAdding(false)} done={list.reload} /> : null}
    </Section>
  );
}

export function Authority(p: { id: string }) {
  const of = useLoad(() => get<CaDetail>(path`certification-services/${p.id}`), [p.id]);
  const name = of.data?.name ?? p.id;
  const drop = async () => {
    if (!(await confirm({ title: say("caDrop"), text: say("caDropText", { name }), button: say("remove"), danger: true, typeName: name }))) return;
    await remove(path`certification-services/${p.id}`);
    toast(say("removed", { name }));
    go("center-trust");
  };
  return (
    <>
      <PageHeader
        title={say("oneTitle", { name })}
        above={[[say("title"), href("center-trust")]]}
        help="center-trust"
        actions={
          <Button danger action={drop}>
            {say("caDrop")}
          </Button>
        }
      />
      <Load of={of}>
        {(c) => (
          <Pairs>
            <PairOf name={say("subject")}>
              <Id>{c.subject_distinguished_name}</Id>
            </PairOf>
            <PairOf name={say("issuer")}>
              <Id>{c.issuer_distinguished_name}</Id>
            </PairOf>
            <PairOf name={say("until")}>
              <DateTime at={c.not_after} only="date" />
            </PairOf>
            <PairOf name={say("profile")}>
              <Id>{c.certificate_profile_info}</Id>
            </PairOf>
          </Pairs>
        )}
      </Load>
      <Responders id={p.id} />
    </>
  );
}
