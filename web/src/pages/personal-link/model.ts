// What the officers' calls of Personal-Link answer, and how it is named here.
import { get } from "../../lib/api";
import { hasRole } from "../../lib/session";
import { language } from "../../lib/words";

export interface Both {
  ja: string;
  en: string;
}
/** How many consents would end with a declaration. */
export interface Open {
  requested: number;
  approved: number;
}
export interface Item extends Both {
  code: string;
}
export interface Service {
  id: string;
  provider: string;
  target: string;
  title: Both;
  data: Both;
  legal: Both;
  items: Item[];
  maxDays: number;
  maxAge: number;
  level?: string;
  representable: boolean;
  state: "valid" | "withdrawn";
  open: Open;
}
export interface Purpose {
  id: string;
  consumer: string;
  subsystem: string;
  code: string;
  title: Both;
  reason: Both;
  policyUrl: string;
  state: "valid" | "withdrawn";
  open: Open;
}
export interface Organisation {
  member: string;
  name: Both;
  door?: string;
  returnUrl?: string;
  noticeUrl?: string;
  shared: boolean;
  active: boolean;
  attests?: boolean;
}
export interface Count {
  service: string;
  consumer: string;
  month: string;
  what: string;
  count: number;
}
export interface Feed {
  member: string;
  last: number;
  told: number;
  /** It has one. */
  cache: boolean;
  /** Since it was heard; none since the center was started. */
  age_ms?: number;
}
export interface LinkState {
  mode: "center" | "cache";
  feeds?: Feed[];
  member?: string;
  position?: number;
  whole?: boolean;
  age_ms?: number;
  usagesWaiting?: number;
  trouble?: string;
}
export interface Rule {
  id: string;
  consumer?: string;
  purpose?: string;
  target?: string;
  kind: "delay" | "hide" | "bulk";
  days?: number;
  words?: Both;
  reason: string;
}

export const at = "machilink/link";
export const services = async () => (await get<{ services: Service[] }>(`${at}/services`)).services;
export const purposes = async () => (await get<{ purposes: Purpose[] }>(`${at}/purposes`)).purposes;
export const organisations = async () => (await get<{ organisations: Organisation[] }>(`${at}/organisations`)).organisations;
export const rules = async () => (await get<{ rules: Rule[] }>(`${at}/usage-rules`)).rules;

/** In the language of the page. */
export const named = (x: Both) => x[language.value];
/** Who may declare, and make rules. */
export const officer = () => hasRole("XROAD_SECURITY_OFFICER", "XROAD_REGISTRATION_OFFICER");
