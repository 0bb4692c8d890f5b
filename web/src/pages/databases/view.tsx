// Databases: a list with honest lights, and a page for each.
import { type Database, type Health, type Table, databases, faultText, mayManage, mayServe, nameOf } from "../../lib/adapter";
import { get, path, remove } from "../../lib/api";
import { millis, number } from "../../lib/format";
import { useLoad } from "../../lib/load";
import type { PageProps } from "../../lib/page";
import { refusalText } from "../../lib/refusal";
import { go, href } from "../../lib/route";
import {
  Button,
  ButtonLink,
  type Column,
  confirm,
  DataTable,
  Empty,
  Id,
  Light,
  Load,
  LoadedTable,
  PageHeader,
  Section,
  toast,
} from "../../ui";
import { DatabaseForm } from "./form";
import { say } from "./words";

const kindOf = (d: Database) => say.of("type", d.databaseType.toUpperCase()) ?? d.databaseType;

function placeOf(d: Database): string {
  const server = d.host ? `${d.host}${d.port ? `:${d.port}` : ""}/` : "";
  return d.jdbcUrl && !d.databaseName ? d.jdbcUrl : `${server}${d.databaseName ?? ""}`;
}

/** Whether it answers now, asked of the database itself. */
function Answers(p: { of: Database }) {
  const asked = useLoad(() => get<Health>(path`machilink/adapter/databases/${p.of.id}/health`), [p.of.id, p.of.revision]);
  const why = asked.data?.error ? faultText(asked.data.error) : asked.error ? refusalText(asked.error) : "";
  if (asked.loading) return <Light state="wait">{say("checking")}</Light>;
  return (
    <>
      <Light state={asked.data?.ok ? "good" : "bad"}>
        {asked.data?.ok ? say("good", { n: millis(asked.data.milliseconds) }) : say("bad")}
      </Light>
      {why ? <p>{why}</p> : null}
      {asked.data?.ok ? null : (
        <Button small action={asked.reload} label={`${say("again")}: ${nameOf(p.of)}`}>
          {say("again")}
        </Button>
      )}
    </>
  );
}

function columns(): Column<Database>[] {
  return [
    {
      key: "name",
      head: say("name"),
      name: true,
      text: nameOf,
      sort: nameOf,
      cell: (d) => <a href={href("databases", [d.id])}>{nameOf(d)}</a>,
    },
    { key: "kind", head: say("kind"), text: kindOf, sort: kindOf },
    { key: "place", head: say("place"), text: placeOf, cell: (d) => <Id>{placeOf(d)}</Id> },
    { key: "services", head: say("services"), numeric: true, text: (d) => number(d.services), sort: (d) => d.services },
    { key: "state", head: say("state"), cell: (d) => <Answers of={d} /> },
  ];
}

function List() {
  const list = useLoad(databases);
  const add = mayManage() ? (
    <ButtonLink kind="solid" href={href("databases", ["new"])}>
      {say("add")}
    </ButtonLink>
  ) : null;
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="adapter-databases" />
      <LoadedTable of={list} caption={say("title")} columns={columns()} id={(d) => d.id} sort="name" empty={<p>{say("none")}</p>} actions={add} />
    </>
  );
}

const above = (): [string, string][] => [[say("title"), href("databases")]];

function done(d: Database): void {
  toast(say("saved", { name: nameOf(d) }));
}

function New() {
  const saved = (d: Database) => {
    done(d);
    go("databases", [d.id]);
  };
  return (
    <>
      <PageHeader title={say("addTitle")} lead={<p>{say("addLead")}</p>} above={above()} help="adapter-databases" />
      <DatabaseForm done={saved} />
    </>
  );
}

function tableColumns(): Column<Table>[] {
  const name = (t: Table) => (t.schema ? `${t.schema}.${t.name}` : t.name);
  return [
    { key: "table", head: say("table"), name: true, text: (t) => (t.view ? `${name(t)}（${say("view")}）` : name(t)), sort: name },
    { key: "columns", head: say("columns"), text: (t) => t.columns.map((c) => c.name).join(", ") },
  ];
}

function Tables(p: { id: string }) {
  const list = useLoad(() => get<Table[]>(path`machilink/adapter/databases/${p.id}/tables`), [p.id]);
  return (
    <Section title={say("tables")}>
      <p>{say("tablesLead")}</p>
      <Load of={list}>
        {(all) =>
          all.length ? (
            <DataTable
              rows={all}
              caption={say("tables")}
              columns={tableColumns()}
              id={(t) => `${t.schema ?? ""}.${t.name}`}
              actions={
                mayServe() ? <ButtonLink href={href("data-services", ["new"], { database: p.id })}>{say("makeService")}</ButtonLink> : null
              }
            />
          ) : (
            <Empty>
              <p>{say("noTables")}</p>
            </Empty>
          )
        }
      </Load>
    </Section>
  );
}

async function drop(d: Database): Promise<void> {
  const name = nameOf(d);
  const text = d.services ? say("removeWith", { name, n: d.services }) : say("removeText", { name });
  const typeName = d.services ? d.id : undefined;
  if (!(await confirm({ title: say("removeTitle"), text, button: say("remove"), danger: true, typeName }))) return;
  await remove(`${path`machilink/adapter/databases/${d.id}`}${d.services ? "?with_services=true" : ""}`, d.revision);
  toast(say("removed", { name }));
  go("databases");
}

function One(p: { id: string }) {
  const one = useLoad(() => get<Database>(path`machilink/adapter/databases/${p.id}`), [p.id]);
  const saved = (d: Database) => {
    done(d);
    void one.reload();
  };
  return (
    <Load of={one}>
      {(d) => (
        <>
          <PageHeader title={nameOf(d)} above={above()} help="adapter-databases" />
          <Section title={say("state")}>
            <div>
              <Answers of={d} />
            </div>
          </Section>
          {mayManage() ? (
            <>
              <Tables id={d.id} />
              <Section title={say("settings")}>
                <DatabaseForm key={d.revision} was={d} done={saved} />
              </Section>
              <Section title={say("removal")}>
                <p>{say("removeLead")}</p>
                <div>
                  <Button danger action={() => drop(d)}>
                    {say("remove")}
                  </Button>
                </div>
              </Section>
            </>
          ) : null}
        </>
      )}
    </Load>
  );
}

export default function Databases(p: PageProps) {
  const [id] = p.rest;
  return id === undefined ? <List /> : id === "new" ? <New /> : <One key={id} id={id} />;
}
