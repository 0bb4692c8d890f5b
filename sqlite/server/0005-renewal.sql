-- Certificates through their life: what renews them, what was told of their
-- end, and the accounts at ACME servers.

ALTER TABLE certificate ADD COLUMN active_since INTEGER;  -- null while inactive
ALTER TABLE certificate ADD COLUMN renewed_by TEXT;       -- sha256 of its successor
ALTER TABLE certificate ADD COLUMN renewal_error TEXT;    -- why it could not be renewed, last time
ALTER TABLE certificate ADD COLUMN next_renewal INTEGER;  -- planned; null: not by itself

CREATE TABLE expiry_notice (
  sha256  TEXT PRIMARY KEY,   -- of any certificate that is watched
  days    INTEGER NOT NULL,   -- the smallest threshold that was told; 0: expired
  told_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The key is a file of this name in <data-dir>/acme.
CREATE TABLE acme_account (
  id       TEXT PRIMARY KEY,
  key_made INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
