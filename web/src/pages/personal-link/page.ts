// Personal-Link for officers: declarations, organisations, numbers, state.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["Personal-Link", "Personal-Link"],
  group: "personal",
  order: 10,
  machine: ["personal-link"],
};
