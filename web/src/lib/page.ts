// What a page says about itself, in src/pages/<name>/page.ts. The table of all
// pages is made of these rows: navigation, permissions, titles.
import type { Pair } from "./words";

export const groups = {
  overview: ["概要", "Overview"],
  exchange: ["情報交換", "Exchange"],
  adapter: ["アダプタ", "Adapter"],
  personal: ["Personal-Link", "Personal-Link"],
  center: ["センター", "Center"],
  trust: ["鍵と証明書", "Keys and trust"],
  machine: ["この機器", "This machine"],
  account: ["利用者", "Accounts"],
} as const satisfies Record<string, Pair>;

export type Group = keyof typeof groups;

export interface PageRow {
  title: Pair;
  group: Group;
  /** Place within the group, ascending. */
  order: number;
  /** Only on machines with one of these roles ("security-server", ...). */
  machine?: string[];
  /** Only for readers with one of these permissions (permission.def). */
  may?: string[];
  /** Only for readers with one of these roles (XROAD_...). */
  roles?: string[];
  /** Reached from other pages, not from the navigation. */
  hidden?: boolean;
}

/** What a view gets: the address after the page's name. */
export interface PageProps {
  rest: string[];
  query: URLSearchParams;
}
