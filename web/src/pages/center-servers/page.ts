// Security servers of the network.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["セキュリティサーバ", "Security servers"],
  group: "center",
  order: 30,
  machine: ["center"],
  may: ["VIEW_SECURITY_SERVERS"],
};
