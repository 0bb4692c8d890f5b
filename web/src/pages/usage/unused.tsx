// Services on offer that nobody uses.
import { get } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { type Column, DateTime, Id, LoadedTable, Section, Select, useForm } from "../../ui";
import { say } from "./words";

interface Offer {
  service: string;
  title: string;
  offered_since: string | null;
  last_use: string | null;
}

function columns(): Column<Offer>[] {
  return [
    {
      key: "service",
      head: say("service"),
      name: true,
      text: (o) => `${o.title} ${o.service}`,
      sort: (o) => o.service,
      cell: (o) => (
        <>
          {o.title && o.title !== o.service ? <span class="line">{o.title}</span> : null}
          <Id>{o.service}</Id>
        </>
      ),
    },
    { key: "since", head: say("since"), sort: (o) => o.offered_since ?? "", cell: (o) => <DateTime at={o.offered_since} only="date" /> },
    {
      key: "last",
      head: say("lastUse"),
      sort: (o) => o.last_use ?? "",
      cell: (o) => (
        <DateTime at={o.last_use} only="date">
          {say("neverUsed")}
        </DateTime>
      ),
    },
  ];
}

export function Unused() {
  const form = useForm({ days: "90" }, async () => undefined);
  const days = Number(form.values.days);
  const list = useLoad(async () => (await get<{ items: Offer[] }>("machilink/usage/unused", { days })).items, [days]);
  const choices = ["30", "90", "180", "365"].map((value) => ({ value, text: say("inDays", { n: value }) }));
  return (
    <Section title={say("unused")} id="unused">
      <p>{say("unusedLead")}</p>
      <Select form={form} name="days" label={say("unusedFor")} choices={choices} />
      <LoadedTable of={list} caption={say("unused")} columns={columns()} id={(o) => o.service} sort="last" plain empty={<p>{say("unusedNone")}</p>} />
    </Section>
  );
}
