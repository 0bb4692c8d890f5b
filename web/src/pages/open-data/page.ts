// A list in a CSV file becomes data services.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["オープンデータの取り込み", "Open data"],
  group: "adapter",
  order: 30,
  machine: ["adapter"],
  roles: ["XROAD_SERVICE_ADMINISTRATOR"],
};
