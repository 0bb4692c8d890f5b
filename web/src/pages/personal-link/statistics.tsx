// Requests, approvals, withdrawals by month, service and consumer. No persons.
import { address, get } from "../../lib/api";
import { number } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { ButtonLink, Chart, type Column, DataTable, Empty, Load } from "../../ui";
import { at, type Count, named, type Organisation, organisations, type Service, services } from "./model";
import { say } from "./words";

const shown = ["requested", "approved", "declined", "withdrawn", "transferred"] as const;

interface Row {
  key: string;
  month: string;
  service: string;
  consumer: string;
  counts: Record<string, number>;
}

function rowsOf(counts: Count[], of: Service[], who: Organisation[]): Row[] {
  const rows = new Map<string, Row>();
  for (const c of counts) {
    const key = `${c.month} ${c.service} ${c.consumer}`;
    const service = of.find((s) => s.id === c.service);
    const consumer = who.find((o) => o.member === c.consumer);
    const row = rows.get(key) ?? {
      key,
      month: c.month,
      service: service ? named(service.title) : c.service,
      consumer: consumer ? named(consumer.name) : c.consumer,
      counts: {},
    };
    row.counts[c.what] = (row.counts[c.what] ?? 0) + c.count;
    rows.set(key, row);
  }
  return [...rows.values()];
}

/** Spreadsheets take a cell that begins so for a formula. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

function csv(rows: Row[]): string {
  const head = [say("month"), say("service"), say("consumer"), ...shown.map((w) => say.of("what", w) ?? w)].map(cell).join(",");
  const lines = rows.map((r) => [cell(r.month), cell(r.service), cell(r.consumer), ...shown.map((w) => r.counts[w] ?? 0)].join(","));
  return `data:text/csv;charset=utf-8,${encodeURIComponent(`\ufeff${[head, ...lines].join("\r\n")}\r\n`)}`;
}

const monthOf = (ms: number) => new Date(ms + 9 * 3600000).toISOString().slice(0, 7);

function Months(p: { rows: Row[] }) {
  const months = [...new Set(p.rows.map((r) => r.month))].sort();
  const sum = (month: string, what: string) => p.rows.filter((r) => r.month === month).reduce((n, r) => n + (r.counts[what] ?? 0), 0);
  return (
    <Chart
      title={say("perMonth")}
      across={say("month")}
      times={months.map((m) => Date.parse(`${m}-01T00:00:00+09:00`))}
      label={monthOf}
      series={shown.map((w) => ({ name: say.of("what", w) ?? w, values: months.map((m) => sum(m, w)), kind: "bar" as const }))}
    />
  );
}

export function Statistics() {
  const loaded = useLoad(async () => {
    const [answer, of, who] = await Promise.all([get<{ statistics: Count[] }>(`${at}/statistics`), services(), organisations()]);
    return { counts: answer.statistics, of, who };
  });
  const columns: Column<Row>[] = [
    { key: "month", head: say("month"), name: true, text: (r) => r.month, sort: (r) => r.key },
    { key: "service", head: say("service"), text: (r) => r.service, sort: (r) => r.service },
    { key: "consumer", head: say("consumer"), text: (r) => r.consumer, sort: (r) => r.consumer },
    ...shown.map((w) => ({
      key: w,
      head: say.of("what", w) ?? w,
      numeric: true,
      text: (r: Row) => number(r.counts[w] ?? 0),
      sort: (r: Row) => r.counts[w] ?? 0,
    })),
  ];
  return (
    <Load of={loaded}>
      {({ counts, of, who }) => {
        const rows = rowsOf(counts, of, who);
        if (!rows.length) return <Empty>{say("statisticsNone")}</Empty>;
        return (
          <>
            <p>{say("statisticsLead")}</p>
            <Months rows={rows} />
            <DataTable
              rows={rows}
              caption={say("perService")}
              columns={columns}
              id={(r) => r.key}
              sort="month"
              descending
              actions={
                <>
                  <ButtonLink href={csv(rows)} download="personal-link.csv">
                    {say("csv")}
                  </ButtonLink>
                  <ButtonLink href={address(`${at}/statistics`)} download="personal-link.json">
                    {say("json")}
                  </ButtonLink>
                </>
              }
            />
          </>
        );
      }}
    </Load>
  );
}
