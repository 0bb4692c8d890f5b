// What the center publishes: sources, anchors, signing keys, federation.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["設定の配布", "Configuration sources"],
  group: "center",
  order: 60,
  machine: ["center"],
  may: ["VIEW_INTERNAL_CONFIGURATION_SOURCE"],
};
