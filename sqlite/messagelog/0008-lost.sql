-- The records of one archive file, which are archived again when it is lost:
-- without these the log was read from end to end, for the foreign keys too.
-- Rows come in the order of files, so the index grows at its end.
CREATE INDEX archived_archive ON archived (archive);
CREATE INDEX record_archive ON record (archive) WHERE archive IS NOT NULL;
