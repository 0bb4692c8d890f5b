-- Sample data of the lab's town, in the columns of the standard open data
-- sets for municipalities (evacuation sites, public facilities). Derived:
-- written once by the lab, read by the adapter.

CREATE TABLE evacuation_site (
  "全国地方公共団体コード" TEXT NOT NULL,
  "ID" TEXT PRIMARY KEY,
  "地方公共団体名" TEXT NOT NULL,
  "名称" TEXT NOT NULL,
  "名称_カナ" TEXT NOT NULL,
  "名称_英語" TEXT,
  "所在地_連結表記" TEXT NOT NULL,
  "緯度" REAL NOT NULL,
  "経度" REAL NOT NULL,
  "電話番号" TEXT,
  "災害種別_洪水" INTEGER NOT NULL,          -- 1: usable in this disaster
  "災害種別_崖崩れ、土石流及び地滑り" INTEGER NOT NULL,
  "災害種別_高潮" INTEGER NOT NULL,
  "災害種別_地震" INTEGER NOT NULL,
  "災害種別_津波" INTEGER NOT NULL,
  "災害種別_大規模な火事" INTEGER NOT NULL,
  "指定避難所との重複" INTEGER NOT NULL,     -- 1: also a shelter
  "想定収容人数" INTEGER,                    -- persons
  "備考" TEXT
) STRICT;

CREATE TABLE public_facility (
  "全国地方公共団体コード" TEXT NOT NULL,
  "ID" TEXT PRIMARY KEY,
  "地方公共団体名" TEXT NOT NULL,
  "名称" TEXT NOT NULL,
  "名称_カナ" TEXT NOT NULL,
  "名称_英語" TEXT,
  "POIコード" TEXT,
  "所在地_連結表記" TEXT NOT NULL,
  "緯度" REAL NOT NULL,
  "経度" REAL NOT NULL,
  "電話番号" TEXT,
  "利用可能曜日" TEXT,
  "開始時間" TEXT,
  "終了時間" TEXT,
  "バリアフリー情報" TEXT
) STRICT;

-- The company's side: emergency goods it can deliver.
CREATE TABLE emergency_goods (
  code TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  warehouse TEXT NOT NULL,
  updated TEXT NOT NULL                      -- ISO date
) STRICT;
