-- Accounts that can be managed, second factors, keys that end, an audit that
-- shows changes of its rows, and the first run. Evidence: migrated.

ALTER TABLE account ADD COLUMN display TEXT NOT NULL DEFAULT '';      -- a person's name
ALTER TABLE account ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;   -- 1: may not sign in
ALTER TABLE account ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0; -- 1: others set the password
ALTER TABLE account ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;    -- password set, ms since 1970
ALTER TABLE account ADD COLUMN last_login INTEGER NOT NULL DEFAULT 0; -- ms since 1970, 0: never
ALTER TABLE account ADD COLUMN totp TEXT;            -- seed, sealed (vault.h); null: no second factor
ALTER TABLE account ADD COLUMN totp_pending TEXT;    -- the same, not confirmed yet
ALTER TABLE account ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;  -- last time step that was used

CREATE TABLE recovery_code (
  id INTEGER PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,              -- SHA-256 of the code, lower-case hex
  UNIQUE (account, hash)
) STRICT;

ALTER TABLE api_key ADD COLUMN name TEXT NOT NULL DEFAULT '';     -- what it is for
ALTER TABLE api_key ADD COLUMN maker TEXT NOT NULL DEFAULT '';    -- who made it, as in the audit
ALTER TABLE api_key ADD COLUMN expires INTEGER NOT NULL DEFAULT 0; -- ms since 1970, 0: never
ALTER TABLE api_key ADD COLUMN used INTEGER NOT NULL DEFAULT 0;   -- last use, ms, 0: never; within a minute

-- Rows of before have no hash: the chain begins with the first that has one.
ALTER TABLE audit ADD COLUMN event TEXT NOT NULL DEFAULT '';      -- X-Road's name of the act
ALTER TABLE audit ADD COLUMN detail TEXT NOT NULL DEFAULT '';     -- what, JSON, no secrets
ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT '';       -- SHA-256 over the hash before and this row
CREATE INDEX audit_time ON audit (time);

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;

-- One row: the way from an empty machine to the first exchange.
CREATE TABLE setup (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  token TEXT NOT NULL DEFAULT '',  -- SHA-256 of the one-time token, hex; '': none
  token_ends INTEGER NOT NULL DEFAULT 0, -- ms since 1970
  started INTEGER NOT NULL DEFAULT 0,    -- first account made, ms since 1970
  finished INTEGER NOT NULL DEFAULT 0,   -- first good exchange, ms since 1970
  note TEXT NOT NULL DEFAULT '{}'  -- what the person has answered so far, JSON
) STRICT;
INSERT INTO setup (id) VALUES (1);
