// Every row of the parameter table: shown, not changed, because a parameter is
// read once at start from a file that its owner keeps.
import { useId, useState } from "preact/hooks";
import { get } from "../../lib/api";
import { number } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { language } from "../../lib/words";
import { Banner, Chip, type Column, Copyable, DataTable, Load, PageHeader } from "../../ui";
import { say } from "./words";

interface Parameter {
  section: string;
  key: string;
  type: "text" | "number" | "flag" | "path" | "list" | "when";
  value: string;
  default: string;
  given: boolean;
  low?: number;
  high?: number;
  unit: string;
  text: string;
  text_ja: string;
}

const nameOf = (x: Parameter) => `[${x.section}] ${x.key}`;
const meaning = (x: Parameter) => (language.value === "ja" ? x.text_ja : x.text);

function unitOf(x: Parameter): string {
  return x.unit ? ` ${say.of("unit", x.unit) ?? x.unit}` : "";
}

function shown(x: Parameter, value: string): string {
  if (!value) return say("unset");
  if (x.type === "flag") return say.of("flag", value) ?? value;
  if (x.type === "number") return `${value}${unitOf(x)}`;
  return value;
}

function limits(x: Parameter): string {
  if (x.low === undefined || x.high === undefined) return "";
  const range = say("limits", { low: number(x.low), high: number(x.high) });
  return `${range}${unitOf(x)}${x.type === "when" ? ` ${say("orCron")}` : ""}`;
}

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

function columns(): Column<Parameter>[] {
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
          <Chip state={x.given ? "good" : "off"}>{say(x.given ? "given" : "isDefault")}</Chip>
        </>
      ),
    },
    { key: "meaning", head: say("meaning"), text: (x) => `${x.text} ${x.text_ja}`, cell: (x) => <Meaning of={x} /> },
  ];
}

function Which(p: { given: boolean; set: (given: boolean) => void }) {
  const id = useId();
  return (
    <div class="filter">
      <label for={id}>{say("show")}</label>
      <select id={id} value={p.given ? "given" : "all"} onChange={(e) => p.set(e.currentTarget.value === "given")}>
        <option value="all">{say("show_all")}</option>
        <option value="given">{say("show_given")}</option>
      </select>
    </div>
  );
}

export default function Settings() {
  const loaded = useLoad(() => get<{ file: string | null; parameters: Parameter[] }>("machilink/parameters"));
  const [given, setGiven] = useState(false);
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="settings" />
      <Load of={loaded}>
        {(all) => (
          <>
            <Banner kind="info" title={say("how")}>
              <p>{say("howText")}</p>
              {all.file ? <Copyable text={all.file} label={say("file")} /> : <p>{say("noFile")}</p>}
            </Banner>
            <DataTable
              caption={say("caption")}
              columns={columns()}
              rows={given ? all.parameters.filter((x) => x.given) : all.parameters}
              id={nameOf}
              size={20}
              filters={<Which given={given} set={setGiven} />}
            />
          </>
        )}
      </Load>
    </>
  );
}
