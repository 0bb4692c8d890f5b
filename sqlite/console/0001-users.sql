-- Who may administer this machine, and what they did. Evidence: migrated,
-- never rebuilt.

CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,       -- login name
  password TEXT NOT NULL,          -- password_hash()
  roles INTEGER NOT NULL,          -- enum admin_role bits
  created INTEGER NOT NULL         -- ms since 1970
) STRICT;

CREATE TABLE api_key (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,       -- SHA-256 of the key, lower-case hex
  roles INTEGER NOT NULL,          -- enum admin_role bits
  created INTEGER NOT NULL         -- ms since 1970
) STRICT;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,           -- ms since 1970
  who TEXT NOT NULL,               -- account name, or api-key-N
  address TEXT NOT NULL,           -- IP address of the caller
  method TEXT NOT NULL,            -- HTTP method
  target TEXT NOT NULL,            -- path called, without query
  status INTEGER NOT NULL          -- HTTP status of the answer; 0 not known
) STRICT;
