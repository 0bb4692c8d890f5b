// Members and subsystems that exchange through this server.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["会員とサブシステム", "Members and clients"],
  group: "exchange",
  order: 10,
  machine: ["security-server"],
  may: ["VIEW_CLIENTS"],
};
