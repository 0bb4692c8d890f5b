// The database's tables and columns beside the query.
import type { Table } from "../../lib/adapter";
import { get, path } from "../../lib/api";
import { type Loaded, useLoad } from "../../lib/load";
import { Button, Load } from "../../ui";
import { say } from "./words";

export function useTables(database: string): Loaded<Table[]> {
  return useLoad(async () => (database ? get<Table[]>(path`machilink/adapter/databases/${database}/tables`) : []), [database]);
}

/** What the editor completes. */
export function schemaOf(tables: Table[]): Record<string, string[]> {
  return Object.fromEntries(tables.map((t) => [t.name, t.columns.map((c) => c.name)]));
}

const plain = /^[a-z_][a-z0-9_]*$/;
const quoted = (name: string) => (plain.test(name) ? name : `"${name.replace(/"/g, '""')}"`);

/** All columns of a table, one a line, so that some are easily taken away. */
export function firstQuery(t: Table): string {
  const table = [t.schema && t.schema !== "public" ? quoted(t.schema) : "", quoted(t.name)].filter(Boolean).join(".");
  return `SELECT ${t.columns.map((c) => quoted(c.name)).join(",\n       ")}\nFROM ${table}`;
}

export function Schema(p: { of: Loaded<Table[]>; start: (t: Table) => void }) {
  return (
    <aside class="schema" aria-label={say("tables")}>
      <h3>{say("tables")}</h3>
      <p class="hint">{say("tablesHint")}</p>
      <Load of={p.of}>
        {(all) =>
          all.length ? (
            <div class="schema-list">
              {all.map((t) => (
                <details key={`${t.schema ?? ""}.${t.name}`} data-table={t.name}>
                  <summary>
                    <code>{t.name}</code>
                  </summary>
                  <ul>
                    {t.columns.map((c) => (
                      <li key={c.name}>
                        <code>{c.name}</code> <span class="soft">{say.of("kind", c.type) ?? c.databaseType}</span>
                      </li>
                    ))}
                  </ul>
                  <Button small onClick={() => p.start(t)} label={`${say("start")}: ${t.name}`}>
                    {say("start")}
                  </Button>
                </details>
              ))}
            </div>
          ) : (
            <p>{say("noTables")}</p>
          )
        }
      </Load>
    </aside>
  );
}
