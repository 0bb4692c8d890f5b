// Trust services: authorities, OCSP responders, time stamps, own certificates.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["トラストサービス", "Trust services"],
  group: "center",
  order: 50,
  machine: ["center"],
  may: ["VIEW_APPROVED_CAS"],
};
