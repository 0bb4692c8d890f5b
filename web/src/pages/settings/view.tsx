// Every row of the parameter table: what it means, its default, its value. A
// few are changed here, for the next start; the others in their owner's file.
import { useId, useState } from "preact/hooks";
import { get } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { hasRole } from "../../lib/session";
import { Banner, Button, Chip, type Column, Copyable, DataTable, Load, PageHeader } from "../../ui";
import { Edit } from "./edit";
import { limits, meaning, nameOf, type Parameter, type Parameters, shown } from "./model";
import { Restart } from "./restart";
import { say } from "./words";

function Meaning(p: { of: Parameter }) {
  const more = [p.of.given || p.of.value !== p.of.default ? say("defaultIs", { value: shown(p.of, p.of.default) }) : "", limits(p.of)];
  return (
    <>
      {meaning(p.of)}
      {more.filter(Boolean).map((text) => (
        <span key={text} class="line soft">
          {text}
        </span>
      ))}
    </>
  );
}

function columns(edit: (x: Parameter) => void): Column<Parameter>[] {
  const mayEdit = hasRole("XROAD_SYSTEM_ADMINISTRATOR");
  return [
    {
      key: "name",
      head: say("name"),
      name: true,
      text: nameOf,
      sort: nameOf,
      cell: (x) => (
        <>
          <span class="line soft">[{x.section}]</span>
          <code>{x.key}</code>
        </>
      ),
    },
    {
      key: "value",
      head: say("value"),
      text: (x) => x.value,
      sort: (x) => (x.given ? 0 : 1),
      cell: (x) => (
        <>
          <span class="line">{shown(x, x.value)}</span>
          <Chip state={x.given ? "good" : "off"}>{say(x.changed_here && x.next === undefined ? "changedHere" : x.given ? "given" : "isDefault")}</Chip>
          {x.next === undefined ? null : <Chip state="wait">{say("nextIs", { value: shown(x, x.next) })}</Chip>}
        </>
      ),
    },
    { key: "meaning", head: say("meaning"), text: (x) => `${x.text} ${x.text_ja}`, cell: (x) => <Meaning of={x} /> },
    {
      key: "actions",
      head: say("actions"),
      cell: (x) =>
        x.editable && mayEdit ? (
          <Button small onClick={() => edit(x)} label={`${say("edit")}: ${nameOf(x)}`}>
            {say("edit")}
          </Button>
        ) : (
          <span class="soft">{say("inFile")}</span>
        ),
    },
  ];
}

const shows = ["all", "editable", "given"] as const;
type Show = (typeof shows)[number];
const isShown: Record<Show, (x: Parameter) => boolean> = { all: () => true, editable: (x) => x.editable, given: (x) => x.given || x.next !== undefined };

function Which(p: { show: Show; set: (show: Show) => void }) {
  const id = useId();
  return (
    <div class="filter">
      <label for={id}>{say("show")}</label>
      <select id={id} value={p.show} onChange={(e) => p.set(e.currentTarget.value as Show)}>
        {shows.map((x) => (
          <option key={x} value={x}>
            {say.of("show", x)}
          </option>
        ))}
      </select>
    </div>
  );
}

export default function Settings() {
  const loaded = useLoad(() => get<Parameters>("machilink/parameters"));
  const [show, setShow] = useState<Show>("all");
  const [editing, setEditing] = useState<Parameter>();
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="settings" />
      <Load of={loaded}>
        {(all) => (
          <>
            <Restart of={all} />
            <DataTable
              caption={say("caption")}
              columns={columns(setEditing)}
              rows={all.parameters.filter(isShown[show])}
              id={nameOf}
              size={20}
              filters={<Which show={show} set={setShow} />}
            />
            <Banner kind="info" title={say("how")}>
              <p>{say("howText")}</p>
              {all.file ? <Copyable text={all.file} label={say("file")} /> : <p>{say("noFile")}</p>}
            </Banner>
          </>
        )}
      </Load>
      {editing ? <Edit of={editing} done={loaded.reload} close={() => setEditing(undefined)} /> : null}
    </>
  );
}
