-- record_add: one message
INSERT INTO record (time, query_id, request_id, response, rest, as_client, member_class, member_code, subsystem_code, client, service, message, signature, hashchain, signed)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, X'', ?13, ?14);

-- signature_add: of one message or of a batch
INSERT INTO signature (xml, hashchain_result) VALUES (?1, ?2);

-- waiting_add: a signature waits for its time stamp
INSERT INTO waiting (signature, hash) VALUES (?1, ?2);

-- waiting_has: whether this very signature still waits
SELECT 1 FROM waiting WHERE signature = ?1 AND hash = ?2;

-- to_archive_add: a record that is in no archive
INSERT INTO to_archive (record, signature, member_class, member_code, subsystem_code) VALUES (?1, ?2, ?3, ?4, ?5);

-- attachment_add: a body that belongs to a record
INSERT INTO attachment (record, number, data) VALUES (?1, ?2, ?3);

-- waiting: oldest signatures without a time stamp
SELECT signature, hash FROM waiting ORDER BY signature LIMIT ?1;

-- waiting_count: how many messages wait
SELECT count(*) FROM waiting CROSS JOIN record ON record.signed = waiting.signature;

-- signature_get: a document
SELECT xml FROM signature WHERE id = ?1;

-- waiting_of: the signature of a record, unless it has its stamp
SELECT w.signature FROM record r JOIN waiting w ON w.signature = r.signed WHERE r.id = ?1;

-- stamp_add: a token
INSERT INTO stamp (time, token, result) VALUES (?1, ?2, ?3);

-- signature_stamp: a stamp covers this signature, if it waits
INSERT INTO signature_stamp (signature, stamp, chain) SELECT signature, ?2, ?3 FROM waiting WHERE signature = ?1;

-- signature_change: the stamp stands inside
UPDATE signature SET xml = ?2 WHERE id = ?1 AND EXISTS (SELECT 1 FROM waiting WHERE signature = ?1);

-- waiting_drop: it has its stamp
DELETE FROM waiting WHERE signature = ?1;

-- find: records of exactly this local party by message id, whose hash is ?6
WITH RECURSIVE segment (n) AS (
  SELECT min(id) >> 18 FROM record
  UNION ALL SELECT n + 1 FROM segment WHERE n < (SELECT max(id) >> 18 FROM record)),
hit (record) AS (
  SELECT l.record FROM segment CROSS JOIN lookup_message l ON l.segment = segment.n AND l.hash = ?6
  UNION SELECT record FROM recent WHERE message_id = ?1)
SELECT r.id, r.query_id, r.response, r.stamp IS NOT NULL OR EXISTS (SELECT 1 FROM signature_stamp t WHERE t.signature = r.signed)
FROM hit CROSS JOIN record r ON r.id = hit.record
WHERE r.query_id = ?1 AND r.member_class = ?2 AND r.member_code = ?3 AND r.subsystem_code IS ?4
ORDER BY r.id LIMIT ?5;

-- by_id: one record
SELECT r.id, r.time, r.query_id, r.response, r.message, coalesce(g.xml, r.signature), coalesce(g.hashchain_result, r.hashchain_result), r.hashchain, coalesce(t.chain, r.stamp_chain), s.token, s.result, coalesce(t.stamp, r.stamp) IS NOT NULL, r.request_id, r.as_client, k.key
FROM record r LEFT JOIN signature g ON g.id = r.signed LEFT JOIN signature_stamp t ON t.signature = r.signed
  LEFT JOIN stamp s ON s.id = coalesce(t.stamp, r.stamp) LEFT JOIN sealed k ON k.record = r.id
WHERE r.id = ?1;

-- attachments: of one record
SELECT number, data FROM attachment WHERE record = ?1 ORDER BY number;

-- archive_groups: local parties with something to archive, now or soon
SELECT DISTINCT member_class, member_code, subsystem_code FROM to_archive ORDER BY 1, 2, 3;

-- archive_next: the oldest record to archive after one: of anybody (?2 null), a member (?4 1) or a subsystem
SELECT record FROM to_archive
WHERE record > ?1
  AND (?2 IS NULL OR (member_class = ?2 AND member_code = ?3 AND (?4 = 1 OR subsystem_code IS ?5)))
  AND (signature IS NULL OR EXISTS (SELECT 1 FROM signature_stamp t WHERE t.signature = to_archive.signature))
ORDER BY record LIMIT 1;

-- archive_instance: consumer or provider of a record, whichever is the local party
SELECT CASE as_client WHEN 1 THEN client ELSE service END FROM record WHERE id = ?1;

-- archive_last: what the next archive of a group is chained to
SELECT name, digest FROM archive WHERE group_name = ?1 ORDER BY id DESC LIMIT 1;

-- archive_add: a file whose content is durable but which has not its name yet
INSERT INTO archive (time, group_name, directory, name, digest, records, published) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0);

-- archive_mark: the record is in that file
INSERT INTO archived (record, time, archive)
SELECT q.record, r.time, ?2 FROM to_archive q JOIN record r ON r.id = q.record WHERE q.record = ?1;

-- to_archive_drop: it is in a file
DELETE FROM to_archive WHERE record = ?1;

-- archive_unpublished: files that may lack their name
SELECT id, directory, name FROM archive WHERE published = 0 ORDER BY id;

-- archive_publish: the file has its name
UPDATE archive SET published = 1 WHERE id = ?1;

-- archive_release: its file is lost: the records are to be archived again
INSERT INTO to_archive (record, signature, member_class, member_code, subsystem_code)
SELECT r.id, r.signed, r.member_class, r.member_code, r.subsystem_code
FROM archived x JOIN record r ON r.id = x.record WHERE x.archive = ?1;

-- archive_release_old: those that were marked in their row
INSERT INTO to_archive (record, signature, member_class, member_code, subsystem_code)
SELECT id, signed, member_class, member_code, subsystem_code FROM record WHERE archive = ?1;

-- archive_unmark: its file is lost
DELETE FROM archived WHERE archive = ?1;

-- archive_unmark_old: those that were marked in their row
UPDATE record SET archive = NULL WHERE archive = ?1;

-- archive_forget: its file is lost
DELETE FROM archive WHERE id = ?1;

-- clean_next: archived records logged before a time, with their stamp and signature
SELECT id, stamp, signed FROM (
  SELECT id, stamp, signed FROM record WHERE archive IS NOT NULL AND time < ?1 ORDER BY time LIMIT ?2)
UNION ALL SELECT id, stamp, signed FROM (
  SELECT r.id, coalesce(t.stamp, r.stamp) AS stamp, r.signed
  FROM archived x CROSS JOIN record r ON r.id = x.record LEFT JOIN signature_stamp t ON t.signature = r.signed
  WHERE x.time < ?1 ORDER BY x.time LIMIT ?2)
LIMIT ?2;

-- clean_attachments: of a record
DELETE FROM attachment WHERE record = ?1;

-- clean_archived: of a record
DELETE FROM archived WHERE record = ?1;

-- clean_record: it is in an archive
DELETE FROM record WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM to_archive WHERE record = ?1);

-- clean_signature_stamp: no record has this signature any more
DELETE FROM signature_stamp WHERE signature = ?1 AND NOT EXISTS (SELECT 1 FROM record WHERE signed = ?1);

-- clean_signature: the same
DELETE FROM signature WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM record WHERE signed = ?1);

-- clean_stamp: nothing is covered by it any more
DELETE FROM stamp WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM record WHERE record.stamp = ?1)
  AND NOT EXISTS (SELECT 1 FROM signature_stamp t WHERE t.stamp = ?1);

-- stamping: since when it fails
SELECT failing_since FROM stamping;

-- stamping_set: it fails since then, or not (0)
UPDATE stamping SET failing_since = ?1;

-- search_ends: first and last record, and the last one in lookup
SELECT (SELECT min(id) FROM record), (SELECT max(id) FROM record), (SELECT record FROM looked_up);

-- search_span: earliest and latest time in a segment
SELECT (SELECT time FROM record INDEXED BY record_time WHERE id >> 16 = ?1 ORDER BY time LIMIT 1),
       (SELECT time FROM record INDEXED BY record_time WHERE id >> 16 = ?1 ORDER BY time DESC LIMIT 1);

-- search_message: by message id (?8, its hash ?9) before a record, newest first; flags -1 any
WITH RECURSIVE segment (n) AS (
  SELECT min(id) >> 18 FROM record
  UNION ALL SELECT n + 1 FROM segment WHERE n < (SELECT max(id) >> 18 FROM record)),
hit (record) AS (
  SELECT l.record FROM segment CROSS JOIN lookup_message l ON l.segment = segment.n AND l.hash = ?9
  UNION SELECT record FROM recent WHERE message_id = ?8)
SELECT r.id, r.time, r.query_id, r.response, r.rest, r.as_client, r.client, r.service, r.stamp IS NOT NULL OR EXISTS (SELECT 1 FROM signature_stamp t WHERE t.signature = r.signed), r.archive IS NOT NULL OR EXISTS (SELECT 1 FROM archived x WHERE x.record = r.id)
FROM hit CROSS JOIN record r ON r.id = hit.record
WHERE r.query_id = ?8 AND r.id < ?1 AND r.id >= ?2 AND r.time BETWEEN ?3 AND ?4
  AND (?5 < 0 OR r.rest = ?5) AND (?6 < 0 OR r.response = ?6)
ORDER BY r.id DESC LIMIT ?7;

-- search_scan: a run of records before one, newest first
SELECT id, time, query_id, response, rest, as_client, client, service, stamp IS NOT NULL OR EXISTS (SELECT 1 FROM signature_stamp t WHERE t.signature = record.signed), archive IS NOT NULL OR EXISTS (SELECT 1 FROM archived x WHERE x.record = record.id)
FROM record
WHERE id < ?1 AND id >= ?2 AND time BETWEEN ?3 AND ?4
  AND (?5 < 0 OR rest = ?5) AND (?6 < 0 OR response = ?6)
ORDER BY id DESC LIMIT ?7;

-- search_time: of a segment (?8), where only some of its times fit
SELECT id, time, query_id, response, rest, as_client, client, service, stamp IS NOT NULL OR EXISTS (SELECT 1 FROM signature_stamp t WHERE t.signature = record.signed), archive IS NOT NULL OR EXISTS (SELECT 1 FROM archived x WHERE x.record = record.id)
FROM record INDEXED BY record_time
WHERE id >> 16 = ?8 AND time BETWEEN ?3 AND ?4 AND id < ?1 AND id >= ?2
  AND (?5 < 0 OR rest = ?5) AND (?6 < 0 OR response = ?6)
ORDER BY id DESC LIMIT ?7;

-- search_party: of a segment (?8), client or provider (?9) or what is below it (?10 to ?11)
SELECT id, time, query_id, response, rest, as_client, client, service, stamp IS NOT NULL OR EXISTS (SELECT 1 FROM signature_stamp t WHERE t.signature = record.signed), archive IS NOT NULL OR EXISTS (SELECT 1 FROM archived x WHERE x.record = record.id)
FROM record
WHERE id IN (
    SELECT record FROM lookup_party WHERE segment = ?8 AND kind = 1 AND name = ?9
    UNION SELECT record FROM lookup_party WHERE segment = ?8 AND kind = 1 AND name >= ?10 AND name < ?11
    UNION SELECT record FROM lookup_party WHERE segment = ?8 AND kind = 2 AND name >= ?10 AND name < ?11)
  AND id < ?1 AND id >= ?2 AND time BETWEEN ?3 AND ?4
  AND (?5 < 0 OR rest = ?5) AND (?6 < 0 OR response = ?6)
ORDER BY id DESC LIMIT ?7;

-- search_service: of a segment (?8), a service (?9) or its versions (?10 to ?11)
SELECT id, time, query_id, response, rest, as_client, client, service, stamp IS NOT NULL OR EXISTS (SELECT 1 FROM signature_stamp t WHERE t.signature = record.signed), archive IS NOT NULL OR EXISTS (SELECT 1 FROM archived x WHERE x.record = record.id)
FROM record
WHERE id IN (
    SELECT record FROM lookup_party WHERE segment = ?8 AND kind = 2 AND name = ?9
    UNION SELECT record FROM lookup_party WHERE segment = ?8 AND kind = 2 AND name >= ?10 AND name < ?11)
  AND id < ?1 AND id >= ?2 AND time BETWEEN ?3 AND ?4
  AND (?5 < 0 OR rest = ?5) AND (?6 < 0 OR response = ?6)
ORDER BY id DESC LIMIT ?7;

-- lookup_rows: records that are not in lookup yet, oldest first
SELECT id, query_id, client, service FROM record WHERE id > ?1 ORDER BY id LIMIT ?2;

-- lookup_message_add: message id (its hash) of a record; a chunk may be begun again after a crash
INSERT OR IGNORE INTO lookup_message (segment, hash, record) VALUES (?2 >> 18, ?1, ?2);

-- lookup_party_add: client or service of a record
INSERT OR IGNORE INTO lookup_party (segment, kind, name, record) VALUES (?3 >> 16, ?1, ?2, ?3);

-- recent_add: a record that is not in lookup yet
INSERT INTO recent (record, message_id) VALUES (?1, ?2);

-- recent_drop: up to this one they are in lookup
DELETE FROM recent WHERE record <= ?1;

-- lookup_done: all up to this record are in lookup
UPDATE looked_up SET record = ?1;

-- lookup_message_clean: of segments without records, some at a time
DELETE FROM lookup_message WHERE (segment, hash, record) IN (
  SELECT segment, hash, record FROM lookup_message
  WHERE segment < coalesce((SELECT min(id) FROM record), (SELECT record FROM looked_up)) >> 18 LIMIT ?1);

-- lookup_party_clean: the same
DELETE FROM lookup_party WHERE (segment, kind, name, record) IN (
  SELECT segment, kind, name, record FROM lookup_party
  WHERE segment < coalesce((SELECT min(id) FROM record), (SELECT record FROM looked_up)) >> 16 LIMIT ?1);

-- key_proof: of an encryption key
SELECT proof FROM cipher_key WHERE id = ?1;

-- key_add: an encryption key is used for the first time
INSERT INTO cipher_key (id, proof) VALUES (?1, ?2);

-- sealed_add: message and attachments of a record are encrypted
INSERT INTO sealed (record, key) VALUES (?1, ?2);

-- clean_sealed: of a record
DELETE FROM sealed WHERE record = ?1;

-- transfer_add: an answer about somebody leaves
INSERT INTO transfer (id, at, query_id, client, service, provider, subject, reference, purpose, items, words)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);

-- transfer_providers: who has something to tell, and who had
SELECT provider FROM transfer_peer
UNION SELECT provider FROM transfer WHERE kept IS NULL
UNION SELECT provider FROM transfer WHERE reported IS NULL AND reference IS NOT NULL AND next_at <= ?1;

-- transfers_unkept: to be told to the own cache
SELECT number, id, at, reference, subject, client, service, purpose, words FROM transfer
WHERE kept IS NULL AND provider = ?1 ORDER BY number LIMIT ?2;

-- transfers_waiting: to be reported to the center, by now
SELECT number, id, at, reference, items FROM transfer
WHERE reported IS NULL AND reference IS NOT NULL AND provider = ?1 AND next_at <= ?3 ORDER BY next_at, number LIMIT ?2;

-- transfers_kept: the cache has these, which follow each other
UPDATE transfer SET kept = ?1 WHERE number BETWEEN ?2 AND ?3;

-- transfers_reported: the center has these, which follow each other, and the cache they went through
UPDATE transfer SET reported = ?1, kept = coalesce(kept, ?1) WHERE number BETWEEN ?2 AND ?3;

-- transfers_refuse: the center does not know the consents of these, which follow each other: later again, first after a minute, at last once a day
UPDATE transfer SET kept = coalesce(kept, ?1), refused = refused + 1, next_at = ?1 + min(60000 << min(refused, 11), 86400000) WHERE number BETWEEN ?2 AND ?3;

-- transfers_old: nobody asks any more
DELETE FROM transfer WHERE kept IS NOT NULL AND (reported IS NOT NULL OR reference IS NULL) AND at < ?1;

-- transfers_refused: how many the center does not take
SELECT count(*) FROM transfer WHERE reported IS NULL AND reference IS NOT NULL AND provider = ?1 AND next_at > 0;

-- transfers_last: the newest
SELECT coalesce(max(number), 0) FROM transfer;

-- transfer_peer_get: as they called themselves
SELECT cache, center FROM transfer_peer WHERE provider = ?1;

-- transfer_peer_put: as they call themselves now
INSERT INTO transfer_peer (provider, cache, center) VALUES (?1, ?2, ?3)
ON CONFLICT (provider) DO UPDATE SET cache = coalesce(excluded.cache, cache), center = coalesce(excluded.center, center);

-- transfers_unkeep: the cache lost some: it is told again
UPDATE transfer SET kept = NULL WHERE provider = ?1 AND number >= ?2 AND number < ?3;

-- transfers_unreport: so did the center
UPDATE transfer SET reported = NULL, refused = 0, next_at = 0 WHERE provider = ?1 AND number >= ?2 AND number < ?3 AND reference IS NOT NULL;
