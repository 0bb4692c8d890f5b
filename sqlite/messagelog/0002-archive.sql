-- Archiving and cleaning of the message log. Rule:
-- interop/xroad-messages.md 4.6.

-- A file of archived records. The newest row of a group is what the next file
-- of that group is chained to.
CREATE TABLE archive (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL,            -- when made, ms since 1970
  group_name TEXT NOT NULL,         -- '' all, or I/C/M, or I/C/M/S
  directory TEXT NOT NULL,
  name TEXT NOT NULL,               -- of the file
  digest TEXT NOT NULL,             -- last one of its linkinginfo, hex
  records INTEGER NOT NULL,
  published INTEGER NOT NULL        -- 0 the file may not have its name yet
) STRICT;
CREATE INDEX archive_group ON archive (group_name, id);
CREATE INDEX archive_pending ON archive (id) WHERE published = 0;

-- The file a record is in; NULL not archived.
ALTER TABLE record ADD COLUMN archive INTEGER REFERENCES archive (id);
-- Everything the search for work looks at: the rows stay unread.
CREATE INDEX record_to_archive
  ON record (id, member_class, member_code, subsystem_code, archive, stamp)
  WHERE archive IS NULL AND stamp IS NOT NULL;
CREATE INDEX record_archived ON record (time) WHERE archive IS NOT NULL;
CREATE INDEX record_stamp ON record (stamp) WHERE stamp IS NOT NULL;
