// What is offered to others through this server.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["提供しているサービス", "Services"],
  group: "exchange",
  order: 20,
  machine: ["security-server"],
  may: ["VIEW_CLIENT_SERVICES"],
};
