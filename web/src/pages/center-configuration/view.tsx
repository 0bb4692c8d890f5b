// The center's two configuration sources, and the anchors of other networks.
import type { PageProps } from "../../lib/page";
import { PageHeader, Tabs } from "../../ui";
import { Management } from "./management";
import { Source } from "./source";
import { Trusted } from "./trusted";
import { say } from "./words";

export default function Configuration(_: PageProps) {
  const tabs = [
    { name: "internal", title: say("internal"), view: () => <Source type="INTERNAL" /> },
    { name: "external", title: say("external"), view: () => <Source type="EXTERNAL" /> },
    { name: "trusted", title: say("trusted"), view: () => <Trusted /> },
    { name: "management", title: say("management"), view: () => <Management /> },
  ];
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="center-configuration" />
      <Tabs label={say("title")} tabs={tabs} />
    </>
  );
}
