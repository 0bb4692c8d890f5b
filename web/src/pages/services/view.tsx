// All services of this server, one of them, one endpoint.
import { get, path } from "../../lib/api";
import { number } from "../../lib/format";
import { useLoad } from "../../lib/load";
import type { PageProps } from "../../lib/page";
import { href } from "../../lib/route";
import { type Client, type Description, nameOf, type Service } from "../../parts/server/types";
import { ButtonLink, type Column, Light, LoadedTable, PageHeader } from "../../ui";
import { EndpointPage } from "./endpoint";
import { One } from "./service";
import { say } from "./words";

interface Row {
  service: Service;
  description: Description;
  client: Client;
}

async function read(): Promise<Row[]> {
  const clients = (await get<Client[]>("clients")).filter((c) => c.subsystem_code);
  const lists = await Promise.all(clients.map((c) => get<Description[]>(path`clients/${c.id}/service-descriptions`)));
  return clients.flatMap((client, i) => lists[i].flatMap((description) => description.services.map((service) => ({ service, description, client }))));
}

const columns = (): Column<Row>[] => [
  {
    key: "service",
    head: say("service"),
    name: true,
    text: (r) => `${r.service.full_service_code} ${r.service.title ?? ""}`,
    sort: (r) => r.service.full_service_code,
    cell: (r) => (
      <>
        <a href={href("services", [r.service.id])}>{r.service.full_service_code}</a> {r.service.title}
      </>
    ),
  },
  {
    key: "client",
    head: say("provider"),
    text: (r) => nameOf(r.client),
    sort: (r) => nameOf(r.client),
    cell: (r) => <a href={href("clients", [r.client.id], { tab: "services" })}>{nameOf(r.client)}</a>,
  },
  {
    key: "state",
    head: say("state"),
    text: (r) => say(r.description.disabled ? "off" : "on"),
    sort: (r) => say(r.description.disabled ? "off" : "on"),
    cell: (r) => <Light state={r.description.disabled ? "off" : "good"}>{say(r.description.disabled ? "off" : "on")}</Light>,
  },
  {
    key: "callers",
    head: say("callers"),
    numeric: true,
    text: (r) => number(r.service.subjects_count),
    sort: (r) => r.service.subjects_count,
    cell: (r) => (r.service.subjects_count ? number(r.service.subjects_count) : say("noCaller")),
  },
];

function List() {
  const list = useLoad(read);
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="services" />
      <LoadedTable
        of={list}
        caption={say("title")}
        columns={columns()}
        id={(r) => `${r.service.id} ${r.description.id}`}
        sort="service"
        empty={<p>{say("none")}</p>}
        actions={<ButtonLink href={href("clients")}>{say("toClients")}</ButtonLink>}
      />
    </>
  );
}

export default function Services({ rest }: PageProps) {
  const [id, endpoint] = rest;
  if (!id) return <List />;
  if (endpoint) return <EndpointPage key={endpoint} service={id} endpoint={endpoint} />;
  return <One key={id} id={id} />;
}
