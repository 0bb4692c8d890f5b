-- call_add: one call
INSERT INTO call (time, service, version, database, door, who, person, message, params, rows, affected, micros, outcome)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13);

-- call_from: the first call that ended at this time or later
SELECT id FROM call WHERE time >= ?1 ORDER BY time LIMIT 1;

-- calls: newest first; the others of ?4 to ?7 may be null
SELECT id, time, service, version, database, door, who, person, message, params, rows, affected, micros, outcome
FROM call WHERE id < ?1 AND id >= ?2 AND micros >= ?4
AND (?5 IS NULL OR outcome = ?5 OR (?5 = 'refused' AND outcome <> 'ok'))
AND (?6 IS NULL OR database = ?6) AND (?7 IS NULL OR message = ?7) ORDER BY id DESC LIMIT ?3;

-- calls_of_service: the same of one service
SELECT id, time, service, version, database, door, who, person, message, params, rows, affected, micros, outcome
FROM call WHERE service = ?8 AND id < ?1 AND id >= ?2 AND micros >= ?4
AND (?5 IS NULL OR outcome = ?5 OR (?5 = 'refused' AND outcome <> 'ok'))
AND (?6 IS NULL OR database = ?6) AND (?7 IS NULL OR message = ?7)
AND (?9 IS NULL OR who = ?9) ORDER BY id DESC LIMIT ?3;

-- calls_of_who: the same of one caller
SELECT id, time, service, version, database, door, who, person, message, params, rows, affected, micros, outcome
FROM call WHERE who = ?8 AND id < ?1 AND id >= ?2 AND micros >= ?4
AND (?5 IS NULL OR outcome = ?5 OR (?5 = 'refused' AND outcome <> 'ok'))
AND (?6 IS NULL OR database = ?6) AND (?7 IS NULL OR message = ?7) ORDER BY id DESC LIMIT ?3;

-- calls_tidy: a piece of those that are too old, or beyond the number kept
DELETE FROM call WHERE id IN (SELECT id FROM call WHERE time < ?1 OR id <= (SELECT max(id) FROM call) - ?2 ORDER BY id LIMIT ?3);

-- version_add: what the service is like now
INSERT INTO version (service, number, time, who, database, text)
SELECT ?1, 1 + coalesce(max(number), 0), ?2, ?3, ?4, ?5 FROM version WHERE service = ?1;

-- version_last: what it was like
SELECT number, database, text FROM version WHERE service = ?1 ORDER BY number DESC LIMIT 1;

-- version_there: services that were there, each in its last version
SELECT service FROM version v WHERE text IS NOT NULL
AND number = (SELECT max(number) FROM version w WHERE w.service = v.service) ORDER BY service;

-- version_tidy: only the last ones are kept
DELETE FROM version WHERE service = ?1 AND number <= (SELECT max(number) FROM version WHERE service = ?1) - ?2;

-- versions: of one service, newest first
SELECT number, time, who, database, text IS NULL FROM version WHERE service = ?1 ORDER BY number DESC;

-- version_get: one of them
SELECT number, time, who, database, text FROM version WHERE service = ?1 AND number = ?2;

-- version_before: the one before the last
SELECT number FROM version WHERE service = ?1 AND text IS NOT NULL
AND number < (SELECT max(number) FROM version WHERE service = ?1) ORDER BY number DESC LIMIT 1;
