-- The town's calendar of garbage collection: a row for each day, quarter and
-- kind. Derived: written once by the lab, read by the adapter.
CREATE TABLE garbage_day (
  "全国地方公共団体コード" TEXT NOT NULL,
  "地方公共団体名" TEXT NOT NULL,
  "地区" TEXT NOT NULL,
  "品目" TEXT NOT NULL,
  "収集日" TEXT NOT NULL CHECK (date("収集日") = "収集日"),
  "曜日" TEXT NOT NULL,
  PRIMARY KEY ("地区", "収集日", "品目")
) STRICT;
