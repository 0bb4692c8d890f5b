// The message log: exchanges with their evidence.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["メッセージログ", "Message log"],
  group: "exchange",
  order: 40,
  machine: ["security-server"],
};
