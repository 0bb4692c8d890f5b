// One row of the parameter table, and how its values are written.
import { number } from "../../lib/format";
import { language } from "../../lib/words";
import { say } from "./words";

export interface Parameter {
  section: string;
  key: string;
  type: "text" | "number" | "flag" | "path" | "list" | "when";
  value: string;
  default: string;
  given: boolean;
  /** May be changed from this page. */
  editable: boolean;
  /** Was, and the change is still kept. */
  changed_here?: boolean;
  /** Its value from the next start on, if that is another. */
  next?: string;
  low?: number;
  high?: number;
  unit: string;
  text: string;
  text_ja: string;
}

export interface Parameters {
  file: string | null;
  parameters: Parameter[];
  restart_due: boolean;
  /** Why the service would not start now. */
  problem?: string;
}

export const nameOf = (x: Parameter) => `[${x.section}] ${x.key}`;
export const meaning = (x: Parameter) => (language.value === "ja" ? x.text_ja : x.text);

function unitOf(x: Parameter): string {
  return x.unit ? ` ${say.of("unit", x.unit) ?? x.unit}` : "";
}

export function shown(x: Parameter, value: string): string {
  if (!value) return say("unset");
  if (x.type === "flag") return say.of("flag", value) ?? value;
  if (x.type === "number") return `${value}${unitOf(x)}`;
  return value;
}

export function limits(x: Parameter): string {
  if (x.low === undefined || x.high === undefined) return "";
  const range = say("limits", { low: number(x.low), high: number(x.high) });
  return `${range}${unitOf(x)}${x.type === "when" ? ` ${say("orCron")}` : ""}`;
}
