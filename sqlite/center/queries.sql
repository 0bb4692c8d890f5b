-- Named statements of the center's registry.

-- setting_get: value of one setting
SELECT value FROM setting WHERE name = ?1;
-- setting_put: sets or replaces
INSERT INTO setting (name, value) VALUES (?1, ?2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;
-- settings: all of them
SELECT name, value FROM setting ORDER BY name;

-- class_add: new member class
INSERT INTO member_class (code, description) VALUES (?1, ?2);
-- class_get: one member class
SELECT code, description FROM member_class WHERE code = ?1;
-- classes: all, by code
SELECT code, description FROM member_class ORDER BY code;

-- class_describe: new description
UPDATE member_class SET description = ?2 WHERE code = ?1;
-- class_members: how many members have it
SELECT count(*) FROM member WHERE class = ?1;
-- class_delete: unused
DELETE FROM member_class WHERE code = ?1;

-- member_add: new member
INSERT INTO member (class, code, name, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?4);
-- member_get: one member by class and code
SELECT id, name, created_at FROM member WHERE class = ?1 AND code = ?2;
-- members: all, in identifier order
SELECT id, class, code, name FROM member ORDER BY class, code;
-- member_delete: by row; refused while it owns a server
DELETE FROM member WHERE id = ?1;
-- member_rename: by row
UPDATE member SET name = ?2, updated_at = ?3 WHERE id = ?1;

-- subsystem_add: new subsystem
INSERT INTO subsystem (member, code, name, created_at) VALUES (?1, ?2, ?3, ?4);
-- subsystem_get: one subsystem of a member
SELECT id, name FROM subsystem WHERE member = ?1 AND code = ?2;
-- subsystems: all, in the order of their members
SELECT s.member, s.code, s.name FROM subsystem s
JOIN member m ON m.id = s.member ORDER BY m.class, m.code, s.code;
-- subsystems_of: of one member
SELECT code, name FROM subsystem WHERE member = ?1 ORDER BY code;

-- subsystem_rename: by row
UPDATE subsystem SET name = ?2 WHERE id = ?1;

-- subsystem_delete: by row
DELETE FROM subsystem WHERE id = ?1;
-- subsystem_servers: where it is registered
SELECT m.class, m.code, v.code, m.name, c.enabled FROM server_client c
JOIN security_server v ON v.id = c.server JOIN member m ON m.id = v.owner
WHERE c.subsystem = ?1 ORDER BY m.class, m.code, v.code;
-- member_servers: where the member itself or a subsystem is a client
SELECT DISTINCT server FROM server_client WHERE member = ?1;

-- server_add: new security server
INSERT INTO security_server (owner, code, address, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?4);
-- server_get: by owner class, owner code and server code
SELECT s.id, s.owner, s.address, s.created_at FROM security_server s
JOIN member m ON m.id = s.owner
WHERE m.class = ?1 AND m.code = ?2 AND s.code = ?3;
-- servers: all
SELECT s.id, m.class, m.code, s.code, s.address, s.maintenance,
	s.maintenance_text, m.name, s.created_at, s.updated_at, s.owner
FROM security_server s JOIN member m ON m.id = s.owner
ORDER BY m.class, m.code, s.code;
-- server_address: changes the address
UPDATE security_server SET address = ?2, updated_at = ?3 WHERE id = ?1;
-- server_maintenance: is it in maintenance mode
SELECT maintenance FROM security_server WHERE id = ?1;
-- server_maintenance_set: on or off, with words
UPDATE security_server SET maintenance = ?2, maintenance_text = ?3,
	updated_at = ?4 WHERE id = ?1;
-- server_owner_set: another owner
UPDATE security_server SET owner = ?2, updated_at = ?3 WHERE id = ?1;
-- servers_owned: how many has this member
SELECT count(*) FROM security_server WHERE owner = ?1;
-- server_delete: by row
DELETE FROM security_server WHERE id = ?1;

-- auth_cert_add: registers a certificate
INSERT INTO auth_cert (server, cert, created_at) VALUES (?1, ?2, ?3);
-- auth_cert_get: whose is this certificate
SELECT server FROM auth_cert WHERE cert = ?1;
-- auth_certs: all
SELECT server, cert FROM auth_cert ORDER BY server, id;
-- auth_certs_of: of one server
SELECT id, cert FROM auth_cert WHERE server = ?1 ORDER BY id;
-- auth_cert_delete: of a server
DELETE FROM auth_cert WHERE server = ?1 AND cert = ?2;

-- client_add: registers a client at a server
INSERT INTO server_client (server, member, subsystem, created_at)
VALUES (?1, ?2, ?3, ?4);
-- client_get: is it registered there
SELECT id FROM server_client
WHERE server = ?1 AND member = ?2 AND subsystem IS ?3;
-- clients: all that are enabled
SELECT c.server, m.class, m.code, s.code
FROM server_client c JOIN member m ON m.id = c.member
LEFT JOIN subsystem s ON s.id = c.subsystem
WHERE c.enabled = 1 ORDER BY c.server, m.class, m.code, s.code;
-- clients_of: of one server, with names
SELECT m.class, m.code, s.code, m.name, s.name
FROM server_client c JOIN member m ON m.id = c.member
LEFT JOIN subsystem s ON s.id = c.subsystem
WHERE c.server = ?1 ORDER BY m.class, m.code, s.code;
-- client_enable: 1 enabled, 0 disabled
UPDATE server_client SET enabled = ?4
WHERE server = ?1 AND member = ?2 AND subsystem IS ?3;
-- client_delete: by server, member and subsystem
DELETE FROM server_client
WHERE server = ?1 AND member = ?2 AND subsystem IS ?3;

-- request_add: new management request
INSERT INTO management_request (type, origin, status, owner_class, owner_code,
	server_code, address, auth_cert, client_class, client_code,
	client_subsystem, subsystem_name, comments, message, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15);
-- request_get: one request
SELECT r.id, r.type, r.origin, r.status, r.owner_class, r.owner_code,
	r.server_code, r.address, r.auth_cert, r.client_class, r.client_code,
	r.client_subsystem, r.subsystem_name, r.comments, r.created_at, o.name,
	m.name
FROM management_request r
LEFT JOIN member o ON o.class = r.owner_class AND o.code = r.owner_code
LEFT JOIN member m ON m.class = r.client_class AND m.code = r.client_code
WHERE r.id = ?1;
-- requests: a page; ?6 names the order, ?7 is 1 for descending
SELECT r.id, r.type, r.origin, r.status, r.owner_class, r.owner_code,
	r.server_code, r.address, r.auth_cert, r.client_class, r.client_code,
	r.client_subsystem, r.subsystem_name, r.comments, r.created_at, o.name,
	m.name
FROM management_request r
LEFT JOIN member o ON o.class = r.owner_class AND o.code = r.owner_code
LEFT JOIN member m ON m.class = r.client_class AND m.code = r.client_code
WHERE (?1 IS NULL OR r.status = ?1)
	AND (?2 IS NULL OR instr(?2, ',' || r.type || ',') > 0)
	AND (?3 IS NULL OR r.origin = ?3)
	AND (?4 IS NULL OR r.owner_class || ':' || r.owner_code || ':'
		|| r.server_code = ?4)
	AND (?5 IS NULL OR instr(lower(r.id || ' ' || coalesce(o.name, '') || ' '
		|| r.owner_class || ':' || r.owner_code || ':' || r.server_code
		|| ' ' || r.type || ' ' || coalesce(r.client_class, '') || ':'
		|| coalesce(r.client_code, '') || ':'
		|| coalesce(r.client_subsystem, '') || ' '
		|| coalesce(m.name, '')), lower(?5)) > 0)
ORDER BY CASE ?7 WHEN 0 THEN (CASE ?6 WHEN 'created_at' THEN r.created_at
		WHEN 'type' THEN r.type WHEN 'status' THEN r.status
		WHEN 'security_server_owner' THEN coalesce(o.name, '')
		WHEN 'security_server_id' THEN r.owner_class || ':'
			|| r.owner_code || ':' || r.server_code
		ELSE r.id END) END ASC,
	CASE ?7 WHEN 1 THEN (CASE ?6 WHEN 'created_at' THEN r.created_at
		WHEN 'type' THEN r.type WHEN 'status' THEN r.status
		WHEN 'security_server_owner' THEN coalesce(o.name, '')
		WHEN 'security_server_id' THEN r.owner_class || ':'
			|| r.owner_code || ':' || r.server_code
		ELSE r.id END) END DESC, r.id DESC
LIMIT ?8 OFFSET ?9;
-- requests_count: of the same filter
SELECT count(*) FROM management_request r
LEFT JOIN member o ON o.class = r.owner_class AND o.code = r.owner_code
LEFT JOIN member m ON m.class = r.client_class AND m.code = r.client_code
WHERE (?1 IS NULL OR r.status = ?1)
	AND (?2 IS NULL OR instr(?2, ',' || r.type || ',') > 0)
	AND (?3 IS NULL OR r.origin = ?3)
	AND (?4 IS NULL OR r.owner_class || ':' || r.owner_code || ':'
		|| r.server_code = ?4)
	AND (?5 IS NULL OR instr(lower(r.id || ' ' || coalesce(o.name, '') || ' '
		|| r.owner_class || ':' || r.owner_code || ':' || r.server_code
		|| ' ' || r.type || ' ' || coalesce(r.client_class, '') || ':'
		|| coalesce(r.client_code, '') || ':'
		|| coalesce(r.client_subsystem, '') || ' '
		|| coalesce(m.name, '')), lower(?5)) > 0);
-- request_settle: a decision about a request and its counterpart
UPDATE management_request SET status = ?2, decided_at = ?3
WHERE id IN (SELECT m.id FROM management_request m
	JOIN management_request r ON r.id = ?1
	WHERE m.status IN ('WAITING', 'SUBMITTED FOR APPROVAL')
	AND m.type = r.type AND m.owner_class = r.owner_class
	AND m.owner_code = r.owner_code AND m.server_code = r.server_code
	AND m.auth_cert IS r.auth_cert AND m.client_class IS r.client_class
	AND m.client_code IS r.client_code
	AND m.client_subsystem IS r.client_subsystem);
-- request_pending_cert: undecided registrations of this certificate
SELECT id, origin, owner_class, owner_code, server_code
FROM management_request
WHERE type = 'AUTH_CERT_REGISTRATION_REQUEST' AND auth_cert = ?1
	AND status IN ('WAITING', 'SUBMITTED FOR APPROVAL');
-- request_pending_client: undecided registrations of this client at a server
SELECT id, origin, owner_class, owner_code, server_code
FROM management_request
WHERE type = 'CLIENT_REGISTRATION_REQUEST' AND client_class = ?1
	AND client_code = ?2 AND client_subsystem IS ?3 AND owner_class = ?4
	AND owner_code = ?5 AND server_code = ?6
	AND status IN ('WAITING', 'SUBMITTED FOR APPROVAL');

-- request_pending_owner: undecided changes of this server's owner
SELECT id FROM management_request
WHERE type = 'OWNER_CHANGE_REQUEST' AND owner_class = ?1 AND owner_code = ?2
	AND server_code = ?3 AND status IN ('WAITING', 'SUBMITTED FOR APPROVAL');
-- requests_of_cert: registrations of this certificate that never applied
SELECT id, status FROM management_request
WHERE type = 'AUTH_CERT_REGISTRATION_REQUEST' AND auth_cert = ?1
	AND owner_class = ?2 AND owner_code = ?3 AND server_code = ?4
	AND status IN ('WAITING', 'DECLINED') ORDER BY id;
-- requests_of_client: registrations of this client that never applied
SELECT id, status FROM management_request
WHERE type = 'CLIENT_REGISTRATION_REQUEST' AND client_class = ?1
	AND client_code = ?2 AND client_subsystem IS ?3 AND owner_class = ?4
	AND owner_code = ?5 AND server_code = ?6
	AND status IN ('WAITING', 'DECLINED') ORDER BY id;
-- request_revoke: taken back by its sender
UPDATE management_request SET status = 'REVOKED', decided_at = ?2
WHERE id = ?1;

-- group_add: new global group; there already is fine
INSERT INTO global_group (code, description, created_at) VALUES (?1, ?2, ?3)
ON CONFLICT (code) DO NOTHING;
-- group_get: by code
SELECT id, description FROM global_group WHERE code = ?1;
-- groups: all
SELECT id, code, description FROM global_group ORDER BY code;
-- group_list: all with the number of their members
SELECT g.id, g.code, g.description, g.created_at, g.updated_at,
	(SELECT count(*) FROM global_group_member m WHERE m.grp = g.id)
FROM global_group g ORDER BY g.code;
-- group_describe: new description
UPDATE global_group SET description = ?2, updated_at = ?3 WHERE id = ?1;
-- group_delete: with its memberships
DELETE FROM global_group WHERE id = ?1;
-- group_members_of: of one group, with names
SELECT g.id, m.class, m.code, s.code, m.name, g.created_at
FROM global_group_member g JOIN member m ON m.id = g.member
LEFT JOIN subsystem s ON s.id = g.subsystem
WHERE g.grp = ?1 ORDER BY m.class, m.code, s.code;
-- groups_of_member: where a member and its subsystems are
SELECT gg.code, s.code, g.created_at
FROM global_group_member g JOIN global_group gg ON gg.id = g.grp
LEFT JOIN subsystem s ON s.id = g.subsystem
WHERE g.member = ?1 ORDER BY gg.code, s.code;
-- group_join: member or subsystem; there already is fine
INSERT OR IGNORE INTO global_group_member (grp, member, subsystem, created_at)
VALUES (?1, ?2, ?3, ?4);
-- group_leave: by group, member and subsystem
DELETE FROM global_group_member
WHERE grp = ?1 AND member = ?2 AND subsystem IS ?3;
-- group_members: of all groups
SELECT g.grp, m.class, m.code, s.code
FROM global_group_member g JOIN member m ON m.id = g.member
LEFT JOIN subsystem s ON s.id = g.subsystem
ORDER BY g.grp, m.class, m.code, s.code;

-- authority_add: the own certification authority
INSERT INTO authority (name, profile, key, cert, ocsp_key, ocsp_cert,
	created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);
-- authorities: all
SELECT id, name, profile, key, cert, ocsp_key, ocsp_cert FROM authority
ORDER BY id;
-- approved_ca_add: a certification service
INSERT INTO approved_ca (authority, name, cert, profile, tls_auth, csr_format,
	acme_url, acme_address, acme_auth_profile, acme_sign_profile, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);
-- approved_cas: all
SELECT id, name, cert, profile, tls_auth, csr_format, acme_url, acme_address,
	acme_auth_profile, acme_sign_profile, authority FROM approved_ca
ORDER BY id;
-- approved_ca_set: what may change
UPDATE approved_ca SET profile = ?2, tls_auth = ?3, csr_format = ?4,
	acme_url = ?5, acme_address = ?6, acme_auth_profile = ?7,
	acme_sign_profile = ?8 WHERE id = ?1;
-- approved_ca_delete: with everything below it
DELETE FROM approved_ca WHERE id = ?1;
-- approved_intermediate_add: below a certification service
INSERT INTO approved_intermediate (ca, cert, created_at) VALUES (?1, ?2, ?3);
-- approved_intermediates: all
SELECT id, ca, cert FROM approved_intermediate ORDER BY id;
-- approved_intermediate_delete: with its responders
DELETE FROM approved_intermediate WHERE id = ?1;
-- approved_ocsp_add: a responder
INSERT INTO approved_ocsp (ca, intermediate, url, cert, cost, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);
-- approved_ocsps: all
SELECT id, ca, intermediate, url, cert, cost FROM approved_ocsp ORDER BY id;
-- approved_ocsp_set: what may change
UPDATE approved_ocsp SET url = ?2, cert = ?3, cost = ?4 WHERE id = ?1;
-- approved_ocsp_delete: gone
DELETE FROM approved_ocsp WHERE id = ?1;
-- approved_tsa_add: a time-stamping service
INSERT INTO approved_tsa (tsa, name, url, cert, cost, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);
-- approved_tsas: all
SELECT id, tsa, name, url, cert, cost FROM approved_tsa ORDER BY id;
-- approved_tsa_set: what may change
UPDATE approved_tsa SET name = ?2, url = ?3, cert = ?4, cost = ?5
WHERE id = ?1;
-- approved_tsa_delete: gone
DELETE FROM approved_tsa WHERE id = ?1;

-- trusted_anchor_put: new anchor of another instance, or a newer one
INSERT INTO trusted_anchor (instance, hash, xml, generated_at, created_at)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (instance) DO UPDATE SET hash = excluded.hash,
	xml = excluded.xml, generated_at = excluded.generated_at,
	created_at = excluded.created_at;
-- trusted_anchors: all
SELECT instance, hash, xml, generated_at FROM trusted_anchor ORDER BY instance;
-- trusted_anchor_get: by hash
SELECT instance, xml, generated_at FROM trusted_anchor WHERE hash = ?1;
-- trusted_anchor_delete: by hash
DELETE FROM trusted_anchor WHERE hash = ?1;

-- config_part_put: an optional part
INSERT INTO config_part (identifier, xml, updated_at) VALUES (?1, ?2, ?3)
ON CONFLICT (identifier) DO UPDATE SET xml = excluded.xml,
	updated_at = excluded.updated_at;
-- config_parts: all
SELECT identifier, xml, updated_at FROM config_part ORDER BY identifier;

-- tsa_add: the own time-stamping authority
INSERT INTO tsa (name, key, cert, serial, created_at)
VALUES (?1, ?2, ?3, ?4, ?5);
-- tsas: all
SELECT id, name, key, cert, serial FROM tsa ORDER BY id;
-- tsa_reserve: takes a block of serial numbers
UPDATE tsa SET serial = serial + ?2 WHERE id = ?1;
-- tsa_serial: end of the block
SELECT serial FROM tsa WHERE id = ?1;

-- issued_add: a certificate was issued
INSERT INTO issued_cert (authority, serial, usage, subject, member, server,
	cert, not_after, issued_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);
-- issued_status: what OCSP has to say
SELECT revoked_at FROM issued_cert WHERE authority = ?1 AND serial = ?2;
-- issued: newest first, a page
SELECT serial, usage, subject, member, server, not_after, issued_at,
	revoked_at, reason, cert FROM issued_cert
ORDER BY id DESC LIMIT ?1 OFFSET ?2;
-- issued_get: by serial
SELECT serial, usage, subject, member, server, not_after, issued_at,
	revoked_at, reason, cert FROM issued_cert WHERE serial = ?1;
-- issued_revoke: once and for all
UPDATE issued_cert SET revoked_at = ?2, reason = ?3
WHERE serial = ?1 AND revoked_at IS NULL;

-- config_key_add: new configuration signing key
INSERT INTO config_key (id, source, label, cert, active, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);
-- config_keys: all, oldest first
SELECT id, source, label, cert, active, created_at FROM config_key
ORDER BY source, created_at, id;
-- config_key_get: by id
SELECT source, active FROM config_key WHERE id = ?1;
-- config_keys_off: none of the source is active
UPDATE config_key SET active = 0 WHERE source = ?1;
-- config_key_on: this one is
UPDATE config_key SET active = 1 WHERE id = ?1;
-- config_key_delete: gone
DELETE FROM config_key WHERE id = ?1;

-- anchor_put: new anchor of a source
INSERT INTO anchor (source, xml, created_at) VALUES (?1, ?2, ?3)
ON CONFLICT (source) DO UPDATE SET xml = excluded.xml,
	created_at = excluded.created_at;
-- anchor_get: anchor of a source
SELECT xml, created_at FROM anchor WHERE source = ?1;

-- setup_counts: member classes, members, security servers with a certificate, requests that wait
SELECT (SELECT count(*) FROM member_class), (SELECT count(*) FROM member),
	(SELECT count(DISTINCT server) FROM auth_cert),
	(SELECT count(*) FROM management_request WHERE status = 'WAITING');

-- counts: for the health page
SELECT (SELECT count(*) FROM member), (SELECT count(*) FROM subsystem),
	(SELECT count(*) FROM security_server),
	(SELECT count(*) FROM issued_cert WHERE revoked_at IS NULL),
	(SELECT count(*) FROM management_request WHERE status = 'WAITING');

-- application_add: new application
INSERT INTO application (kind, state, organization, contact, mail, content,
	subject, provider, version, created_at, updated_at)
VALUES (?1, 'submitted', ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?8);
-- application_get: by number
SELECT id, kind, state, organization, contact, mail, subject, provider, serial,
	version, created_at, updated_at, content FROM application WHERE id = ?1;
-- applications: a page; ?4 stands in what names it; ?5 is 1 for the newest first
SELECT id, kind, state, organization, contact, mail, subject, provider, serial,
	version, created_at, updated_at, content FROM application
WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR kind = ?2)
	AND (?3 IS NULL OR provider = ?3
		OR substr(provider, 1, length(?3) + 1) = ?3 || ':')
	AND (?4 IS NULL OR instr(lower(id || ' ' || organization || ' ' || contact
		|| ' ' || mail || ' ' || subject), lower(?4)))
ORDER BY CASE ?5 WHEN 1 THEN -id ELSE id END LIMIT ?6 OFFSET ?7;
-- applications_count: of the same filter
SELECT count(*) FROM application
WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR kind = ?2)
	AND (?3 IS NULL OR provider = ?3
		OR substr(provider, 1, length(?3) + 1) = ?3 || ':')
	AND (?4 IS NULL OR instr(lower(id || ' ' || organization || ' ' || contact
		|| ' ' || mail || ' ' || subject), lower(?4)));
-- application_move: to another state, if it is still as the caller saw it
UPDATE application SET state = ?2, serial = ?3, version = version + 1,
	updated_at = ?4
WHERE id = ?1 AND version = ?5;
-- application_amend: submitted again with other content
UPDATE application SET organization = ?2, contact = ?3, mail = ?4,
	content = ?5, subject = ?6, provider = ?7
WHERE id = ?1;
-- application_step_add: one step for the record
INSERT INTO application_step (application, at, who, from_state, to_state, note,
	content)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);
-- application_steps: of one application, the first one first
SELECT at, who, from_state, to_state, note, content FROM application_step
WHERE application = ?1 ORDER BY id;

-- expiry_told: the threshold that was told, if any
SELECT days FROM expiry_notice WHERE sha256 = ?1;
-- expiry_tell: certificate, threshold, now
INSERT INTO expiry_notice (sha256, days, told_at) VALUES (?1, ?2, ?3)
ON CONFLICT (sha256) DO UPDATE SET days = excluded.days,
	told_at = excluded.told_at;
