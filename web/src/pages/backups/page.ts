// Backups: made, kept elsewhere, brought back.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["バックアップ", "Backups"],
  group: "machine",
  order: 20,
  may: ["BACKUP_CONFIGURATION"],
};
