// What organisations apply for: member codes, certificates, access.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["利用申請", "Applications"],
  group: "center",
  order: 15,
  machine: ["center"],
  may: ["VIEW_MEMBERS", "VIEW_APPROVED_CAS"],
};
