// Every parameter of this machine, with what it means.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["設定", "Settings"],
  group: "machine",
  order: 10,
  roles: ["XROAD_SYSTEM_ADMINISTRATOR", "XROAD_SECURITY_OFFICER", "XROAD_SECURITYSERVER_OBSERVER"],
};
