-- account_by_name: for signing in and for the pages; 13: recovery codes left
SELECT id, name, password, roles, display, disabled, must_change, changed, last_login, created, totp, totp_pending, totp_step,
  (SELECT count(*) FROM recovery_code r WHERE r.account = a.id) FROM account a WHERE name = ?1;

-- account_list: the same of all, by name
SELECT id, name, password, roles, display, disabled, must_change, changed, last_login, created, totp, totp_pending, totp_step,
  (SELECT count(*) FROM recovery_code r WHERE r.account = a.id) FROM account a ORDER BY name;

-- account_put: the command line's: new account, or new password and roles of an old one, which may sign in again, without a second factor
INSERT INTO account (name, password, roles, created, changed) VALUES (?1, ?2, ?3, ?4, ?4)
ON CONFLICT (name) DO UPDATE SET password = excluded.password, roles = excluded.roles, changed = excluded.changed,
  disabled = 0, must_change = 0, totp = NULL, totp_pending = NULL, totp_step = 0;

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

-- api_key_count: how many
SELECT count(*) FROM api_key;

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

-- audit_add: one line per act; the number belongs to what the hash covers
INSERT INTO audit (id, time, who, address, method, target, status, event, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

-- audit_last: number and hash of the newest row
SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1;

-- audit_row: its hash
SELECT hash FROM audit WHERE id = ?1;

-- audit_before: rows of before there was a chain
SELECT count(*) FROM audit WHERE hash = '';

-- audit_all: for the check of the chain, oldest first
SELECT id, time, who, address, method, target, status, event, detail, hash FROM audit ORDER BY id;

-- audit_events: the names of acts that there are
SELECT DISTINCT event FROM audit WHERE event <> '' ORDER BY event;

-- audit_find: newest first; a null leaves the filter out. 3 who, 4 event, 5 address, 6 good (1) or not (0), 7 text, 8 limit, 9 offset
SELECT id, time, who, address, method, target, status, event, detail, hash FROM audit
WHERE time >= ?1 AND time < ?2 AND (?3 IS NULL OR who = ?3) AND (?4 IS NULL OR event = ?4) AND (?5 IS NULL OR address = ?5)
  AND (?6 IS NULL OR (status < 400) = ?6)
  AND (?7 IS NULL OR instr(lower(who || ' ' || event || ' ' || target || ' ' || detail), lower(?7)) > 0)
ORDER BY id DESC LIMIT ?8 OFFSET ?9;

-- audit_count: how many these are
SELECT count(*) FROM audit
WHERE time >= ?1 AND time < ?2 AND (?3 IS NULL OR who = ?3) AND (?4 IS NULL OR event = ?4) AND (?5 IS NULL OR address = ?5)
  AND (?6 IS NULL OR (status < 400) = ?6)
  AND (?7 IS NULL OR instr(lower(who || ' ' || event || ' ' || target || ' ' || detail), lower(?7)) > 0);

-- setup_get: the way to the first exchange
SELECT token, token_ends, started, finished, note FROM setup WHERE id = 1;

-- setup_token: another one-time token
UPDATE setup SET token = ?1, token_ends = ?2 WHERE id = 1;

-- setup_started: the first account is made, the token is used
UPDATE setup SET token = '', token_ends = 0, started = ?1 WHERE id = 1;

-- setup_finished: the first good exchange
UPDATE setup SET finished = ?1 WHERE id = 1 AND finished = 0;

-- setup_note: what was answered so far
UPDATE setup SET note = ?1 WHERE id = 1;
