-- Named statements of the security server. Whole tables are read into an
-- immutable model (serverconf.c, keyconf.c): they are small.

-- identity: who this server is
SELECT instance, owner_class, owner_code, server_code, address,
  address_wanted, maintenance_wanted FROM identity;

-- identity_set: initialisation
INSERT INTO identity (one, instance, owner_class, owner_code, server_code)
VALUES (1, ?, ?, ?, ?);

-- identity_address: the address sent with a registration
UPDATE identity SET address = ?;

-- identity_owner: another member owns the server now
UPDATE identity SET owner_class = ?, owner_code = ?;

-- identity_address_wanted: pending address, or null
UPDATE identity SET address_wanted = ?;

-- identity_address_shown: the address is in force
UPDATE identity SET address = ?, address_wanted = NULL;

-- identity_maintenance_wanted: pending mode, or null
UPDATE identity SET maintenance_wanted = ?;

-- clients: all, in order of identifier
SELECT id, instance, cls, code, subsystem, status, connection, name_wanted,
  name_sent FROM client
ORDER BY instance, cls, code, subsystem;

-- client_add: a new client
INSERT INTO client (instance, cls, code, subsystem, status, connection)
VALUES (?, ?, ?, ?, ?, ?);

-- client_status: new status by row
UPDATE client SET status = ? WHERE id = ?;

-- client_name: pending subsystem name, was it sent, row
UPDATE client SET name_wanted = ?, name_sent = ? WHERE id = ?;

-- client_delete: with all it offers, by row
DELETE FROM client WHERE id = ?;

-- client_connection: new connection type by row
UPDATE client SET connection = ? WHERE id = ?;

-- client_certs: pinned certificates of all clients
SELECT client, der FROM client_cert ORDER BY client, id;

-- client_cert_add: pin a certificate
INSERT INTO client_cert (client, sha256, der) VALUES (?, ?, ?);

-- client_cert_delete: unpin
DELETE FROM client_cert WHERE client = ? AND sha256 = ?;

-- descriptions: all
SELECT id, client, kind, url, disabled, notice, refreshed_at FROM description
ORDER BY id;

-- description_add: disabled at first
INSERT INTO description (client, kind, url, disabled, refreshed_at)
VALUES (?, ?, ?, 1, ?);

-- description_disable: disabled, notice, row
UPDATE description SET disabled = ?, notice = ? WHERE id = ?;

-- description_url: url, refreshed_at, row
UPDATE description SET url = ?, refreshed_at = ? WHERE id = ?;

-- description_delete: with its services
DELETE FROM description WHERE id = ?;

-- services: all
SELECT id, client, description, code, version, title, url, timeout, tls_verify
FROM service ORDER BY code, version;

-- consent_rules: services that need consent
SELECT client, service_code, subject_in, subject_name, purpose_in, purpose_name, items, namespaces, max_age
FROM consent_rule;

-- consent_rule_put: from now on
INSERT INTO consent_rule (client, service_code, subject_in, subject_name, purpose_in, purpose_name, items, namespaces, max_age)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (client, service_code) DO UPDATE SET subject_in = excluded.subject_in, subject_name = excluded.subject_name,
	purpose_in = excluded.purpose_in, purpose_name = excluded.purpose_name, items = excluded.items,
	namespaces = excluded.namespaces, max_age = excluded.max_age;

-- consent_rule_remove: no longer
DELETE FROM consent_rule WHERE client = ?1 AND service_code = ?2;

-- record_rules: services whose answers are shown to the person
SELECT client, service_code, subject_in, subject_name, purpose_in, purpose_name, namespaces, words
FROM record_rule;

-- record_rule_put: from now on
INSERT INTO record_rule (client, service_code, subject_in, subject_name, purpose_in, purpose_name, namespaces, words)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (client, service_code) DO UPDATE SET subject_in = excluded.subject_in, subject_name = excluded.subject_name,
	purpose_in = excluded.purpose_in, purpose_name = excluded.purpose_name, namespaces = excluded.namespaces,
	words = excluded.words;

-- record_rule_remove: no longer
DELETE FROM record_rule WHERE client = ?1 AND service_code = ?2;

-- service_add: a service of a description
INSERT INTO service (client, description, code, version, title, url, timeout, tls_verify)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- service_update: url, timeout, tls_verify of one row
UPDATE service SET url = ?, timeout = ?, tls_verify = ? WHERE id = ?;

-- service_code: new code of one row
UPDATE service SET code = ? WHERE id = ?;

-- service_title: new title of one row
UPDATE service SET title = ? WHERE id = ?;

-- service_delete: one row
DELETE FROM service WHERE id = ?;

-- endpoints: all
SELECT id, client, service_code, method, path, generated FROM endpoint
ORDER BY id;

-- endpoint_add: refuses duplicates
INSERT INTO endpoint (client, service_code, method, path, generated)
VALUES (?, ?, ?, ?, ?);

-- endpoint_base: the whole service, if it is not there yet
INSERT OR IGNORE INTO endpoint (client, service_code, method, path, generated)
VALUES (?, ?, '*', '**', 1);

-- endpoint_generated: of a document; one made by hand becomes generated
INSERT INTO endpoint (client, service_code, method, path, generated)
VALUES (?, ?, ?, ?, 1)
ON CONFLICT (client, service_code, method, path) DO UPDATE SET generated = 1;

-- endpoint_change: method, path, row
UPDATE endpoint SET method = ?, path = ? WHERE id = ?;

-- endpoint_code: new code, client, old code
UPDATE endpoint SET service_code = ? WHERE client = ? AND service_code = ?;

-- endpoint_delete: with its rights
DELETE FROM endpoint WHERE id = ?;

-- endpoints_orphaned: of a client's codes that no service has any more
DELETE FROM endpoint WHERE client = ?1 AND service_code NOT IN
  (SELECT code FROM service WHERE client = ?1);

-- local_groups: all
SELECT id, client, code, description, updated_at FROM local_group ORDER BY id;

-- local_group_add: a new group
INSERT INTO local_group (client, code, description, updated_at)
VALUES (?, ?, ?, ?);

-- local_group_describe: description, updated_at, row
UPDATE local_group SET description = ?, updated_at = ? WHERE id = ?;

-- local_group_delete: with its members
DELETE FROM local_group WHERE id = ?;

-- local_group_members: of all groups
SELECT local_group, subject FROM local_group_member ORDER BY local_group, subject;

-- local_group_member_add: a subsystem joins
INSERT INTO local_group_member (local_group, subject, added_at) VALUES (?, ?, ?);

-- local_group_member_delete: a subsystem leaves
DELETE FROM local_group_member WHERE local_group = ? AND subject = ?;

-- local_group_member_forget: a subsystem leaves all groups
DELETE FROM local_group_member WHERE subject = ?;

-- rights: all access rights
SELECT endpoint, kind, subject, given_at FROM access_right
ORDER BY endpoint, kind, subject;

-- right_add: refuses duplicates
INSERT INTO access_right (endpoint, kind, subject, given_at) VALUES (?, ?, ?, ?);

-- right_delete: takes a right away
DELETE FROM access_right WHERE endpoint = ? AND kind = ? AND subject = ?;

-- right_forget: all rights of a subject
DELETE FROM access_right WHERE kind = ? AND subject = ?;

-- tsas: chosen time-stamping services
SELECT name, url, cost FROM tsa ORDER BY id;

-- tsa_add: choose one
INSERT INTO tsa (name, url, cost) VALUES (?, ?, ?);

-- tsa_delete: by name and address
DELETE FROM tsa WHERE name = ? AND url = ?;

-- tokens: the names that operators gave them
SELECT id, name FROM token_name;

-- token_rename: id, new name
INSERT INTO token_name (id, name) VALUES (?, ?)
ON CONFLICT (id) DO UPDATE SET name = excluded.name;

-- token_forget: its keys' rows, with requests and certificates
DELETE FROM token_key WHERE token = ?;

-- keys: all
SELECT id, label, usage, algorithm, token FROM token_key ORDER BY created_at, id;

-- key_add: a key of the signer
INSERT INTO token_key (id, label, usage, algorithm, created_at, token)
VALUES (?, ?, ?, ?, ?, ?);

-- key_label: new label, id
UPDATE token_key SET label = ? WHERE id = ?;

-- key_delete: with its requests and certificates
DELETE FROM token_key WHERE id = ?;

-- key_usage: fixed by the first CSR or certificate
UPDATE token_key SET usage = ?1 WHERE id = ?2 AND (usage IS NULL OR usage = ?1);

-- csrs: all
SELECT id, token_key, member, profile, der FROM csr ORDER BY created_at, id;

-- csr_add: a certificate request
INSERT INTO csr (id, token_key, member, profile, der, created_at)
VALUES (?, ?, ?, ?, ?, ?);

-- csr_delete: by id
DELETE FROM csr WHERE id = ? AND token_key = ?;

-- csr_delete_key: the certificate has come
DELETE FROM csr WHERE token_key = ?;

-- certs: all
SELECT id, token_key, der, member, status, active, ocsp_error, active_since,
  renewed_by, renewal_error, next_renewal FROM certificate
ORDER BY imported_at, id;

-- cert_add: an imported certificate
INSERT INTO certificate (token_key, sha256, der, member, status, active, ocsp_error, imported_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- cert_status: new status by row
UPDATE certificate SET status = ? WHERE id = ?;

-- cert_active: active, error, row, now
UPDATE certificate SET active_since = CASE WHEN NOT ?1 THEN NULL
  WHEN active THEN active_since ELSE ?4 END,
  active = ?1, ocsp_error = ?2 WHERE id = ?3;

-- cert_renewed: its successor (null: none), row
UPDATE certificate SET renewed_by = ? WHERE id = ?;

-- cert_renewal_error: null when it went well, row
UPDATE certificate SET renewal_error = ? WHERE id = ?;

-- cert_next_renewal: planned, row
UPDATE certificate SET next_renewal = ? WHERE id = ?;

-- expiry_told: the threshold that was told, if any
SELECT days FROM expiry_notice WHERE sha256 = ?;

-- expiry_tell: certificate, threshold, now
INSERT INTO expiry_notice (sha256, days, told_at) VALUES (?, ?, ?)
ON CONFLICT (sha256) DO UPDATE SET days = excluded.days, told_at = excluded.told_at;

-- acme_account: when its key was made
SELECT key_made FROM acme_account WHERE id = ?;

-- acme_account_set: its key is of now
INSERT INTO acme_account (id, key_made) VALUES (?, ?)
ON CONFLICT (id) DO UPDATE SET key_made = excluded.key_made;

-- cert_delete: by row
DELETE FROM certificate WHERE id = ?;
