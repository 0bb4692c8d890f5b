// A client's state at the center, as a light with a word.
import { Light, type State } from "../../ui";
import type { Client } from "./types";
import { say } from "./words";

const lights: Record<string, State> = {
  REGISTERED: "good",
  REGISTRATION_IN_PROGRESS: "wait",
  DELETION_IN_PROGRESS: "wait",
  DISABLING_IN_PROGRESS: "wait",
  ENABLING_IN_PROGRESS: "wait",
  GLOBAL_ERROR: "bad",
};

export function ClientState(p: { of: Client }) {
  const status = p.of.status ?? "";
  return <Light state={lights[status] ?? "off"}>{say.of("status", status) ?? status}</Light>;
}

/** What the state means and what to do. */
export function stateHint(c: Client): string {
  return say.of("hint", c.status ?? "") ?? "";
}
