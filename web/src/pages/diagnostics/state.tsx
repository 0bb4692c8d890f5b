// One state as X-Road's diagnostics say it: a light, and what is wrong.
import { Refused } from "../../lib/api";
import { refusalText } from "../../lib/refusal";
import { Light, type State } from "../../ui";
import { say } from "./words";

export interface Trouble {
  code: string;
  metadata?: string[];
}
export interface Status {
  status_class: string;
  error?: Trouble | null;
}

const states: Record<string, State> = { OK: "good", WAITING: "wait", UNINITIALIZED: "off" };

export function troubleText(t: Trouble | null | undefined): string {
  return t ? refusalText(new Refused(500, t.code, "", t.metadata ?? [])) : "";
}

export function StatusOf(p: { of: Status }) {
  const { status_class: name, error } = p.of;
  return (
    <>
      <Light state={states[name] ?? "bad"}>{say.of("state", name) ?? name}</Light>
      {error ? <span class="line">{troubleText(error)}</span> : null}
    </>
  );
}
