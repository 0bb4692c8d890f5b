-- account_by_name: for signing in and for the pages; 13: recovery codes left
SELECT id, name, password, roles, display, disabled, must_change, changed, last_login, created, totp, totp_pending, totp_step,
  (SELECT count(*) FROM recovery_code r WHERE r.account = a.id) FROM account a WHERE name = ?1;

-- account_list: the same of all, by name
SELECT id, name, password, roles, display, disabled, must_change, changed, last_login, created, totp, totp_pending, totp_step,
  (SELECT count(*) FROM recovery_code r WHERE r.account = a.id) FROM account a ORDER BY name;

-- account_put: the command line's: new account, or new password and roles of an old one, which may sign in again
INSERT INTO account (name, password, roles, created, changed) VALUES (?1, ?2, ?3, ?4, ?4)
ON CONFLICT (name) DO UPDATE SET password = excluded.password, roles = excluded.roles, changed = excluded.changed,
  disabled = 0, must_change = 0;

-- account_add: by an administrator
INSERT INTO account (name, password, roles, created, changed, display, must_change) VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6);

-- account_set: what an administrator may change
UPDATE account SET display = ?2, roles = ?3, disabled = ?4 WHERE id = ?1;

-- account_password: another one; must_change as given
UPDATE account SET password = ?2, changed = ?3, must_change = ?4 WHERE id = ?1;

-- account_rehash: the same password, stored stronger; only if it is still that one
UPDATE account SET password = ?3 WHERE id = ?1 AND password = ?2;

-- account_login: signed in
UPDATE account SET last_login = ?2 WHERE id = ?1;

-- account_remove: with its recovery codes
DELETE FROM account WHERE id = ?1;

-- accounts: how many there are
SELECT count(*) FROM account;

-- administrators: other accounts that may sign in and have the role (?2)
SELECT count(*) FROM account WHERE id <> ?1 AND disabled = 0 AND (roles & ?2) <> 0;

-- factor_offer: a seed that is not confirmed
UPDATE account SET totp_pending = ?2 WHERE id = ?1;

-- factor_take: the offered seed counts from now on
UPDATE account SET totp = totp_pending, totp_pending = NULL, totp_step = ?2 WHERE id = ?1 AND totp_pending IS NOT NULL;

-- factor_remove: password alone again
UPDATE account SET totp = NULL, totp_pending = NULL, totp_step = 0 WHERE id = ?1;

-- factor_step: a code counts once: no row when this step or a later one was used
UPDATE account SET totp_step = ?2 WHERE id = ?1 AND totp_step < ?2;

-- recovery_add: only the hash is kept
INSERT INTO recovery_code (account, hash) VALUES (?1, ?2);

-- recovery_use: it counts once
DELETE FROM recovery_code WHERE account = ?1 AND hash = ?2;

-- recovery_clear: all of an account
DELETE FROM recovery_code WHERE account = ?1;

-- api_key_by_hash: for calls with an API key
SELECT id, roles, expires, used FROM api_key WHERE hash = ?1;

-- api_key_by_id: one of the list
SELECT roles, created, name, maker, expires, used FROM api_key WHERE id = ?1;

-- api_key_add: only the hash is kept
INSERT INTO api_key (hash, roles, created, name, maker, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- api_keys: the list, newest last
SELECT id, roles, created, name, maker, expires, used FROM api_key ORDER BY id;

-- api_key_set: other roles
UPDATE api_key SET roles = ?2 WHERE id = ?1;

-- api_key_change: name and end
UPDATE api_key SET name = ?2, expires = ?3 WHERE id = ?1;

-- api_key_used: when
UPDATE api_key SET used = ?2 WHERE id = ?1;

-- api_key_remove: revoked
DELETE FROM api_key WHERE id = ?1;

-- audit_add: one line per changing call
INSERT INTO audit (time, who, address, method, target, status) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
