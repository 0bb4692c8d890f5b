-- Message ids are looked up by 64 bits of their digest: a quarter of the size,
-- so that segments can be four times as long and a search asks a quarter as
-- many. Parties stay as text. Everything is looked up anew.
DROP TABLE lookup;
CREATE TABLE lookup_message (
  segment INTEGER NOT NULL,         -- record >> 18
  hash INTEGER NOT NULL,            -- of the message id (logsearch.c)
  record INTEGER NOT NULL,          -- may be gone: it was cleaned away
  PRIMARY KEY (segment, hash, record)
) STRICT, WITHOUT ROWID;
CREATE TABLE lookup_party (
  segment INTEGER NOT NULL,         -- record >> 16
  kind INTEGER NOT NULL,            -- 1 client, 2 service
  name TEXT NOT NULL,
  record INTEGER NOT NULL,
  PRIMARY KEY (segment, kind, name, record)
) STRICT, WITHOUT ROWID;
UPDATE looked_up SET record = 0;
DELETE FROM recent;
INSERT INTO recent (record, message_id) SELECT id, query_id FROM record ORDER BY id;
