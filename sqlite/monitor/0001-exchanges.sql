-- Who exchanged what with whom, how often, how fast. Derived: the message log
-- is the evidence; this file may be removed while nothing runs, and begins anew.

-- Texts that come again and again: addresses, fault codes, versions.
CREATE TABLE word (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;

-- A service, who called it, and our part in it. Absent pieces are ''.
CREATE TABLE pair (
  id INTEGER PRIMARY KEY,
  side INTEGER NOT NULL,           -- 0 provider, 1 consumer, 2 adapter
  c_instance TEXT NOT NULL,        -- the calling client
  c_class TEXT NOT NULL,
  c_code TEXT NOT NULL,
  c_subsystem TEXT NOT NULL,
  s_instance TEXT NOT NULL,        -- the called service
  s_class TEXT NOT NULL,
  s_code TEXT NOT NULL,
  s_subsystem TEXT NOT NULL,
  s_service TEXT NOT NULL,
  s_version TEXT NOT NULL,
  service_type TEXT NOT NULL,      -- WSDL, REST, OPENAPI3; '' not known
  first_use INTEGER NOT NULL,      -- ms since 1970
  last_ok INTEGER,                 -- ms since 1970, of the last success
  last_failed INTEGER,             -- ms since 1970, of the last failure
  UNIQUE (side, s_instance, s_class, s_code, s_subsystem, s_service, s_version,
    c_instance, c_class, c_code, c_subsystem)
) STRICT;

-- X-Road's operational monitoring record; kept for days.
CREATE TABLE record (
  id INTEGER PRIMARY KEY,
  ts INTEGER NOT NULL,             -- s since 1970: when it was stored
  pair INTEGER NOT NULL,           -- pair.id
  succeeded INTEGER NOT NULL,      -- 0 or 1
  request_in INTEGER NOT NULL,     -- ms since 1970
  request_out INTEGER,             -- ms after request_in, like the next two
  response_in INTEGER,
  response_out INTEGER,
  request_size INTEGER,            -- bytes
  response_size INTEGER,
  request_mime INTEGER,            -- bytes, attachments included
  response_mime INTEGER,
  request_attachments INTEGER,
  response_attachments INTEGER,
  status INTEGER,                  -- REST: HTTP status
  server_ip INTEGER,               -- word.id, like the next ones
  rest_method INTEGER,
  rest_path INTEGER,
  party_class INTEGER,
  protocol INTEGER,
  client_address INTEGER,
  service_address INTEGER,
  fault_code INTEGER,
  service_type INTEGER,
  version INTEGER,
  party_code TEXT,
  message_id TEXT,
  user_id TEXT,
  issue TEXT,
  fault_string TEXT,
  request_id TEXT
) STRICT;
CREATE INDEX record_ts ON record (ts);

-- Use per hour, and per day of the machine's time zone. fault_...: failures by
-- what was to blame (appliance/monitor/blame.def). histogram: of latencies,
-- (bucket, count) pairs as variable-length numbers (monitor/histogram.c).
CREATE TABLE usage_hour (
  hour INTEGER NOT NULL,           -- hours since 1970, UTC
  pair INTEGER NOT NULL,           -- pair.id
  calls INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  fault_request INTEGER NOT NULL,  -- the caller's message
  fault_access INTEGER NOT NULL,   -- rights, unknown names
  fault_network INTEGER NOT NULL,  -- nobody reached, no answer
  fault_trust INTEGER NOT NULL,    -- certificates, signatures, OCSP
  fault_service INTEGER NOT NULL,  -- the service itself
  fault_system INTEGER NOT NULL,   -- this security server or the other one
  total_ms INTEGER NOT NULL,       -- latency, sum over the calls
  max_ms INTEGER NOT NULL,
  request_bytes INTEGER NOT NULL,
  response_bytes INTEGER NOT NULL,
  histogram BLOB NOT NULL,
  PRIMARY KEY (hour, pair)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_day (
  day INTEGER NOT NULL,            -- days since 1970, local
  pair INTEGER NOT NULL,           -- pair.id
  calls INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  fault_request INTEGER NOT NULL,
  fault_access INTEGER NOT NULL,
  fault_network INTEGER NOT NULL,
  fault_trust INTEGER NOT NULL,
  fault_service INTEGER NOT NULL,
  fault_system INTEGER NOT NULL,
  total_ms INTEGER NOT NULL,
  max_ms INTEGER NOT NULL,
  request_bytes INTEGER NOT NULL,
  response_bytes INTEGER NOT NULL,
  histogram BLOB NOT NULL,
  PRIMARY KEY (day, pair)
) STRICT, WITHOUT ROWID;

-- Services that this machine offers, for those that nobody uses.
CREATE TABLE offer (
  service TEXT NOT NULL PRIMARY KEY, -- INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE[/VERSION]
  title TEXT NOT NULL,
  since INTEGER NOT NULL           -- ms since 1970: first seen
) STRICT;

-- ---- for tools of others (business intelligence): read only, SQL -------------

-- Names of what the other views count.
CREATE VIEW v_usage_pair AS
SELECT id AS pair,
  CASE side WHEN 0 THEN 'provider' WHEN 1 THEN 'consumer' ELSE 'adapter' END AS side,
  s_instance || '/' || s_class || '/' || s_code
    || CASE s_subsystem WHEN '' THEN '' ELSE '/' || s_subsystem END
    || '/' || s_service
    || CASE s_version WHEN '' THEN '' ELSE '/' || s_version END AS service,
  c_instance || '/' || c_class || '/' || c_code
    || CASE c_subsystem WHEN '' THEN '' ELSE '/' || c_subsystem END AS consumer,
  service_type,
  first_use AS first_use_ms,
  max(coalesce(last_ok, 0), coalesce(last_failed, 0)) AS last_use_ms
FROM pair;

-- One row per local day, service, consumer and side.
CREATE VIEW v_usage_day AS
SELECT date(u.day * 86400, 'unixepoch') AS day, p.side, p.service, p.consumer,
  u.calls, u.failures, u.fault_request, u.fault_access, u.fault_network,
  u.fault_trust, u.fault_service, u.fault_system,
  CAST(u.total_ms AS REAL) / u.calls AS mean_ms, u.total_ms, u.max_ms,
  u.request_bytes, u.response_bytes
FROM usage_day u JOIN v_usage_pair p ON p.pair = u.pair;

-- The same per hour (its beginning, UTC).
CREATE VIEW v_usage_hour AS
SELECT datetime(u.hour * 3600, 'unixepoch') AS hour, p.side, p.service,
  p.consumer, u.calls, u.failures, u.fault_request, u.fault_access,
  u.fault_network, u.fault_trust, u.fault_service, u.fault_system,
  CAST(u.total_ms AS REAL) / u.calls AS mean_ms, u.total_ms, u.max_ms,
  u.request_bytes, u.response_bytes
FROM usage_hour u JOIN v_usage_pair p ON p.pair = u.pair;

-- One row per service: all its use, 0 calls when nobody used it.
CREATE VIEW v_usage_service AS
SELECT o.service, o.title, coalesce(sum(u.calls), 0) AS calls,
  coalesce(sum(u.failures), 0) AS failures,
  count(DISTINCT u.day) AS distinct_days,
  count(DISTINCT p.consumer) AS consumers,
  date(min(u.day) * 86400, 'unixepoch') AS first_day,
  date(max(u.day) * 86400, 'unixepoch') AS last_day
FROM offer o
LEFT JOIN v_usage_pair p ON p.service = o.service AND p.side = 'provider'
LEFT JOIN usage_day u ON u.pair = p.pair
GROUP BY o.service, o.title;
