// Members and subsystems that exchange through this server.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["メンバーとサブシステム", "Members and clients"],
  group: "exchange",
  order: 10,
  machine: ["security-server"],
  may: ["VIEW_CLIENTS"],
};
