// Is everything that this machine depends on reachable and in order?
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["診断", "Diagnostics"],
  group: "machine",
  order: 30,
  machine: ["security-server"],
  may: ["DIAGNOSTICS"],
};
