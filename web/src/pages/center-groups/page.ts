// Global groups: members that are given rights together.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["グローバルグループ", "Global groups"],
  group: "center",
  order: 40,
  machine: ["center"],
  may: ["VIEW_GLOBAL_GROUPS"],
};
