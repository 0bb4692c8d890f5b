-- site_add: one evacuation site
INSERT OR REPLACE INTO evacuation_site VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19);

-- facility_add: one public facility
INSERT OR REPLACE INTO public_facility VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15);

-- goods_add: one kind of emergency goods
INSERT OR REPLACE INTO emergency_goods VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- garbage_add: the days of fiscal 2026 of one quarter and kind: weekday (0 Sunday), days after the first one, days between
INSERT OR REPLACE INTO garbage_day
WITH RECURSIVE d(day) AS (
  SELECT date('2026-04-01', 'weekday ' || ?5, '+' || ?6 || ' days')
  UNION ALL
  SELECT date(day, '+' || ?7 || ' days') FROM d WHERE day <= date('2027-03-31', '-' || ?7 || ' days'))
SELECT ?1, ?2, ?3, ?4, day, substr('日月火水木金土', strftime('%w', day) + 1, 1) FROM d;

-- income_add: one resident's year
INSERT OR REPLACE INTO resident_income VALUES (?1, ?2, ?3, ?4);
