// The four steps of a center: itself, trust services, members, the first server.
import { address, get, patch, post, put } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { memberCode } from "../../lib/publicid";
import { href } from "../../lib/route";
import { Banner, Button, ButtonLink, Card, Form, TextField, toast, useForm } from "../../ui";
import { isOk, stepOf, type Setup, type Wizard } from "./model";
import { Findings, type StepView } from "./parts";
import type { Part } from "./server";
import { say } from "./words";

function InstanceForm(p: Part) {
  const form = useForm({ instance_identifier: "", central_server_address: location.hostname, software_token_pin: "", again: "" }, async ({ again: _, ...v }) => {
    await post("initialization", v);
    await put("tokens/0/login", { password: v.software_token_pin }).catch(() => undefined);
    await p.wizard.of.reload();
  });
  const check = { ...form, send: async (ignore?: boolean) => {
    if (form.values.again === form.values.software_token_pin) return form.send(ignore);
    form.setErrors({ again: say("pinDiffers") });
    return false;
  } };
  return (
    <Card title={say("instance")}>
      <Form form={check} submit={say("initialise")} progress={say("initialising")}>
        <TextField form={form} name="instance_identifier" label={say("instanceId")} hint={say("instanceHint")} required width={12} />
        <TextField form={form} name="central_server_address" label={say("centerAddress")} hint={say("centerAddressHint")} required />
        <TextField form={form} name="software_token_pin" type="password" autocomplete="new-password" label={say("pin")} hint={say("pinHint")} required />
        <TextField form={form} name="again" type="password" autocomplete="new-password" label={say("pinAgain")} required />
      </Form>
    </Card>
  );
}

interface Token {
  logged_in: boolean;
  configuration_signing_keys: { source_type: string }[];
}

/** The key store: its PIN, then a key for each source that has none. */
function KeyStore(p: Part) {
  const token = useLoad(async () => (await get<Token[]>("tokens"))[0]);
  const form = useForm({ password: "" }, async (v) => {
    await put("tokens/0/login", v);
    await token.reload();
  });
  const make = async () => {
    const have = new Set(token.data?.configuration_signing_keys.map((k) => k.source_type));
    for (const source of ["INTERNAL", "EXTERNAL"])
      if (!have.has(source)) await post(`configuration-sources/${source}/signing-keys`, { key_label: source.toLowerCase(), token_id: "0" });
    await p.wizard.of.reload();
  };
  if (!token.data) return null;
  return (
    <Card title={say(token.data.logged_in ? "confKeys" : "token")}>
      {token.data.logged_in ? (
        <Button kind="solid" id="configuration-keys" action={make}>
          {say("confKeysMake")}
        </Button>
      ) : (
        <Form form={form} submit={say("unlock")}>
          <TextField form={form} name="password" type="password" label={say("pin")} required />
        </Form>
      )}
    </Card>
  );
}

function Itself(p: Part) {
  const ok = (check: string) => isOk(p.of, "INITIAL_SETUP", check);
  return (
    <>
      {!ok("instance") ? <InstanceForm {...p} /> : ok("token") ? null : <KeyStore {...p} />}
      <Findings of={stepOf(p.of, "INITIAL_SETUP")} />
    </>
  );
}

function Trust(p: Part) {
  const make = async () => {
    await post("machilink/trust-services", {});
    toast(say("trustMade"));
    await p.wizard.of.reload();
  };
  const done = ["ca", "ocsp", "tsa"].every((c) => isOk(p.of, "TRUST_SERVICES", c));
  return (
    <>
      {done ? null : (
        <Card title={say("trust")}>
          <p>{say("trustText")}</p>
          <div class="actions">
            <Button kind="solid" action={make}>
              {say("trustMake")}
            </Button>
            <ButtonLink href={href("center-trust")}>{say("trustOther")}</ButtonLink>
          </div>
        </Card>
      )}
      <Findings of={stepOf(p.of, "TRUST_SERVICES")} />
    </>
  );
}

const management = "MANAGEMENT";

/** The first member: its class, itself, and the provider of management services. */
function MemberForm(p: Part) {
  const form = useForm({ typed: "", member_name: "", member_class: "GOV", description: say("classGov") }, async (v) => {
    const id = { member_class: v.member_class, member_code: memberCode(v.typed).code };
    const { instance_identifier: instance } = await get<{ instance_identifier: string }>("initialization/status");
    const classes = await get<{ code: string }[]>("member-classes");
    if (!classes.some((c) => c.code === v.member_class)) await post("member-classes", { code: v.member_class, description: v.description });
    if (!isOk(p.of, "MEMBERS", "member")) await post("members", { member_id: id, member_name: v.member_name });
    await post("subsystems", { subsystem_id: { ...id, subsystem_code: management } });
    await patch("management-services-configuration", { service_provider_id: `${instance}:${id.member_class}:${id.member_code}:${management}` });
    await p.wizard.of.reload();
  });
  const { code } = memberCode(form.values.typed);
  return (
    <Card title={say("firstMember")}>
      <p>{say("firstMemberText")}</p>
      <Form form={form} submit={say("firstMemberAdd")}>
        <TextField form={form} name="typed" label={say("code")} hint={say("codeHint")} required width={20} />
        {code ? <p role="status">{say("codeIs", { code })}</p> : null}
        <TextField form={form} name="member_name" label={say("memberName")} required maxLength={255} />
        <TextField form={form} name="member_class" label={say("memberClass")} hint={say("memberClassHint")} required width={8} />
        <TextField form={form} name="description" label={say("classText")} required maxLength={255} />
      </Form>
    </Card>
  );
}

function Members(p: Part) {
  const done = ["class", "member", "management"].every((c) => isOk(p.of, "MEMBERS", c));
  return (
    <>
      {done ? null : <MemberForm {...p} />}
      <Findings of={stepOf(p.of, "MEMBERS")} />
    </>
  );
}

function FirstServer(p: Part) {
  return (
    <>
      <Banner
        kind="info"
        title={say("anchorGive")}
        actions={
          <>
            <ButtonLink kind="solid" download href={address("configuration-sources/INTERNAL/anchor/download")}>
              {say("anchorDownload")}
            </ButtonLink>
            <ButtonLink href={href("center-requests")}>{say("toRequests")}</ButtonLink>
          </>
        }
      >
        <p>{say("anchorGiveText")}</p>
      </Banner>
      <Findings of={stepOf(p.of, "FIRST_SERVER")} />
    </>
  );
}

export function centerSteps(wizard: Wizard, of: Setup): StepView[] {
  const part = { wizard, of };
  const step = (id: string, view: StepView["view"]): StepView => ({
    id,
    title: say.of("center", id) ?? id,
    lead: say.of("centerLead", id) ?? "",
    view,
  });
  return [
    step("INITIAL_SETUP", <Itself {...part} />),
    step("TRUST_SERVICES", <Trust {...part} />),
    step("MEMBERS", <Members {...part} />),
    step("FIRST_SERVER", <FirstServer {...part} />),
  ];
}
