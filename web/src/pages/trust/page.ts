// Whom this machine trusts: anchor, time stamps, authorities.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["信頼の設定", "Trust"],
  group: "trust",
  order: 30,
  machine: ["security-server"],
  may: ["VIEW_ANCHOR", "VIEW_TSPS", "VIEW_APPROVED_CERTIFICATE_AUTHORITIES"],
};
