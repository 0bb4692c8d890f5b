-- What the town knows of its sample residents by its own number: income and
-- tax by year. Derived: written once by the lab, read by the adapter, given
-- away with the person's consent alone. No names.
CREATE TABLE resident_income (
  "利用者番号" TEXT NOT NULL,
  "年度" INTEGER NOT NULL,
  "所得金額" INTEGER NOT NULL,               -- yen
  "町民税額" INTEGER NOT NULL,               -- yen
  PRIMARY KEY ("利用者番号", "年度")
) STRICT;
