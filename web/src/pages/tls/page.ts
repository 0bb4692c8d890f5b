// The certificate that this machine's own information systems see.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["業務システム向けの証明書", "Internal TLS certificate"],
  group: "trust",
  order: 20,
  machine: ["security-server"],
  may: ["VIEW_INTERNAL_TLS_CERT"],
};
