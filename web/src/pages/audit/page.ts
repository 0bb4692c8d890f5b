// Who did what, when and from where.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["監査記録", "Audit log"],
  group: "account",
  order: 50,
  roles: ["XROAD_SYSTEM_ADMINISTRATOR", "XROAD_SECURITY_OFFICER", "XROAD_SECURITYSERVER_OBSERVER"],
};
