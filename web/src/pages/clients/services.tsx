// What a subsystem offers: descriptions (REST, OpenAPI, WSDL) and their services.
import { useState } from "preact/hooks";
import { get, patch, path, post, put, remove } from "../../lib/api";
import { type Loaded, useLoad } from "../../lib/load";
import { number } from "../../lib/format";
import { href } from "../../lib/route";
import { may } from "../../lib/session";
import type { Description, Service } from "../../parts/server/types";
import {
  Button,
  type Column,
  confirm,
  DataTable,
  DateTime,
  Dialog,
  Empty,
  Form,
  Id,
  Light,
  Load,
  Radios,
  TextField,
  toast,
  useForm,
} from "../../ui";
import { say } from "./words";

type Kind = Description["type"];
const kinds: { type: Kind; add: string; edit: string; refresh: string }[] = [
  { type: "REST", add: "ADD_OPENAPI3", edit: "EDIT_REST", refresh: "REFRESH_REST" },
  { type: "OPENAPI3", add: "ADD_OPENAPI3", edit: "EDIT_OPENAPI3", refresh: "REFRESH_OPENAPI3" },
  { type: "WSDL", add: "ADD_WSDL", edit: "EDIT_WSDL", refresh: "REFRESH_WSDL" },
];
const kindOf = (d: Description) => kinds.find((k) => k.type === d.type) ?? kinds[0];
const urlHint = (type: string) => say.of("urlHint", type) ?? "";

function New(p: { client: string; close: () => void; done: () => void }) {
  const form = useForm({ type: "REST", url: "", rest_service_code: "" }, (v, ignore_warnings) =>
    post(path`clients/${p.client}/service-descriptions`, {
      type: v.type,
      url: v.url.trim(),
      ignore_warnings,
      ...(v.type === "WSDL" ? {} : { rest_service_code: v.rest_service_code.trim() }),
    }),
  );
  const type = form.values.type;
  return (
    <Dialog title={say("serviceAddTitle")} onClose={p.close}>
      <Form form={form} submit={say("serviceAdd")} cancel={p.close} done={p.done} progress={say("reading")}>
        <Radios
          form={form}
          name="type"
          label={say("serviceType")}
          choices={kinds.filter((k) => may(k.add)).map((k) => ({ value: k.type, text: say.of("type", k.type) ?? k.type, hint: say.of("typeHint", k.type) }))}
        />
        <TextField form={form} name="url" label={say("url")} hint={urlHint(type)} type="url" inputMode="url" maxLength={255} required />
        {type === "WSDL" ? null : (
          <TextField form={form} name="rest_service_code" label={say("serviceCode")} hint={say("serviceCodeHint")} maxLength={255} required />
        )}
      </Form>
    </Dialog>
  );
}

interface DialogProps {
  of: Description;
  close: () => void;
  done: () => void;
}

function Edit(p: DialogProps) {
  const code = p.of.services[0]?.service_code ?? "";
  const rest = p.of.type !== "WSDL";
  const form = useForm({ url: p.of.url, new_rest_service_code: code }, (v, ignore_warnings) =>
    patch(path`service-descriptions/${p.of.id}`, {
      type: p.of.type,
      url: v.url.trim(),
      ignore_warnings,
      ...(rest ? { rest_service_code: code, new_rest_service_code: v.new_rest_service_code.trim() } : {}),
    }),
  );
  return (
    <Dialog title={say("editTitle")} onClose={p.close}>
      <Form form={form} submit={say("save")} cancel={p.close} done={p.done} progress={say("reading")}>
        <TextField form={form} name="url" label={say("url")} hint={urlHint(p.of.type)} type="url" maxLength={255} required />
        {rest ? <TextField form={form} name="new_rest_service_code" label={say("serviceCode")} hint={say("codeChange")} maxLength={255} required /> : null}
      </Form>
    </Dialog>
  );
}

function Refresh(p: DialogProps) {
  const form = useForm({}, (_, ignore_warnings) => put(path`service-descriptions/${p.of.id}/refresh`, { ignore_warnings }));
  return (
    <Dialog title={say("refreshTitle")} onClose={p.close}>
      <Form form={form} submit={say("refresh")} cancel={p.close} done={p.done} progress={say("reading")}>
        <p>{say("refreshText", { url: p.of.url })}</p>
      </Form>
    </Dialog>
  );
}

function Disable(p: DialogProps) {
  const form = useForm({ disabled_notice: "" }, (v) => put(path`service-descriptions/${p.of.id}/disable`, v));
  return (
    <Dialog title={say("disableTitle")} onClose={p.close}>
      <Form form={form} submit={say("disable")} cancel={p.close} done={p.done} danger>
        <p>{say("disableText", { names: p.of.services.map((s) => s.full_service_code).join(", ") })}</p>
        <TextField form={form} name="disabled_notice" label={say("notice")} hint={say("noticeHint")} maxLength={255} />
      </Form>
    </Dialog>
  );
}

const dialogs = { edit: Edit, refresh: Refresh, disable: Disable };
type Open = keyof typeof dialogs;

const serviceColumns = (): Column<Service>[] => [
  {
    key: "code",
    head: say("service"),
    name: true,
    text: (s) => `${s.full_service_code} ${s.title ?? ""}`,
    sort: (s) => s.full_service_code,
    cell: (s) => (
      <>
        <a href={href("services", [s.id])}>{s.full_service_code}</a> {s.title}
      </>
    ),
  },
  { key: "url", head: say("target"), text: (s) => s.url, cell: (s) => <Id>{s.url}</Id> },
  { key: "timeout", head: say("timeout"), numeric: true, text: (s) => say("seconds", { n: number(s.timeout) }), sort: (s) => s.timeout },
  { key: "callers", head: say("callers"), numeric: true, text: (s) => number(s.subjects_count), sort: (s) => s.subjects_count },
];

function One(p: { of: Description; reload: () => Promise<void> }) {
  const d = p.of;
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const name = d.services.map((s) => s.full_service_code).join(", ") || d.url;
  const enable = async () => {
    await put(path`service-descriptions/${d.id}/enable`);
    toast(say("enabled", { name }));
    await p.reload();
  };
  const drop = async () => {
    const text = say("descriptionDropText", { name });
    const typeName = d.services.length === 1 ? d.services[0].full_service_code : undefined;
    if (!(await confirm({ title: say("descriptionDropTitle"), text, button: say("doDelete"), danger: true, typeName }))) return;
    await remove(path`service-descriptions/${d.id}`);
    toast(say("deleted", { name }));
    await p.reload();
  };
  const done = () => {
    close();
    toast(say("saved"));
    void p.reload();
  };
  const Opened = open && dialogs[open];
  return (
    <section class="card group" aria-label={name}>
      <p>
        <strong>{say.of("type", d.type)}</strong> <Light state={d.disabled ? "off" : "good"}>{say(d.disabled ? "off" : "on")}</Light>
      </p>
      <p>
        <Id>{d.url}</Id>
      </p>
      {d.disabled && d.disabled_notice ? <p>{say("noticeIs", { text: d.disabled_notice })}</p> : null}
      <p class="soft">
        {say("refreshed")} <DateTime at={d.refreshed_at} />
      </p>
      <DataTable rows={d.services} caption={say("servicesOf", { name })} columns={serviceColumns()} id={(s) => s.id} plain={d.services.length < 10} />
      <div class="actions group">
        {may("ENABLE_DISABLE_WSDL") ? (
          d.disabled ? (
            <Button kind="solid" action={enable} label={`${say("enable")}: ${name}`}>
              {say("enable")}
            </Button>
          ) : (
            <Button onClick={() => setOpen("disable")} label={`${say("disable")}: ${name}`}>
              {say("disable")}
            </Button>
          )
        ) : null}
        {may(kindOf(d).edit) ? (
          <Button onClick={() => setOpen("edit")} label={`${say("edit")}: ${name}`}>
            {say("edit")}
          </Button>
        ) : null}
        {may(kindOf(d).refresh) && d.type !== "REST" ? (
          <Button onClick={() => setOpen("refresh")} label={`${say("refresh")}: ${name}`}>
            {say("refresh")}
          </Button>
        ) : null}
        {may("DELETE_WSDL") ? (
          <Button danger action={drop} label={`${say("doDelete")}: ${name}`}>
            {say("doDelete")}
          </Button>
        ) : null}
      </div>
      {Opened ? <Opened of={d} close={close} done={done} /> : null}
    </section>
  );
}

export function Descriptions(p: { client: string }) {
  const list: Loaded<Description[]> = useLoad(() => get<Description[]>(path`clients/${p.client}/service-descriptions`), [p.client]);
  const [adding, setAdding] = useState(false);
  const add = may("ADD_OPENAPI3", "ADD_WSDL") ? (
    <Button kind="solid" onClick={() => setAdding(true)}>
      {say("serviceAdd")}
    </Button>
  ) : null;
  const done = () => {
    setAdding(false);
    toast(say("serviceAdded"));
    void list.reload();
  };
  return (
    <>
      <p>{say("servicesLead")}</p>
      <Load of={list}>
        {(all) =>
          all.length ? (
            <>
              <div class="actions">{add}</div>
              {all.map((d) => (
                <One key={d.id} of={d} reload={list.reload} />
              ))}
            </>
          ) : (
            <Empty actions={add}>
              <p>{say(add ? "servicesNone" : "servicesNoneYet")}</p>
            </Empty>
          )
        }
      </Load>
      {adding ? <New client={p.client} close={() => setAdding(false)} done={done} /> : null}
    </>
  );
}
