// Home: is it working, and what waits for the reader.
import { dateTimeText } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { readHealth } from "../../lib/session";
import { Button, Load, PageHeader } from "../../ui";
import { RoleCard } from "./report";
import { say } from "./words";

export default function Home() {
  const report = useLoad(readHealth);
  const time = report.data ? dateTimeText(Date.parse(report.data.time)) : "";
  return (
    <>
      <PageHeader
        title={say("title")}
        lead={time ? <p class="soft">{say("asOf", { time })}</p> : null}
        help="home"
        actions={<Button action={report.reload}>{say("refresh")}</Button>}
      />
      <Load of={report}>
        {(h) => (
          <ul class="cards" aria-label={say("health")}>
            {h.roles.map((r) => (
              <RoleCard key={r.role} of={r} />
            ))}
          </ul>
        )}
      </Load>
    </>
  );
}
