-- account_by_name: for signing in
SELECT id, name, password, roles FROM account WHERE name = ?1;

-- account_put: new account, or new password and roles of an old one
INSERT INTO account (name, password, roles, created) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (name) DO UPDATE SET password = excluded.password, roles = excluded.roles;

-- accounts: how many there are
SELECT count(*) FROM account;

-- api_key_by_hash: for calls with an API key
SELECT id, roles FROM api_key WHERE hash = ?1;

-- api_key_by_id: one of the list
SELECT roles FROM api_key WHERE id = ?1;

-- api_key_add: only the hash is kept
INSERT INTO api_key (hash, roles, created) VALUES (?1, ?2, ?3);

-- api_keys: the list, newest last
SELECT id, roles, created FROM api_key ORDER BY id;

-- api_key_set: other roles
UPDATE api_key SET roles = ?2 WHERE id = ?1;

-- api_key_remove: revoked
DELETE FROM api_key WHERE id = ?1;

-- audit_add: one line per changing call
INSERT INTO audit (time, who, address, method, target, status) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
