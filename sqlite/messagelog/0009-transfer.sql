-- Transfers: answers that left with the person's consent. Written together with
-- the record of the answer, or before its first byte leaves. Numbers grow with
-- time, so that only the list of what is not reported yet is looked at often.

CREATE TABLE transfer (
  number    INTEGER PRIMARY KEY,
  id        TEXT NOT NULL,     -- of the report, random
  at        INTEGER NOT NULL,  -- ms since 1970
  query_id  TEXT NOT NULL,     -- X-Road message id, which a consumer may repeat
  client    TEXT NOT NULL,     -- consumer, I/C/M/S
  service   TEXT NOT NULL,     -- I/C/M/S/service[/version]
  provider  TEXT NOT NULL,     -- I/C/M/S
  subject   TEXT NOT NULL,     -- as the consumer calls the person
  reference TEXT NOT NULL,     -- consent
  purpose   TEXT NOT NULL,     -- its code
  items     TEXT NOT NULL,     -- JSON [code]: given
  reported  INTEGER            -- when Personal-Link had it; NULL: waits
) STRICT;
CREATE INDEX transfer_waiting ON transfer (number) WHERE reported IS NULL;
CREATE INDEX transfer_subject ON transfer (subject, at);
