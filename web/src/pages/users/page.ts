// People who administer this machine.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["利用者", "Users"],
  group: "account",
  order: 20,
  roles: ["XROAD_SYSTEM_ADMINISTRATOR"],
};
