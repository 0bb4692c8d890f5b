-- word_get: the number of a text
SELECT id FROM word WHERE text = ?1;

-- word_add: a text not seen before
INSERT INTO word (text) VALUES (?1);

-- words: all of them
SELECT id, text FROM word;

-- pair_get: by side, service and client
SELECT id FROM pair WHERE side = ?1 AND c_instance = ?2 AND c_class = ?3
  AND c_code = ?4 AND c_subsystem = ?5 AND s_instance = ?6 AND s_class = ?7
  AND s_code = ?8 AND s_subsystem = ?9 AND s_service = ?10 AND s_version = ?11;

-- pair_add: one not seen before
INSERT INTO pair (side, c_instance, c_class, c_code, c_subsystem, s_instance,
  s_class, s_code, s_subsystem, s_service, s_version, service_type, first_use)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13);

-- pair_used: when it was used last; ?2, ?3 null: no change
UPDATE pair SET last_ok = max(coalesce(last_ok, 0), coalesce(?2, last_ok)),
  last_failed = max(coalesce(last_failed, 0), coalesce(?3, last_failed)),
  service_type = CASE ?4 WHEN '' THEN service_type ELSE ?4 END
WHERE id = ?1;

-- pair_count: how many there are
SELECT count(*) FROM pair;

-- pairs: all of them
SELECT id, side, c_instance, c_class, c_code, c_subsystem, s_instance, s_class,
  s_code, s_subsystem, s_service, s_version, service_type, first_use,
  coalesce(last_ok, 0), coalesce(last_failed, 0)
FROM pair ORDER BY id;

-- record_add: one exchange
INSERT INTO record (ts, pair, succeeded, request_in, request_out, response_in,
  response_out, request_size, response_size, request_mime, response_mime,
  request_attachments, response_attachments, status, server_ip, rest_method,
  rest_path, party_class, protocol, client_address, service_address, fault_code,
  service_type, version, party_code, message_id, user_id, issue, fault_string,
  request_id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
  ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30);

-- records: stored in [?1, ?2], by time
SELECT ts, pair, succeeded, request_in, request_out, response_in, response_out,
  request_size, response_size, request_mime, response_mime,
  request_attachments, response_attachments, status, server_ip, rest_method,
  rest_path, party_class, protocol, client_address, service_address, fault_code,
  service_type, version, party_code, message_id, user_id, issue, fault_string,
  request_id
FROM record WHERE ts BETWEEN ?1 AND ?2 ORDER BY ts, id;

-- record_times: for counting by interval: requests that came in [?1, ?2); ?3:
-- stored no earlier than that (s)
SELECT pair, request_in, succeeded FROM record
WHERE ts >= ?3 AND request_in >= ?1 AND request_in < ?2;

-- record_steps: of the exchanges ?3, stored in [?1, ?2] (s)
SELECT p.side, r.succeeded, r.request_in, r.request_out, r.response_in,
  r.response_out, r.request_size, r.response_size, r.status,
  (SELECT text FROM word WHERE id = r.fault_code), r.fault_string, r.user_id,
  (SELECT text FROM word WHERE id = r.client_address),
  (SELECT text FROM word WHERE id = r.service_address)
FROM record r JOIN pair p ON p.id = r.pair
WHERE r.ts BETWEEN ?1 AND ?2 AND r.message_id = ?3 ORDER BY r.id LIMIT 50;

-- record_recent: what the provider's side did since ?1 (ts, s)
SELECT pair, succeeded, response_out, request_size, response_size
FROM record WHERE ts >= ?1;

-- record_clean: older than ?1 (s), ?2 at most
DELETE FROM record WHERE id IN (SELECT id FROM record WHERE ts < ?1 ORDER BY ts LIMIT ?2);

-- record_count: how many, the oldest (s)
SELECT count(*), min(ts) FROM record;

-- hour_clean: older than this hour
DELETE FROM usage_hour WHERE hour < ?1;

-- day_clean: older than this day
DELETE FROM usage_day WHERE day < ?1;

-- pair_clean: whose last use is older than ?1 (ms)
DELETE FROM pair WHERE max(coalesce(last_ok, 0), coalesce(last_failed, 0)) < ?1
  AND first_use < ?1;

-- offers: services this machine offers
SELECT service, title, since FROM offer ORDER BY service;

-- offer_add: one of them
INSERT INTO offer (service, title, since) VALUES (?1, ?2, ?3)
ON CONFLICT (service) DO UPDATE SET title = excluded.title;

-- offer_remove: not offered any more
DELETE FROM offer WHERE service = ?1;

-- hour_get: one row, to be added to
SELECT calls, failures, fault_request, fault_access, fault_network, fault_trust,
  fault_service, fault_system, total_ms, max_ms, request_bytes, response_bytes, histogram
FROM usage_hour WHERE hour = ?1 AND pair = ?2;

-- hour_put: written anew
INSERT INTO usage_hour (hour, pair, calls, failures, fault_request, fault_access,
  fault_network, fault_trust, fault_service, fault_system, total_ms, max_ms,
  request_bytes, response_bytes, histogram)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
ON CONFLICT (hour, pair) DO UPDATE SET calls = excluded.calls,
  failures = excluded.failures, fault_request = excluded.fault_request,
  fault_access = excluded.fault_access, fault_network = excluded.fault_network,
  fault_trust = excluded.fault_trust, fault_service = excluded.fault_service,
  fault_system = excluded.fault_system, total_ms = excluded.total_ms,
  max_ms = excluded.max_ms, request_bytes = excluded.request_bytes,
  response_bytes = excluded.response_bytes, histogram = excluded.histogram;

-- hour_range: use in [?1, ?2]
SELECT hour, pair, calls, failures, fault_request, fault_access, fault_network,
  fault_trust, fault_service, fault_system, total_ms, max_ms, request_bytes,
  response_bytes, histogram
FROM usage_hour WHERE hour BETWEEN ?1 AND ?2;

-- day_get: one row, to be added to
SELECT calls, failures, fault_request, fault_access, fault_network, fault_trust,
  fault_service, fault_system, total_ms, max_ms, request_bytes, response_bytes, histogram
FROM usage_day WHERE day = ?1 AND pair = ?2;

-- day_put: written anew
INSERT INTO usage_day (day, pair, calls, failures, fault_request, fault_access,
  fault_network, fault_trust, fault_service, fault_system, total_ms, max_ms,
  request_bytes, response_bytes, histogram)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
ON CONFLICT (day, pair) DO UPDATE SET calls = excluded.calls,
  failures = excluded.failures, fault_request = excluded.fault_request,
  fault_access = excluded.fault_access, fault_network = excluded.fault_network,
  fault_trust = excluded.fault_trust, fault_service = excluded.fault_service,
  fault_system = excluded.fault_system, total_ms = excluded.total_ms,
  max_ms = excluded.max_ms, request_bytes = excluded.request_bytes,
  response_bytes = excluded.response_bytes, histogram = excluded.histogram;

-- day_range: use in [?1, ?2]
SELECT day, pair, calls, failures, fault_request, fault_access, fault_network,
  fault_trust, fault_service, fault_system, total_ms, max_ms, request_bytes,
  response_bytes, histogram
FROM usage_day WHERE day BETWEEN ?1 AND ?2;

-- day_before: use in [?1, ?2] to compare with; summed by the reader: the rows are
-- not in the order of their pairs
SELECT pair, calls, failures, total_ms, request_bytes, response_bytes
FROM usage_day WHERE day BETWEEN ?1 AND ?2;
