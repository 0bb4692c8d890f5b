-- Encrypted messages and attachments (X-Road: messagelog-encryption-enabled;
-- interop/xroad-messages.md 4.1). Keys are files, not here.
CREATE TABLE cipher_key (
  id TEXT PRIMARY KEY,
  proof BLOB NOT NULL               -- a sealed word: opens only with this key
) STRICT, WITHOUT ROWID;
CREATE TABLE sealed (
  record INTEGER PRIMARY KEY REFERENCES record (id),
  key TEXT NOT NULL REFERENCES cipher_key (id)
) STRICT;
