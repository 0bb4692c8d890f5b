// Keys that sign and prove, and their certificates.
import type { PageRow } from "../../lib/page";

export const page: PageRow = {
  title: ["鍵と証明書", "Keys and certificates"],
  group: "trust",
  order: 10,
  machine: ["security-server"],
  may: ["VIEW_KEYS"],
};
