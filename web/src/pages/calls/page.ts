// Who called which data service, and what came of it.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["呼び出しの記録", "Calls"],
  group: "adapter",
  order: 40,
  machine: ["adapter"],
  roles: ["XROAD_SERVICE_ADMINISTRATOR", "XROAD_SYSTEM_ADMINISTRATOR"],
};
