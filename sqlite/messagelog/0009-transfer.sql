-- Transfers: answers about a person that left. Written together with the
-- record of the answer, or before its first byte leaves. Numbers grow with
-- time, so that only the list of what is not told yet is looked at often.

CREATE TABLE transfer (
  number    INTEGER PRIMARY KEY,
  id        TEXT NOT NULL,     -- of the report, random
  at        INTEGER NOT NULL,  -- ms since 1970
  query_id  TEXT NOT NULL,     -- X-Road message id, which a consumer may repeat
  client    TEXT NOT NULL,     -- consumer, I/C/M/S
  service   TEXT NOT NULL,     -- I/C/M/S/service[/version]
  provider  TEXT NOT NULL,     -- I/C/M/S
  subject   TEXT NOT NULL,     -- as the consumer calls the person
  reference TEXT,              -- consent; NULL: the service needs none
  purpose   TEXT,              -- its code; NULL: not said
  items     TEXT NOT NULL,     -- JSON [code]: given
  words     TEXT,              -- without consent: JSON {ja, en}: why
  kept      INTEGER,           -- when the own cache had it; NULL: waits
  reported  INTEGER,           -- under a consent: when the center had it; NULL: waits
  refused   INTEGER NOT NULL DEFAULT 0, -- how often the center did not know the consent
  next_at   INTEGER NOT NULL DEFAULT 0  -- then: not offered again before
) STRICT;
CREATE INDEX transfer_unkept ON transfer (provider, number) WHERE kept IS NULL;
CREATE INDEX transfer_waiting ON transfer (provider, next_at, number)
  WHERE reported IS NULL AND reference IS NOT NULL;
CREATE INDEX transfer_subject ON transfer (subject, at);

-- What a provider's cache and the center called themselves last. By another
-- name they have lost rows, and everything is told again.
CREATE TABLE transfer_peer (
  provider TEXT PRIMARY KEY,   -- I/C/M/S
  cache    TEXT,               -- NULL: not heard of yet
  center   TEXT
) STRICT, WITHOUT ROWID;
