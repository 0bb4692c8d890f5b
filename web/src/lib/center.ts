// What the center's pages have in common: identifiers as its API gives them, and
// lists of which the service gives a page at a time.
import type { Answer, Wish } from "../ui";
import { get, type Query } from "./api";

export interface Identifier {
  instance_id: string;
  member_class: string;
  member_code: string;
  subsystem_code?: string;
  server_code?: string;
  encoded_id: string;
}
export interface Client {
  client_id: Identifier;
  member_name: string;
  subsystem_name?: string;
}
export interface Server {
  server_id: Identifier;
  server_address: string;
  in_maintenance_mode: boolean;
  maintenance_mode_message?: string;
  owner_name: string;
  created_at: string;
}

type Paged<K extends string, R> = { paging_metadata: { total_items: number } } & Record<K, R[]>;

/** key: where the rows are; search: the query's name for what is typed. */
export async function paged<R>(where: string, key: string, search: string, w: Wish, more: Query = {}): Promise<Answer<R>> {
  const answer = await get<Paged<string, R>>(where, {
    ...more,
    [search]: w.search,
    sort: w.sort,
    desc: w.sort ? w.descending : undefined,
    limit: w.size,
    offset: w.page,
  });
  return { rows: answer[key] as R[], total: answer.paging_metadata.total_items };
}

const most = 1000; // rows that the service gives at a time

/** Every row of a list that the service gives in pieces: it is searched and sorted here. */
export async function whole<R>(read: (limit: number, page: number) => Promise<R[]>): Promise<R[]> {
  const rows: R[] = [];
  for (let page = 0; ; page++) {
    const piece = await read(most, page);
    rows.push(...piece);
    if (piece.length < most) return rows;
  }
}

/** "海風町 / オープンデータ", or the name alone. */
export function clientName(c: Client): string {
  return c.subsystem_name ? `${c.member_name} / ${c.subsystem_name}` : c.member_name;
}
