// First run: from an empty machine to its first exchange, step by step.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["初期設定の手順", "First run"],
  group: "machine",
  order: 5,
  machine: ["security-server", "center"],
  roles: ["XROAD_SYSTEM_ADMINISTRATOR"],
};
