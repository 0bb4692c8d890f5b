// Words of the help viewer.
import { words } from "../../lib/words";

export const say = words({
  title: ["ヘルプ", "Help"],
  lead: [
    "この機器に入っている版の説明です。インターネットにつながっていなくても読めます。",
    "It belongs to the version on this machine and needs no internet.",
  ],
  search: ["言葉で探す", "Search"],
  found: ["{n} 項目", "{n} topics"],
  none: ["見つかりません。別の言葉で探してください。", "Nothing found. Try other words."],
  missing: ["この項目の説明はありません。", "There is no such topic."],
});
