// The eight steps of a security server, in the order of the published procedure.
import { Certificates } from "./certificates";
import { Connection } from "./connection";
import { Requests } from "./csr";
import { Exchange } from "./exchange";
import { Identity } from "./identity";
import { Initial } from "./initial";
import { isPassed, stepOf, type Setup, type Wizard } from "./model";
import { Findings, type StepView } from "./parts";
import { say } from "./words";

export interface Part {
  wizard: Wizard;
  of: Setup;
}

/** Nothing to enter: the checks run by themselves. */
function Looked(p: Part & { id: string }) {
  return <Findings of={stepOf(p.of, p.id)} ask={() => p.wizard.ask(p.id)} passed={isPassed(p.of, p.id)} />;
}

export function serverSteps(wizard: Wizard, of: Setup): StepView[] {
  const part = { wizard, of };
  const step = (id: string, view: StepView["view"]): StepView => ({
    id,
    title: say.of("step", id) ?? id,
    lead: say.of("lead", id) ?? "",
    view,
  });
  return [
    step("MEMBER_CODE", <Identity {...part} />),
    step("ENVIRONMENT", <Looked {...part} id="ENVIRONMENT" key="ENVIRONMENT" />),
    step("INSTALLATION", <Looked {...part} id="INSTALLATION" key="INSTALLATION" />),
    step("INITIAL_SETUP", <Initial {...part} />),
    step("CSR", <Requests {...part} />),
    step("CERTIFICATES", <Certificates {...part} />),
    step("CONNECTION_TYPE", <Connection {...part} />),
    step("CONNECTIVITY", <Exchange {...part} />),
  ];
}
