// Members and subsystems: the list, one of them, adding one.
import { get } from "../../lib/api";
import { useLoad } from "../../lib/load";
import type { PageProps } from "../../lib/page";
import { href } from "../../lib/route";
import { may } from "../../lib/session";
import { ClientState } from "../../parts/server/state";
import { type Client, nameOf } from "../../parts/server/types";
import { NotAllowed } from "../../parts/server/denied";
import { ButtonLink, Chip, type Column, Id, LoadedTable, PageHeader } from "../../ui";
import { Add } from "./add";
import { Caller } from "./callers";
import { One } from "./client";
import { Group } from "./groups";
import { say } from "./words";

function NameCell(p: { of: Client }) {
  const name = nameOf(p.of);
  return (
    <>
      {may("VIEW_CLIENT_DETAILS") ? <a href={href("clients", [p.of.id])}>{name}</a> : name}{" "}
      {p.of.owner ? <Chip>{say("owner")}</Chip> : null}
    </>
  );
}

const columns = (): Column<Client>[] => [
  { key: "name", head: say("name"), name: true, text: nameOf, sort: nameOf, cell: (c) => <NameCell of={c} /> },
  { key: "id", head: say("identifier"), text: (c) => c.id, sort: (c) => c.id, cell: (c) => <Id>{c.id}</Id> },
  {
    key: "kind",
    head: say("kind"),
    text: (c) => say(c.subsystem_code ? "subsystem" : "member"),
    sort: (c) => say(c.subsystem_code ? "subsystem" : "member"),
  },
  { key: "status", head: say("status"), sort: (c) => c.status ?? "", cell: (c) => <ClientState of={c} /> },
];

function List() {
  const list = useLoad(() => get<Client[]>("clients"));
  const add = may("ADD_CLIENT") ? (
    <ButtonLink kind="solid" href={href("clients", ["add"])}>
      {say("add")}
    </ButtonLink>
  ) : null;
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="clients" />
      <LoadedTable of={list} caption={say("caption")} columns={columns()} id={(c) => c.id} sort="id" empty={<p>{say("none")}</p>} actions={add} />
    </>
  );
}

export default function Clients({ rest }: PageProps) {
  const [id, part, which] = rest;
  if (!id) return <List />;
  if (id === "add") return may("ADD_CLIENT") ? <Add /> : <NotAllowed />;
  if (!may("VIEW_CLIENT_DETAILS")) return <NotAllowed />;
  if (part === "caller" && which) return <Caller key={which} client={id} subject={which} />;
  if (part === "group" && which) return <Group key={which} client={id} group={which} />;
  return <One key={id} id={id} />;
}
