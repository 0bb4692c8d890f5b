-- The message log. Evidence: migrated, never rebuilt, nothing is changed in a
-- record but its time stamp. Rule: interop/xroad-messages.md 4.1, 4.3.

-- A time stamp over one signature (single) or over many (batch).
CREATE TABLE stamp (
  id INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,            -- genTime of the token, ms since 1970
  token BLOB NOT NULL,              -- DER TimeStampToken, TSA certificate inside
  result BLOB                       -- ts-hashchainresult.xml; NULL for single
) STRICT;

CREATE TABLE record (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL,            -- when logged, ms since 1970
  query_id TEXT NOT NULL,           -- message id
  request_id TEXT NOT NULL,         -- UUID of the exchange
  response INTEGER NOT NULL,        -- 0 request, 1 response
  rest INTEGER NOT NULL,            -- 0 SOAP, 1 REST
  as_client INTEGER NOT NULL,       -- 1: this server was the consumer's
  member_class TEXT NOT NULL,       -- the local party: client at the consumer,
  member_code TEXT NOT NULL,        -- service owner at the provider
  subsystem_code TEXT,
  client TEXT NOT NULL,             -- I/C/M/S of the consumer
  service TEXT NOT NULL,            -- I/C/M/S/service of the provider
  message BLOB NOT NULL,            -- SOAP or REST part, bytes as signed
  signature BLOB NOT NULL,          -- signatures.xml, bytes as sent
  hashchain_result BLOB,            -- batch signature
  hashchain BLOB,                   -- batch signature
  signature_hash BLOB,              -- SHA-512 of signature; NULL once stamped
  stamp INTEGER REFERENCES stamp (id),
  stamp_chain BLOB                  -- ts-hashchain.xml of this record (batch)
) STRICT;
CREATE INDEX record_query ON record (query_id);
CREATE INDEX record_waiting ON record (id) WHERE stamp IS NULL;

-- REST body, or SOAP attachments where they are kept.
CREATE TABLE attachment (
  record INTEGER NOT NULL REFERENCES record (id),
  number INTEGER NOT NULL,          -- from 1
  data BLOB NOT NULL,
  PRIMARY KEY (record, number)
) STRICT, WITHOUT ROWID;

-- What others may see: who exchanged what when; not the content.
CREATE VIEW v_message AS
  SELECT id, time, query_id, request_id, response, rest, as_client, client,
         service, stamp IS NOT NULL AS stamped
  FROM record;
