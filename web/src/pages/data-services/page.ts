// Data services: statements that others may call.
import { onlookers } from "../../lib/adapter";
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["データサービス", "Data services"],
  group: "adapter",
  order: 20,
  machine: ["adapter"],
  roles: onlookers,
};
