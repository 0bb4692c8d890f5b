// What the adapter's interface says (appliance/adapter/manage.h); members are
// called as in services.json.
import { get } from "./api";
import { hasRole } from "./session";
import { language } from "./words";

export interface Fault {
  code: string;
  message: string;
  message_ja?: string;
  parameter?: string;
}
export interface Database {
  id: string;
  displayName?: string;
  databaseType: string;
  databaseName?: string;
  host?: string;
  port?: number;
  jdbcUrl?: string;
  username?: string;
  tls?: string;
  caFile?: string;
  odbcDriver?: string;
  passwordSet: boolean;
  services: number;
  revision: string;
  away?: Fault;
}
export interface Health {
  ok: boolean;
  milliseconds: number;
  error?: Fault;
}
export interface Field {
  name: string;
  type?: string;
  itemType?: string;
  required?: boolean;
  personal?: boolean;
  /** Not the caller's to give: what the person's consent says. */
  consent?: string;
  description?: string;
  /** Rules that the pages do not show stay as they are. */
  [more: string]: unknown;
}
export interface Service {
  name: string;
  database: string;
  sqlTemplate: string;
  displayName?: string;
  version?: string;
  write?: boolean;
  tables?: string[];
  functions?: string[];
  params?: Field[];
  result?: Field[];
  state: "in force" | "off" | "asleep" | "not read";
  problem?: Fault;
  revision: string;
  [more: string]: unknown;
}
export interface Table {
  schema?: string;
  name: string;
  view: boolean;
  columns: { name: string; databaseType: string; type: string }[];
}
export interface Kind {
  name: string;
  expects: string;
  expects_ja: string;
  example?: string;
  /** It has a least and a greatest value. */
  hasRange?: boolean;
}

export const base = "machilink/adapter";

export function faultText(f: Fault): string {
  return (language.value === "ja" && f.message_ja) || f.message;
}

export const databases = () => get<Database[]>(`${base}/databases`);
export const services = () => get<Service[]>(`${base}/services`);

/** What people call it. */
export function nameOf(x: { displayName?: string; id?: string; name?: string }): string {
  return x.displayName || x.name || x.id || "";
}

/** Observers look; these two change. */
export const mayManage = () => hasRole("XROAD_SERVICE_ADMINISTRATOR", "XROAD_SYSTEM_ADMINISTRATOR");
export const mayServe = () => hasRole("XROAD_SERVICE_ADMINISTRATOR");
export const onlookers = ["XROAD_SERVICE_ADMINISTRATOR", "XROAD_SYSTEM_ADMINISTRATOR", "XROAD_SECURITYSERVER_OBSERVER"];
