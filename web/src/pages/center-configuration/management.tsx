// Who provides the services by which servers register.
import { get, patch } from "../../lib/api";
import { paged, clientName, type Client } from "../../lib/center";
import { useLoad } from "../../lib/load";
import { Form, Id, Load, PairOf, Pairs, Section, Select, toast, useForm } from "../../ui";
import { say } from "./words";

interface Provider {
  service_provider_id: string;
  service_provider_name: string;
  security_server_id: string;
  services_address: string;
  wsdl_address: string;
}

function Change(p: { now: string; list: Client[]; done: () => Promise<void> }) {
  const form = useForm({ service_provider_id: p.now }, async (v) => {
    await patch("management-services-configuration", v);
    toast(say("providerKept"));
    await p.done();
  });
  return (
    <Form form={form} submit={say("providerKeep")}>
      <Select
        form={form}
        name="service_provider_id"
        label={say("provider")}
        none={say("choose")}
        choices={p.list.map((c) => ({ value: c.client_id.encoded_id, text: `${clientName(c)} (${c.client_id.encoded_id})` }))}
        required
      />
    </Form>
  );
}

export function Management() {
  const of = useLoad(async () => {
    const [now, subsystems] = await Promise.all([
      get<Provider>("management-services-configuration"),
      paged<Client>("clients", "clients", "q", { search: "", sort: "", descending: false, page: 0, size: 100 }, { client_type: "SUBSYSTEM" }),
    ]);
    return { now, list: subsystems.rows };
  });
  return (
    <Section title={say("management")}>
      <p>{say("managementText")}</p>
      <Load of={of}>
        {({ now, list }) => (
          <>
            <Pairs>
              <PairOf name={say("provider")}>
                {now.service_provider_name} <Id>{now.service_provider_id ?? ""}</Id>
              </PairOf>
              <PairOf name={say("server")}>
                <Id>{now.security_server_id || say("serverNone")}</Id>
              </PairOf>
              <PairOf name={say("services")}>
                <Id>{now.services_address}</Id>
              </PairOf>
              <PairOf name={say("wsdl")}>
                <Id>{now.wsdl_address}</Id>
              </PairOf>
            </Pairs>
            <details class="group">
              <summary>{say("providerChange")}</summary>
              <Change now={now.service_provider_id ?? ""} list={list} done={of.reload} />
            </details>
          </>
        )}
      </Load>
    </Section>
  );
}
