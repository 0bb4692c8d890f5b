// The list of applications with their filters.
import { useState } from "preact/hooks";
import { paged } from "../../lib/center";
import type { PageProps } from "../../lib/page";
import { href } from "../../lib/route";
import { Button, type Column, DateTime, Id, Light, PageHeader, RemoteTable } from "../../ui";
import { Add } from "./add";
import { kinds, lights, states, type Application } from "./model";
import { One } from "./one";
import { say } from "./words";

function columns(): Column<Application>[] {
  return [
    {
      key: "id",
      head: say("application"),
      name: true,
      sort: (x) => x.id,
      cell: (x) => <a href={href("center-applications", [x.id])}>{say("link", { n: x.id, kind: say.of("kind", x.kind) ?? x.kind })}</a>,
    },
    { key: "who", head: say("organization"), cell: (x) => x.applicant.organization },
    { key: "subject", head: say("subject"), cell: (x) => <Id>{x.subject}</Id> },
    { key: "created_at", head: say("at"), sort: (x) => x.created_at, cell: (x) => <DateTime at={x.created_at} /> },
    { key: "state", head: say("state"), cell: (x) => <Light state={lights[x.state] ?? "off"}>{say.of("state", x.state) ?? x.state}</Light> },
  ];
}

function Choice(p: { id: string; label: string; family: "state" | "kind"; of: string[]; value: string; set: (v: string) => void }) {
  return (
    <div class="filter">
      <label for={p.id}>{p.label}</label>
      <select id={p.id} value={p.value} onChange={(e) => p.set(e.currentTarget.value)}>
        <option value="">{say("all")}</option>
        {p.of.map((x) => (
          <option key={x} value={x}>
            {say.of(p.family, x)}
          </option>
        ))}
      </select>
    </div>
  );
}

export default function Applications(p: PageProps) {
  const [state, setState] = useState("");
  const [kind, setKind] = useState("");
  const [adding, setAdding] = useState(false);
  if (p.rest[0]) return <One id={p.rest[0]} />;
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="center-applications" />
      <RemoteTable<Application>
        caption={say("caption")}
        columns={columns()}
        id={(x) => String(x.id)}
        read={(w) => paged("machilink/applications", "items", "q", w, { state, kind })}
        deps={[state, kind]}
        empty={<p>{say(state || kind ? "noneSuch" : "none")}</p>}
        filters={
          <>
            <Choice id="state" label={say("state")} family="state" of={states} value={state} set={setState} />
            <Choice id="kind" label={say("kind")} family="kind" of={kinds} value={kind} set={setKind} />
          </>
        }
        actions={<Button onClick={() => setAdding(true)}>{say("add")}</Button>}
      />
      {adding ? <Add close={() => setAdding(false)} /> : null}
    </>
  );
}
