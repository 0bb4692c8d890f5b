// Help, compiled into the binary with the pages.
import type { PageRow } from "../../lib/page";

export const page: PageRow = { title: ["ヘルプ", "Help"], group: "overview", order: 90 };
