// Keys with which programs use this machine's interface.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["APIキー", "API keys"],
  group: "account",
  order: 40,
  may: ["VIEW_API_KEYS"],
};
