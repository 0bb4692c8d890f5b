-- record_add: one message with its signature
INSERT INTO record (time, query_id, request_id, response, rest, as_client, member_class, member_code, subsystem_code, client, service, message, signature, hashchain_result, hashchain, signature_hash)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16);

-- attachment_add: a body that belongs to a record
INSERT INTO attachment (record, number, data) VALUES (?1, ?2, ?3);

-- waiting: oldest records without a time stamp
SELECT id, signature_hash FROM record WHERE stamp IS NULL ORDER BY id LIMIT ?1;

-- waiting_count: how many wait
SELECT count(*) FROM record WHERE stamp IS NULL;

-- stamp_add: a token
INSERT INTO stamp (time, token, result) VALUES (?1, ?2, ?3);

-- record_stamp: a batch stamp covers this record
UPDATE record SET stamp = ?2, stamp_chain = ?3, signature_hash = NULL WHERE id = ?1 AND stamp IS NULL;

-- record_stamp_single: the stamp stands inside the signature
UPDATE record SET stamp = ?2, signature = ?3, signature_hash = NULL WHERE id = ?1 AND stamp IS NULL;

-- find: records of exactly this local party by message id, whose hash is ?6
WITH RECURSIVE segment (n) AS (
  SELECT min(id) >> 18 FROM record
  UNION ALL SELECT n + 1 FROM segment WHERE n < (SELECT max(id) >> 18 FROM record)),
hit (record) AS (
  SELECT l.record FROM segment CROSS JOIN lookup_message l ON l.segment = segment.n AND l.hash = ?6
  UNION SELECT record FROM recent WHERE message_id = ?1)
SELECT r.id, r.query_id, r.response, r.stamp IS NOT NULL
FROM hit CROSS JOIN record r ON r.id = hit.record
WHERE r.query_id = ?1 AND r.member_class = ?2 AND r.member_code = ?3 AND r.subsystem_code IS ?4
ORDER BY r.id LIMIT ?5;

-- by_id: one record
SELECT r.id, r.time, r.query_id, r.response, r.message, r.signature, r.hashchain_result, r.hashchain, r.stamp_chain, s.token, s.result, r.stamp IS NOT NULL, r.request_id, r.as_client, k.key
FROM record r LEFT JOIN stamp s ON s.id = r.stamp LEFT JOIN sealed k ON k.record = r.id
WHERE r.id = ?1;

-- attachments: of one record
SELECT number, data FROM attachment WHERE record = ?1 ORDER BY number;

-- archive_groups: local parties with something to archive
SELECT DISTINCT member_class, member_code, subsystem_code FROM record INDEXED BY record_to_archive
WHERE archive IS NULL AND stamp IS NOT NULL ORDER BY 1, 2, 3;

-- archive_next: the oldest record to archive after one: of anybody (?2 null), a member (?4 1) or a subsystem
SELECT id FROM record INDEXED BY record_to_archive
WHERE archive IS NULL AND stamp IS NOT NULL AND id > ?1
  AND (?2 IS NULL OR (member_class = ?2 AND member_code = ?3 AND (?4 = 1 OR subsystem_code IS ?5)))
ORDER BY id LIMIT 1;

-- archive_instance: consumer or provider of a record, whichever is the local party
SELECT CASE as_client WHEN 1 THEN client ELSE service END FROM record WHERE id = ?1;

-- archive_last: what the next archive of a group is chained to
SELECT name, digest FROM archive WHERE group_name = ?1 ORDER BY id DESC LIMIT 1;

-- archive_add: a file whose content is durable but which has not its name yet
INSERT INTO archive (time, group_name, directory, name, digest, records, published) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0);

-- archive_mark: the record is in that file
UPDATE record SET archive = ?2 WHERE id = ?1 AND archive IS NULL AND stamp IS NOT NULL;

-- archive_unpublished: files that may lack their name
SELECT id, directory, name FROM archive WHERE published = 0 ORDER BY id;

-- archive_publish: the file has its name
UPDATE archive SET published = 1 WHERE id = ?1;

-- archive_release: its file is lost: the records are to be archived again
UPDATE record SET archive = NULL WHERE archive = ?1;

-- archive_forget: its file is lost
DELETE FROM archive WHERE id = ?1;

-- clean_next: archived records logged before a time
SELECT id, stamp FROM record WHERE archive IS NOT NULL AND time < ?1 ORDER BY time LIMIT ?2;

-- clean_attachments: of a record
DELETE FROM attachment WHERE record = ?1;

-- clean_record: it is in an archive
DELETE FROM record WHERE id = ?1 AND archive IS NOT NULL;

-- clean_stamp: no record is covered by it any more
DELETE FROM stamp WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM record WHERE record.stamp = ?1);

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
SELECT r.id, r.time, r.query_id, r.response, r.rest, r.as_client, r.client, r.service, r.stamp IS NOT NULL, r.archive IS NOT NULL
FROM hit CROSS JOIN record r ON r.id = hit.record
WHERE r.query_id = ?8 AND r.id < ?1 AND r.id >= ?2 AND r.time BETWEEN ?3 AND ?4
  AND (?5 < 0 OR r.rest = ?5) AND (?6 < 0 OR r.response = ?6)
ORDER BY r.id DESC LIMIT ?7;

-- search_scan: a run of records before one, newest first
SELECT id, time, query_id, response, rest, as_client, client, service, stamp IS NOT NULL, archive IS NOT NULL
FROM record
WHERE id < ?1 AND id >= ?2 AND time BETWEEN ?3 AND ?4
  AND (?5 < 0 OR rest = ?5) AND (?6 < 0 OR response = ?6)
ORDER BY id DESC LIMIT ?7;

-- search_time: of a segment (?8), where only some of its times fit
SELECT id, time, query_id, response, rest, as_client, client, service, stamp IS NOT NULL, archive IS NOT NULL
FROM record INDEXED BY record_time
WHERE id >> 16 = ?8 AND time BETWEEN ?3 AND ?4 AND id < ?1 AND id >= ?2
  AND (?5 < 0 OR rest = ?5) AND (?6 < 0 OR response = ?6)
ORDER BY id DESC LIMIT ?7;

-- search_party: of a segment (?8), client or provider (?9) or what is below it (?10 to ?11)
SELECT id, time, query_id, response, rest, as_client, client, service, stamp IS NOT NULL, archive IS NOT NULL
FROM record
WHERE id IN (
    SELECT record FROM lookup_party WHERE segment = ?8 AND kind = 1 AND name = ?9
    UNION SELECT record FROM lookup_party WHERE segment = ?8 AND kind = 1 AND name >= ?10 AND name < ?11
    UNION SELECT record FROM lookup_party WHERE segment = ?8 AND kind = 2 AND name >= ?10 AND name < ?11)
  AND id < ?1 AND id >= ?2 AND time BETWEEN ?3 AND ?4
  AND (?5 < 0 OR rest = ?5) AND (?6 < 0 OR response = ?6)
ORDER BY id DESC LIMIT ?7;

-- search_service: of a segment (?8), a service (?9) or its versions (?10 to ?11)
SELECT id, time, query_id, response, rest, as_client, client, service, stamp IS NOT NULL, archive IS NOT NULL
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
