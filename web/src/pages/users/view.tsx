// The list of users; the address behind it leads to one of them.
import { get } from "../../lib/api";
import { useLoad } from "../../lib/load";
import type { PageProps } from "../../lib/page";
import { href } from "../../lib/route";
import { roleText } from "../../lib/roles";
import { user as reader } from "../../lib/session";
import { useState } from "preact/hooks";
import { Button, Chip, type Column, DateTime, Light, LoadedTable, PageHeader, Roles } from "../../ui";
import { Add } from "./add";
import { One } from "./one";
import type { User, Users } from "./user";
import { say } from "./words";

function State(p: { of: User }) {
  if (p.of.disabled) return <Light state="off">{say("disabled")}</Light>;
  if (p.of.password_change_due) return <Light state="wait">{say("changeDue")}</Light>;
  return <Light state="good">{say("enabled")}</Light>;
}

const stateText = (u: User) => say(u.disabled ? "disabled" : u.password_change_due ? "changeDue" : "enabled");

function columns(required: boolean): Column<User>[] {
  return [
    {
      key: "name",
      head: say("name"),
      name: true,
      text: (u) => `${u.name} ${u.display_name}`,
      sort: (u) => u.name,
      cell: (u) => (
        <>
          <a href={href("users", [u.name])}>{u.name}</a> {u.name === reader.value?.username ? <Chip state="good">{say("you")}</Chip> : null}
          {u.display_name ? <span class="line soft">{u.display_name}</span> : null}
        </>
      ),
    },
    { key: "roles", head: say("roles"), text: (u) => u.roles.map(roleText).join(" "), cell: (u) => <Roles of={u.roles} /> },
    { key: "state", head: say("state"), text: stateText, sort: stateText, cell: (u) => <State of={u} /> },
    {
      key: "factor",
      head: say("factor"),
      sort: (u) => Number(u.second_factor),
      cell: (u) =>
        u.second_factor ? (
          <Light state="good">{say("factorOn")}</Light>
        ) : (
          <Light state={required ? "wait" : "off"}>{say("factorOff")}</Light>
        ),
    },
    {
      key: "last",
      head: say("lastSignIn"),
      sort: (u) => u.last_sign_in_at ?? "",
      cell: (u) => <DateTime at={u.last_sign_in_at}>{say("never")}</DateTime>,
    },
    { key: "created", head: say("created"), sort: (u) => u.created_at ?? "", cell: (u) => <DateTime at={u.created_at} only="date" /> },
  ];
}

function List() {
  const loaded = useLoad(() => get<Users>("machilink/users"));
  const [adding, setAdding] = useState(false);
  const added = () => {
    setAdding(false);
    void loaded.reload();
  };
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="accounts" />
      <LoadedTable
        of={{ ...loaded, data: loaded.data?.items }}
        caption={say("caption")}
        columns={columns(loaded.data?.second_factor_required ?? false)}
        id={(u) => u.name}
        sort="name"
        empty={<p>{say("none")}</p>}
        actions={
          <Button kind="solid" onClick={() => setAdding(true)}>
            {say("add")}
          </Button>
        }
      />
      {adding && loaded.data ? <Add shortest={loaded.data.password_policy.min_length} close={() => setAdding(false)} done={added} /> : null}
    </>
  );
}

export default function UsersPage(p: PageProps) {
  return p.rest[0] ? <One name={p.rest[0]} /> : <List />;
}
