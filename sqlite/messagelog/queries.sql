-- record_add: one message with its signature
INSERT INTO record (time, query_id, request_id, response, rest, as_client, member_class, member_code, subsystem_code, client, service, message, signature, hashchain_result, hashchain, signature_hash)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16);

-- attachment_add: a body that belongs to a record
INSERT INTO attachment (record, number, data) VALUES (?1, ?2, ?3);

-- waiting: oldest records without a time stamp
SELECT id, signature_hash, signature FROM record WHERE stamp IS NULL ORDER BY id LIMIT ?1;

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
