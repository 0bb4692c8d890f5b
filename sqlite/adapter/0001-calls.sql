-- What was asked of data services, and what they were like. Derived: nothing
-- that happens depends on it; calls older than trace-keep-days go.

CREATE TABLE call (
  id INTEGER PRIMARY KEY,          -- in the order of their ends
  time INTEGER NOT NULL,           -- ms since 1970, its end
  service TEXT NOT NULL,
  version TEXT,                    -- as the service declares it
  database TEXT NOT NULL,          -- id of the database
  door TEXT NOT NULL,              -- REST or SOAP
  who TEXT NOT NULL,               -- X-Road client, or an IP address
  person TEXT,                     -- X-Road user id
  message TEXT,                    -- X-Road message id
  params TEXT NOT NULL,            -- JSON object; personal values are "***"
  rows INTEGER NOT NULL,           -- delivered
  affected INTEGER,                -- changed; null when it only reads
  micros INTEGER NOT NULL,         -- from the request to the end of the answer
  outcome TEXT NOT NULL            -- ok, or the code of the fault
) STRICT;
CREATE INDEX call_time ON call (time);
CREATE INDEX call_service ON call (service);
CREATE INDEX call_who ON call (who);

CREATE TABLE version (
  service TEXT NOT NULL,
  number INTEGER NOT NULL,         -- 1, 2, 3 ...
  time INTEGER NOT NULL,           -- ms since 1970
  who TEXT NOT NULL,               -- account name, api-key-N, services.json
  database TEXT,                   -- id of the database; null when it was removed
  text TEXT,                       -- its JSON; null when it was removed
  PRIMARY KEY (service, number)
) STRICT, WITHOUT ROWID;
