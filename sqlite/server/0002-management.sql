-- What management requests asked for and the global configuration does not
-- show yet; null: nothing is pending.

ALTER TABLE identity ADD COLUMN address_wanted TEXT;        -- address sent
ALTER TABLE identity ADD COLUMN maintenance_wanted INTEGER; -- 1 on, 0 off
ALTER TABLE client ADD COLUMN name_wanted TEXT;             -- subsystem name
ALTER TABLE client ADD COLUMN name_sent INTEGER NOT NULL DEFAULT 0; -- 1 when a request carried it
