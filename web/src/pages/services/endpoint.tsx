// Endpoints: parts of a REST service that can be granted by themselves.
import { useState } from "preact/hooks";
import { get, patch, path, post, remove } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { href } from "../../lib/route";
import { may } from "../../lib/session";
import { Rights } from "../../parts/server/subjects";
import { clientOf, type Endpoint, type Service } from "../../parts/server/types";
import { Banner, Button, type Column, confirm, DataTable, Dialog, Form, PageHeader, Select, TextField, toast, useForm } from "../../ui";
import { say } from "./words";

const methods = ["*", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"];

export function endpointName(e: Endpoint): string {
  return `${e.method === "*" ? say("anyMethod") : e.method} ${e.path}`;
}

/** X-Road keeps the right to the whole service as an endpoint of its own. */
export function isWhole(e: Endpoint): boolean {
  return e.method === "*" && e.path === "**";
}

function EndpointDialog(p: { service: Service; of?: Endpoint; close: () => void; done: () => void }) {
  const start = { method: p.of?.method ?? "GET", path: p.of?.path ?? "/" };
  const form = useForm(start, (v) =>
    p.of ? patch(path`endpoints/${p.of.id}`, v) : post(path`services/${p.service.id}/endpoints`, { ...v, service_code: p.service.service_code }),
  );
  return (
    <Dialog title={say(p.of ? "endpointEdit" : "endpointAdd")} onClose={p.close}>
      <Form form={form} submit={say(p.of ? "save" : "endpointAdd")} cancel={p.close} done={p.done}>
        <Select
          form={form}
          name="method"
          label={say("method")}
          choices={methods.map((m) => ({ value: m, text: m === "*" ? say("anyMethod") : m }))}
          required
        />
        <TextField form={form} name="path" label={say("path")} hint={say("pathHint")} maxLength={1023} required />
      </Form>
    </Dialog>
  );
}

export function Endpoints(p: { service: Service; reload: () => Promise<void> }) {
  const [open, setOpen] = useState<Endpoint | "new">();
  const own = p.service.endpoints.filter((e) => !isWhole(e));
  const drop = async (e: Endpoint) => {
    const name = endpointName(e);
    if (!(await confirm({ title: say("endpointDrop"), text: say("endpointDropText", { name }), button: say("remove"), danger: true }))) return;
    await remove(path`endpoints/${e.id}`);
    toast(say("removed", { name }));
    await p.reload();
  };
  const columns: Column<Endpoint>[] = [
    {
      key: "path",
      head: say("path"),
      name: true,
      text: (e) => e.path,
      sort: (e) => e.path,
      cell: (e) => (may("VIEW_ENDPOINT_ACL") ? <a href={href("services", [p.service.id, e.id])}>{e.path}</a> : e.path),
    },
    { key: "method", head: say("method"), text: (e) => (e.method === "*" ? say("anyMethod") : e.method), sort: (e) => e.method },
    { key: "from", head: say("from"), text: (e) => say(e.generated ? "fromDescription" : "fromHand") },
  ];
  if (may("EDIT_OPENAPI3_ENDPOINT", "DELETE_ENDPOINT"))
    columns.push({
      key: "acts",
      head: say("acts"),
      cell: (e) =>
        e.generated ? (
          "–"
        ) : (
          <div class="actions">
            <Button small onClick={() => setOpen(e)} label={`${say("edit")}: ${endpointName(e)}`}>
              {say("edit")}
            </Button>
            <Button small danger action={() => drop(e)} label={`${say("remove")}: ${endpointName(e)}`}>
              {say("remove")}
            </Button>
          </div>
        ),
    });
  return (
    <>
      <p>{say("endpointsLead")}</p>
      <DataTable
        rows={own}
        caption={say("endpoints")}
        columns={columns}
        id={(e) => e.id}
        sort="path"
        empty={<p>{say("endpointsNone")}</p>}
        actions={may("ADD_OPENAPI3_ENDPOINT") ? <Button onClick={() => setOpen("new")}>{say("endpointAdd")}</Button> : null}
      />
      {open ? (
        <EndpointDialog
          service={p.service}
          of={open === "new" ? undefined : open}
          close={() => setOpen(undefined)}
          done={() => {
            setOpen(undefined);
            void p.reload();
          }}
        />
      ) : null}
    </>
  );
}

/** Who may call one endpoint. */
export function EndpointPage(p: { service: string; endpoint: string }) {
  const of = useLoad(() => get<Endpoint>(path`endpoints/${p.endpoint}`), [p.endpoint]);
  const name = of.data ? endpointName(of.data) : "";
  return (
    <>
      <PageHeader
        title={say("endpointTitle", { name })}
        lead={<p>{say("endpointLead")}</p>}
        help="access-rights"
        above={[
          [say("title"), href("services")],
          [say("oneTitle", { name: p.service }), href("services", [p.service], { tab: "endpoints" })],
        ]}
      />
      <Banner kind="info" title={say("wholeToo")}>
        <p>{say("wholeTooText")}</p>
      </Banner>
      <Rights at={path`endpoints/${p.endpoint}`} client={clientOf(p.service)} what={name} change={may("EDIT_ENDPOINT_ACL")} />
    </>
  );
}
