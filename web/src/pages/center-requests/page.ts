// Requests of security servers that wait for the center's yes or no.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["承認待ちの申請", "Requests"],
  group: "center",
  order: 10,
  machine: ["center"],
  may: ["VIEW_MANAGEMENT_REQUESTS"],
};
