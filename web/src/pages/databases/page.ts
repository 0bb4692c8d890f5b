// The databases behind the data services.
import { onlookers } from "../../lib/adapter";
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["データベース", "Databases"],
  group: "adapter",
  order: 10,
  machine: ["adapter"],
  roles: onlookers,
};
