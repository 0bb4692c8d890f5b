// Keys and certificates of the server, as far as the first run needs them.
import { get } from "../../lib/api";

export type Usage = "SIGNING" | "AUTHENTICATION";
export interface Certificate {
  usage: Usage;
  status: string;
  active: boolean;
  ocsp_status: string;
  certificate_details: { hash: string; subject_common_name: string; issuer_common_name: string; not_after: string };
}
interface Key {
  id: string;
  label: string;
  usage?: Usage;
  certificates: Omit<Certificate, "usage">[];
  certificate_signing_requests: { id: string }[];
}
export interface Request {
  usage: Usage;
  key: string;
  id: string;
}
export interface Keys {
  requests: Request[];
  certificates: Certificate[];
}

export async function readKeys(): Promise<Keys> {
  const tokens = await get<{ keys: Key[] }[]>("tokens");
  const keys = tokens.flatMap((t) => t.keys).filter((k): k is Key & { usage: Usage } => Boolean(k.usage));
  return {
    requests: keys.flatMap((k) => k.certificate_signing_requests.map((r) => ({ usage: k.usage, key: k.id, id: r.id }))),
    certificates: keys.flatMap((k) => k.certificates.map((c) => ({ ...c, usage: k.usage }))),
  };
}

export interface Self {
  id: string;
  instance_id: string;
  member_class: string;
  member_code: string;
  server_address?: string;
}

/** This server; its owner's identifier. */
export async function readSelf(): Promise<Self & { owner: string }> {
  const [self] = await get<Self[]>("security-servers", { current_server: true });
  return { ...self, owner: `${self.instance_id}:${self.member_class}:${self.member_code}` };
}
