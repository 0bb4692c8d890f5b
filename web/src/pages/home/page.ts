// The first page: is it working, and what waits for the reader.
import type { PageRow } from "../../lib/page";

export const page: PageRow = { title: ["ホーム", "Home"], group: "overview", order: 0 };
