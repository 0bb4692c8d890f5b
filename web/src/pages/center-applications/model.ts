// An application of an organisation, as the center's list and details have it.
import type { State } from "../../ui";

interface Step {
  at: string;
  who: string;
  from: string | null;
  to: string;
  note: string | null;
}
export interface Application {
  id: number;
  kind: string;
  state: string;
  version: number;
  subject: string;
  applicant: { organization: string; contact_name: string; mail: string };
  serial?: string;
  created_at: string;
  warnings?: { code: string; metadata: string[] }[];
}
export interface Detail extends Application {
  content: Record<string, string>;
  history: Step[];
}

export const kinds = ["member-code", "server-certificate", "access-permission"];
export const states = ["submitted", "returned", "approved", "rejected", "withdrawn"];
export const lights: Record<string, State> = { submitted: "wait", returned: "off", approved: "good", rejected: "bad", withdrawn: "off" };
