// Members of the network and their subsystems.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["メンバー", "Members"],
  group: "center",
  order: 20,
  machine: ["center"],
  may: ["VIEW_MEMBERS"],
};
