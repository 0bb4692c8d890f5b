-- What many records share is written once: messages that were signed together
-- have one signature document, and that is what a time stamp covers. What
-- happens to a record later stands in narrow tables of its own, so that a stamp
-- or an archive does not write the record again. Records of before keep their
-- signature and stamp in their row (signed is NULL).
CREATE TABLE signature (
  id INTEGER PRIMARY KEY,
  xml BLOB NOT NULL,                -- signatures.xml, bytes as sent; a single
                                    -- stamp is put inside
  hashchain_result BLOB             -- batch signature
) STRICT;
CREATE TABLE waiting (              -- for a time stamp
  signature INTEGER PRIMARY KEY REFERENCES signature (id),
  hash BLOB NOT NULL                -- SHA-512 of the document
) STRICT;
CREATE TABLE signature_stamp (
  signature INTEGER PRIMARY KEY REFERENCES signature (id),
  stamp INTEGER NOT NULL REFERENCES stamp (id),
  chain BLOB                        -- ts-hashchain.xml; NULL for single
) STRICT;
CREATE INDEX signature_stamp_stamp ON signature_stamp (stamp);
CREATE TABLE to_archive (           -- records that are in no file yet
  record INTEGER PRIMARY KEY REFERENCES record (id),
  signature INTEGER,                -- NULL: it has its stamp
  member_class TEXT NOT NULL,
  member_code TEXT NOT NULL,
  subsystem_code TEXT
) STRICT;
CREATE TABLE archived (
  record INTEGER PRIMARY KEY REFERENCES record (id),
  time INTEGER NOT NULL,            -- when logged
  archive INTEGER NOT NULL REFERENCES archive (id)
) STRICT;
CREATE INDEX archived_time ON archived (time);
ALTER TABLE record ADD COLUMN signed INTEGER REFERENCES signature (id);

INSERT INTO signature (id, xml, hashchain_result)
  SELECT id, signature, hashchain_result FROM record WHERE stamp IS NULL ORDER BY id;
INSERT INTO waiting (signature, hash)
  SELECT id, signature_hash FROM record WHERE stamp IS NULL ORDER BY id;
INSERT INTO to_archive (record, signature, member_class, member_code, subsystem_code)
  SELECT id, NULL, member_class, member_code, subsystem_code
  FROM record INDEXED BY record_to_archive
  WHERE archive IS NULL AND stamp IS NOT NULL ORDER BY id;
INSERT INTO to_archive (record, signature, member_class, member_code, subsystem_code)
  SELECT id, id, member_class, member_code, subsystem_code FROM record WHERE stamp IS NULL ORDER BY id;
UPDATE record SET signed = id, signature = X'', hashchain_result = NULL, signature_hash = NULL
  WHERE stamp IS NULL;
DROP INDEX record_waiting;
DROP INDEX record_to_archive;
CREATE INDEX record_signed ON record (signed) WHERE signed IS NOT NULL;

DROP VIEW v_message;
CREATE VIEW v_message AS
  SELECT id, time, query_id, request_id, response, rest, as_client, client, service,
         stamp IS NOT NULL OR EXISTS (SELECT 1 FROM signature_stamp t WHERE t.signature = record.signed) AS stamped
  FROM record;
