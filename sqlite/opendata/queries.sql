-- site_add: one evacuation site
INSERT OR REPLACE INTO evacuation_site VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19);

-- facility_add: one public facility
INSERT OR REPLACE INTO public_facility VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15);

-- goods_add: one kind of emergency goods
INSERT OR REPLACE INTO emergency_goods VALUES (?1, ?2, ?3, ?4, ?5, ?6);
