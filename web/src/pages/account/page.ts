// The reader's own account: password, second factor, sessions.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["自分のアカウント", "My account"],
  group: "account",
  order: 10,
};
