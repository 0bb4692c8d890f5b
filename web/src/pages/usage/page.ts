// How much the services are used, by whom, how fast.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["利用状況", "Usage"],
  group: "overview",
  order: 20,
  machine: ["monitor"],
};
