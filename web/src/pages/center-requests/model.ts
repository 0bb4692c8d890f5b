// A management request, as the center's list and details have it.
import type { Identifier } from "../../lib/center";
import type { State } from "../../ui";

export interface Request {
  id: number;
  type: string;
  origin: string;
  status: string;
  security_server_id: Identifier;
  security_server_owner?: string;
  client_id?: Identifier;
  client_owner_name?: string;
  client_subsystem_name?: string;
  address?: string;
  comments?: string;
  created_at: string;
  certificate_details?: { subject_distinguished_name: string; issuer_common_name: string; not_after: string; hash: string };
}

/** What waits; a request may be submitted by one side only so far. */
export function isWaiting(r: Request): boolean {
  return r.status === "WAITING";
}

export const lights: Record<string, State> = { WAITING: "wait", APPROVED: "good", DECLINED: "off", REVOKED: "off" };
