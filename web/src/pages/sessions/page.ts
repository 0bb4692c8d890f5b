// Who is signed in, on the whole machine.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["ログイン状況", "Sessions"],
  group: "account",
  order: 30,
  roles: ["XROAD_SYSTEM_ADMINISTRATOR"],
};
