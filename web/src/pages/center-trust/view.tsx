// What the center approves: authorities, time-stamping services; and the
// certificates that its own authority issued.
import type { PageProps } from "../../lib/page";
import { PageHeader, Tabs } from "../../ui";
import { Authorities, Authority } from "./authority";
import { Issued } from "./issued";
import { TimeStamps } from "./tsa";
import { say } from "./words";

export default function Trust(p: PageProps) {
  if (p.rest[0]) return <Authority id={p.rest[0]} />;
  const tabs = [
    { name: "ca", title: say("cas"), view: () => <Authorities /> },
    { name: "tsa", title: say("tsas"), view: () => <TimeStamps /> },
    { name: "issued", title: say("issued"), view: () => <Issued /> },
  ];
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="center-trust" />
      <Tabs label={say("title")} tabs={tabs} />
    </>
  );
}
