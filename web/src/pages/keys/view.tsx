// Keys and certificates: tokens with their keys, and every certificate's end.
import { get } from "../../lib/api";
import { useLoad } from "../../lib/load";
import type { PageProps } from "../../lib/page";
import { href } from "../../lib/route";
import { may } from "../../lib/session";
import { NotAllowed } from "../../parts/server/denied";
import type { Token } from "../../parts/server/types";
import { ButtonLink, Load, PageHeader, Tabs } from "../../ui";
import { CertificatePage } from "./certificate";
import { Expiry } from "./expiry";
import { ImportButton } from "./import";
import { TokenSection } from "./token";
import { Wizard } from "./wizard";
import { say } from "./words";

function Tokens() {
  const list = useLoad(() => get<Token[]>("tokens"));
  return (
    <Load of={list}>
      {(all) => (
        <>
          <div class="actions">
            {may("GENERATE_KEY") ? (
              <ButtonLink kind="solid" href={href("keys", ["new", all[0]?.id ?? "0"])}>
                {say("start")}
              </ButtonLink>
            ) : null}
            {may("IMPORT_AUTH_CERT", "IMPORT_SIGN_CERT") ? <ImportButton done={list.reload} /> : null}
          </div>
          {all.map((t) => (
            <TokenSection key={t.id} of={t} reload={list.reload} />
          ))}
        </>
      )}
    </Load>
  );
}

export default function Keys({ rest, query }: PageProps) {
  const [what, which] = rest;
  if ((what === "new" || what === "request") && !may("GENERATE_AUTH_CERT_REQ", "GENERATE_SIGN_CERT_REQ")) return <NotAllowed />;
  if (what === "new") return <Wizard token={which ?? "0"} usage={query.get("usage") ?? ""} member={query.get("member") ?? ""} />;
  if (what === "request" && which) return <Wizard token="" keyId={which} usage={query.get("usage") ?? ""} member="" />;
  if (what === "certificate" && which) return <CertificatePage key={which} hash={which} />;
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="keys" />
      <Tabs
        label={say("title")}
        tabs={[
          { name: "keys", title: say("tabKeys"), view: () => <Tokens /> },
          { name: "expiry", title: say("tabExpiry"), view: () => <Expiry /> },
        ]}
      />
    </>
  );
}
