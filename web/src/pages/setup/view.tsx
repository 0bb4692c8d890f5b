// The first run of a security server or of a center; both, where a machine is both.
import type { PageProps } from "../../lib/page";
import { machine } from "../../lib/session";
import { Load, PageHeader, Tabs } from "../../ui";
import { useWizard } from "./model";
import { serverSteps } from "./server";
import { centerSteps } from "./center";
import { Walk } from "./parts";
import { say } from "./words";

function Server(p: { rest: string[] }) {
  const wizard = useWizard("server");
  return (
    <Load of={wizard.of}>
      {(of) => (
        <Walk
          label={say("stepsServer")}
          of={of}
          steps={serverSteps(wizard, of)}
          rest={p.rest}
          skip={(id) => id === "MEMBER_CODE" && Boolean(of.since.note.member_code)}
        />
      )}
    </Load>
  );
}

function Center(p: { rest: string[] }) {
  const wizard = useWizard("center");
  return (
    <Load of={wizard.of}>
      {(of) => <Walk label={say("stepsCenter")} of={of} steps={centerSteps(wizard, of)} rest={p.rest} />}
    </Load>
  );
}

export default function Setup(p: PageProps) {
  const isServer = machine.value.has("security-server");
  const isCenter = machine.value.has("center");
  const tabs = [
    { name: "server", title: say("server"), view: () => <Server rest={p.rest} /> },
    { name: "center", title: say("center"), view: () => <Center rest={p.rest} /> },
  ];
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="first-run" />
      {isServer && isCenter ? <Tabs label={say("title")} tabs={tabs} /> : isCenter ? tabs[1].view() : tabs[0].view()}
    </>
  );
}
