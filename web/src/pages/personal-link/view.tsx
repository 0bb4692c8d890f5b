// Personal-Link for officers. A center declares and counts; a cache follows it
// and decides what residents see of who used their data.
import { get } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { Load, PageHeader, Tabs } from "../../ui";
import { at, type LinkState } from "./model";
import { Organisations } from "./organisations";
import { Purposes } from "./purposes";
import { Rules } from "./rules";
import { Services } from "./services";
import { State } from "./state";
import { Statistics } from "./statistics";
import { say } from "./words";

function tabs(s: LinkState) {
  const center = s.mode === "center";
  const here = { name: "state", title: say("state"), view: () => <State /> };
  const lists = [
    { name: "services", title: say("services"), view: () => <Services center={center} /> },
    { name: "purposes", title: say("purposes"), view: () => <Purposes center={center} /> },
    { name: "organisations", title: say("organisations"), view: () => <Organisations center={center} /> },
  ];
  return center
    ? [here, ...lists, { name: "statistics", title: say("statistics"), view: () => <Statistics /> }]
    : [here, { name: "rules", title: say("rules"), view: () => <Rules /> }, ...lists];
}

export default function PersonalLink() {
  const state = useLoad(() => get<LinkState>(at));
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say(state.data?.mode === "cache" ? "leadCache" : "lead")}</p>} help="personal-link" />
      <Load of={state}>{(s) => <Tabs label={say("title")} tabs={tabs(s)} />}</Load>
    </>
  );
}
