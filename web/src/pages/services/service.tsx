// One service: who may call it, where it is, its endpoints.
import { get, patch, path } from "../../lib/api";
import { type Loaded, useLoad } from "../../lib/load";
import { href } from "../../lib/route";
import { may } from "../../lib/session";
import { Rights } from "../../parts/server/subjects";
import { clientOf, type Description, type Service } from "../../parts/server/types";
import { Banner, Checkbox, Copyable, Form, Id, Load, PageHeader, PairOf, Pairs, Section, type Tab, Tabs, TextField, toast, useForm } from "../../ui";
import { PersonalRules } from "./consent";
import { say as consent } from "./consent_words";
import { Endpoints } from "./endpoint";
import { say } from "./words";

interface Known {
  service: Service;
  description?: Description;
}

async function read(id: string): Promise<Known> {
  const [service, all] = await Promise.all([get<Service>(path`services/${id}`), get<Description[]>(path`clients/${clientOf(id)}/service-descriptions`)]);
  return { service, description: all.find((d) => d.services.some((s) => s.id === id)) };
}

function Settings(p: { of: Known; reload: () => Promise<void> }) {
  const s = p.of.service;
  const several = (p.of.description?.services.length ?? 1) > 1;
  const start = { url: s.url, timeout: String(s.timeout), ssl_auth: s.ssl_auth, all: false };
  const form = useForm(start, (v, ignore_warnings) =>
    patch(path`services/${s.id}`, {
      url: v.url.trim(),
      timeout: Number(v.timeout),
      ssl_auth: v.ssl_auth,
      url_all: v.all,
      timeout_all: v.all,
      ssl_auth_all: v.all,
      ignore_warnings,
    }),
  );
  const done = () => {
    toast(say("saved"));
    void p.reload();
  };
  return (
    <Form form={form} submit={say("save")} done={done} progress={say("checking")}>
      <TextField form={form} name="url" label={say("url")} hint={say("urlHint")} type="url" maxLength={255} required />
      <TextField form={form} name="timeout" label={say("timeout")} hint={say("timeoutHint")} type="number" min={0} max={1000} width={6} required />
      <Checkbox form={form} name="ssl_auth" label={say("verify")} hint={say("verifyHint")} />
      {several ? <Checkbox form={form} name="all" label={say("toAll")} hint={say("toAllHint")} /> : null}
    </Form>
  );
}

function Parameters(p: { of: Service }) {
  return (
    <Pairs>
      <PairOf name={say("url")}>
        <Id>{p.of.url}</Id>
      </PairOf>
      <PairOf name={say("timeout")}>{say("seconds", { n: p.of.timeout })}</PairOf>
      <PairOf name={say("verify")}>{say(p.of.ssl_auth ? "yes" : "no")}</PairOf>
    </Pairs>
  );
}

/** What a caller has to write. */
function HowToCall(p: { of: Known }) {
  if (p.of.description?.type === "WSDL") return null;
  const r1 = `/r1/${p.of.service.id.split(":").map(encodeURIComponent).join("/")}`;
  return (
    <Section title={say("howToCall")}>
      <p>{say("howToCallText")}</p>
      <Copyable text={r1} label={say("howToCall")} />
    </Section>
  );
}

function tabs(of: Known, loaded: Loaded<Known>): Tab[] {
  const s = of.service;
  const rights = (
    <>
      <p>{say("rightsLead")}</p>
      <Rights
        at={path`services/${s.id}`}
        client={clientOf(s.id)}
        what={s.full_service_code}
        change={may("EDIT_SERVICE_ACL")}
        changed={loaded.reload}
      />
      <HowToCall of={of} />
    </>
  );
  const all: (Tab & { show: boolean })[] = [
    { name: "rights", title: say("tabRights"), show: may("VIEW_SERVICE_ACL"), view: () => rights },
    {
      name: "settings",
      title: say("tabSettings"),
      show: true,
      view: () => (may("EDIT_SERVICE_PARAMS") ? <Settings key={s.url} of={of} reload={loaded.reload} /> : <Parameters of={s} />),
    },
    {
      name: "endpoints",
      title: say("endpoints"),
      show: of.description?.type !== "WSDL" && may("VIEW_ENDPOINT"),
      view: () => <Endpoints service={s} reload={loaded.reload} />,
    },
    {
      name: "consent",
      title: consent("tab"),
      show: true,
      view: () => <PersonalRules service={s} soap={of.description?.type === "WSDL"} />,
    },
  ];
  return all.filter((t) => t.show);
}

export function One(p: { id: string }) {
  const of = useLoad(() => read(p.id), [p.id]);
  const code = of.data?.service.full_service_code ?? p.id.slice(clientOf(p.id).length + 1);
  const title = say("oneTitle", { name: code });
  const client = clientOf(p.id);
  return (
    <>
      <PageHeader
        title={title}
        lead={<p>{of.data?.service.title || say("oneLead")}</p>}
        help="services"
        above={[
          [say("title"), href("services")],
          [say("ofClient", { name: client }), href("clients", [client], { tab: "services" })],
        ]}
      />
      <Load of={of}>
        {(known) => (
          <>
            {known.description?.disabled ? (
              <Banner kind="warning" title={say("isOff")}>
                <p>{say("isOffText")}</p>
                {known.description.disabled_notice ? <p>{say("noticeIs", { text: known.description.disabled_notice })}</p> : null}
              </Banner>
            ) : null}
            <Tabs label={title} tabs={tabs(known, of)} />
          </>
        )}
      </Load>
    </>
  );
}
