-- Finding records by message id, party, service and time. Message ids are
-- random: one index over them made every insert into a long log touch a page
-- of its own. So records are looked up in a table that is filled some thousand
-- at a time, in the order of its keys, within segments of 65,536 records; what
-- is not in it yet is in a short list. Measured: machilink bench --log.
DROP INDEX record_query;
CREATE INDEX record_time ON record (id >> 16, time);
CREATE TABLE lookup (
  segment INTEGER NOT NULL,         -- record >> 16
  kind INTEGER NOT NULL,            -- 0 message id, 1 client, 2 service
  key TEXT NOT NULL,
  record INTEGER NOT NULL,          -- may be gone: it was cleaned away
  PRIMARY KEY (segment, kind, key, record)
) STRICT, WITHOUT ROWID;
CREATE TABLE looked_up (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  record INTEGER NOT NULL           -- up to this one they are in lookup
) STRICT;
INSERT INTO looked_up (id, record) VALUES (1, 0);
CREATE TABLE recent (               -- records that are not in lookup yet
  record INTEGER PRIMARY KEY,
  message_id TEXT NOT NULL
) STRICT;
INSERT INTO recent (record, message_id) SELECT id, query_id FROM record ORDER BY id;
