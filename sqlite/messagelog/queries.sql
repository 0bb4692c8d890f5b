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

-- find: records of exactly this local party by message id
SELECT id, query_id, response, stamp IS NOT NULL FROM record
WHERE query_id = ?1 AND member_class = ?2 AND member_code = ?3 AND subsystem_code IS ?4
ORDER BY id LIMIT ?5;

-- by_id: one record
SELECT r.id, r.time, r.query_id, r.response, r.message, r.signature, r.hashchain_result, r.hashchain, r.stamp_chain, s.token, s.result, r.stamp IS NOT NULL
FROM record r LEFT JOIN stamp s ON s.id = r.stamp
WHERE r.id = ?1;

-- attachments: of one record
SELECT number, data FROM attachment WHERE record = ?1 ORDER BY number;

-- recent: newest first, without content
SELECT id, time, query_id, response, rest, as_client, client, service, stamped FROM v_message ORDER BY id DESC LIMIT ?1;

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
