// Data services: the list, and a page for each.
import { type Service, databases, faultText, mayManage, mayServe, nameOf, services } from "../../lib/adapter";
import { get, path, put, remove } from "../../lib/api";
import { useLoad } from "../../lib/load";
import type { PageProps } from "../../lib/page";
import { go, href } from "../../lib/route";
import {
  Banner,
  Button,
  ButtonLink,
  type Column,
  confirm,
  DataTable,
  Id,
  Light,
  type State,
  Load,
  PageHeader,
  Tabs,
  toast,
} from "../../ui";
import { Edit } from "./edit";
import { WholeFile } from "./file";
import { Publish } from "./publish";
import { Versions } from "./versions";
import { say } from "./words";

const lights: Record<Service["state"], State> = { "in force": "good", off: "off", asleep: "bad", "not read": "bad" };
const stateText = (s: Service) => say.of("state", s.state) ?? s.state;

function columns(): Column<Service>[] {
  return [
    {
      key: "name",
      head: say("name"),
      name: true,
      text: (s) => `${nameOf(s)} ${s.name}`,
      sort: nameOf,
      cell: (s) => (
        <>
          <a href={href("data-services", [s.name])}>{nameOf(s)}</a>
          {s.displayName ? (
            <span class="line soft">
              <Id>{s.name}</Id>
            </span>
          ) : null}
        </>
      ),
    },
    { key: "database", head: say("database"), text: (s) => s.database, sort: (s) => s.database },
    { key: "version", head: say("version"), text: (s) => s.version ?? "", sort: (s) => s.version ?? "" },
    {
      key: "state",
      head: say("state"),
      text: stateText,
      sort: stateText,
      cell: (s) => (
        <>
          <Light state={lights[s.state]}>{stateText(s)}</Light>
          {s.problem ? <p>{faultText(s.problem)}</p> : null}
        </>
      ),
    },
  ];
}

function List() {
  const list = useLoad(async () => ({ all: await services(), databases: (await databases()).length }));
  const add = (n: number) =>
    n === 0 ? (
      mayManage() ? <ButtonLink href={href("databases", ["new"])}>{say("addDatabase")}</ButtonLink> : null
    ) : mayServe() ? (
      <ButtonLink kind="solid" href={href("data-services", ["new"])}>
        {say("add")}
      </ButtonLink>
    ) : null;
  return (
    <>
      <PageHeader
        title={say("title")}
        lead={<p>{say("lead")}</p>}
        help="adapter-services"
        actions={mayServe() ? <ButtonLink href={href("data-services", [], { view: "file" })}>{say("fileTitle")}</ButtonLink> : null}
      />
      <Load of={list}>
        {(x) => (
          <DataTable
            rows={x.all}
            caption={say("title")}
            columns={columns()}
            id={(s) => s.name}
            sort="name"
            empty={<p>{say(x.databases ? "none" : "noDatabase")}</p>}
            actions={add(x.databases)}
          />
        )}
      </Load>
    </>
  );
}

const above = (): [string, string][] => [[say("title"), href("data-services")]];

function New(p: { database: string }) {
  const saved = (s: Service) => {
    toast(`${say("saved", { name: nameOf(s) })} ${say("savedNext")}`);
    go("data-services", [s.name], { tab: "publish" });
  };
  return (
    <>
      <PageHeader title={say("addTitle")} lead={<p>{say("addLead")}</p>} above={above()} help="adapter-services" />
      <Edit database={p.database} done={saved} />
    </>
  );
}

async function turn(s: Service): Promise<void> {
  const name = nameOf(s);
  const on = s.state === "off";
  const question = { title: say("turnOffTitle"), text: say("turnOffText", { name }), button: say("turnOff"), danger: true };
  if (!on && !(await confirm(question))) return;
  await put(`${path`machilink/adapter/services/${s.name}`}/${on ? "enable" : "disable"}`, undefined, s.revision);
  toast(say(on ? "turnedOn" : "turnedOff", { name }));
}

async function drop(s: Service): Promise<void> {
  const name = nameOf(s);
  const question = { title: say("removeTitle"), text: say("removeText", { name }), button: say("remove"), danger: true, typeName: s.name };
  if (!(await confirm(question))) return;
  await remove(path`machilink/adapter/services/${s.name}`, s.revision);
  toast(say("removed", { name }));
  go("data-services");
}

function Header(p: { of: Service; reload: () => Promise<void> }) {
  const s = p.of;
  const off = s.state === "off";
  return (
    <PageHeader
      title={nameOf(s)}
      above={above()}
      help="adapter-services"
      lead={
        <p>
          <Light state={lights[s.state]}>{stateText(s)}</Light> <Id>{s.name}</Id>
        </p>
      }
      actions={
        <>
          {mayManage() ? <ButtonLink href={href("calls", [], { service: s.name })}>{say("calls")}</ButtonLink> : null}
          {mayServe() ? (
            <>
              <Button action={() => turn(s).then(p.reload)}>{say(off ? "turnOn" : "turnOff")}</Button>
              <Button danger action={() => drop(s)}>
                {say("remove")}
              </Button>
            </>
          ) : null}
        </>
      }
    />
  );
}

function One(p: { name: string }) {
  const one = useLoad(() => get<Service>(path`machilink/adapter/services/${p.name}`), [p.name]);
  const saved = (s: Service) => {
    toast(say("saved", { name: nameOf(s) }));
    void one.reload();
  };
  const read = (s: Service) => (
    <pre tabIndex={0} aria-label={say("sql")}>
      {s.sqlTemplate}
    </pre>
  );
  const tabs = (s: Service) => [
    { name: "edit", title: say("tabEdit"), view: () => (mayServe() ? <Edit key={s.revision} was={s} database={s.database} done={saved} /> : read(s)) },
    ...(mayServe() ? [{ name: "publish", title: say("tabPublish"), view: () => <Publish service={s} /> }] : []),
    { name: "versions", title: say("tabVersions"), view: () => <Versions service={s} may={mayServe()} changed={() => void one.reload()} /> },
  ];
  return (
    <Load of={one}>
      {(s) => (
        <>
          <Header of={s} reload={one.reload} />
          {s.problem ? (
            <Banner kind="error" title={say("problem")}>
              <p>{faultText(s.problem)}</p>
            </Banner>
          ) : null}
          {s.state === "off" ? <Banner kind="info" title={say("off")} /> : null}
          <Tabs label={nameOf(s)} tabs={tabs(s)} />
        </>
      )}
    </Load>
  );
}

export default function DataServices(p: PageProps) {
  const [name] = p.rest;
  if (name === undefined) return p.query.get("view") === "file" && mayServe() ? <WholeFile /> : <List />;
  return name === "new" ? <New database={p.query.get("database") ?? ""} /> : <One key={name} name={name} />;
}
