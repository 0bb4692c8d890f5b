-- The security server's own configuration: who it is, whom it serves, what
-- they offer, who may use it, its keys and certificates. Not evidence, but
-- never rebuilt: migrate it.
--
-- A "path" is the slash form of an identifier with percent-encoded pieces,
-- "DEV/GOV/1000/Sub"; times are Unix milliseconds.

CREATE TABLE identity (
  one         INTEGER PRIMARY KEY CHECK (one = 1), -- there is one row at most
  instance    TEXT NOT NULL,  -- of the anchor at initialisation
  owner_class TEXT NOT NULL,
  owner_code  TEXT NOT NULL,
  server_code TEXT NOT NULL,
  address     TEXT            -- address sent with the last registration
) STRICT;

CREATE TABLE client (
  id         INTEGER PRIMARY KEY,
  instance   TEXT NOT NULL,
  cls        TEXT NOT NULL,
  code       TEXT NOT NULL,
  subsystem  TEXT NOT NULL,  -- '' for a member
  status     TEXT NOT NULL,  -- REGISTERED, SAVED, GLOBAL_ERROR ...
  connection TEXT NOT NULL CHECK (connection IN ('HTTP', 'HTTPS', 'HTTPS_NO_AUTH')),
  UNIQUE (instance, cls, code, subsystem)
) STRICT;

-- Certificates of the client's information systems, pinned byte by byte.
CREATE TABLE client_cert (
  id     INTEGER PRIMARY KEY,
  client INTEGER NOT NULL REFERENCES client ON DELETE CASCADE,
  sha256 TEXT NOT NULL,  -- lower-case hex of the DER
  der    BLOB NOT NULL,
  UNIQUE (client, sha256)
) STRICT;

CREATE TABLE description (
  id           INTEGER PRIMARY KEY,
  client       INTEGER NOT NULL REFERENCES client ON DELETE CASCADE,
  kind         TEXT NOT NULL CHECK (kind IN ('WSDL', 'REST', 'OPENAPI3')),
  url          TEXT NOT NULL,
  disabled     INTEGER NOT NULL,  -- 1 until the administrator enables it
  notice       TEXT,              -- told to callers while disabled
  refreshed_at INTEGER NOT NULL,
  UNIQUE (client, url)
) STRICT;

CREATE TABLE service (
  id          INTEGER PRIMARY KEY,
  client      INTEGER NOT NULL REFERENCES client ON DELETE CASCADE,
  description INTEGER NOT NULL REFERENCES description ON DELETE CASCADE,
  code        TEXT NOT NULL,
  version     TEXT NOT NULL,     -- '' for none
  title       TEXT,
  url         TEXT NOT NULL,
  timeout     INTEGER NOT NULL,  -- seconds
  tls_verify  INTEGER NOT NULL,
  UNIQUE (client, code, version)
) STRICT;

-- Access rights hang on endpoints; ('*', '**') is the whole service.
CREATE TABLE endpoint (
  id           INTEGER PRIMARY KEY,
  client       INTEGER NOT NULL REFERENCES client ON DELETE CASCADE,
  service_code TEXT NOT NULL,     -- rights on a code cover all versions
  method       TEXT NOT NULL,     -- '*' for any
  path         TEXT NOT NULL,     -- pattern
  generated    INTEGER NOT NULL,  -- taken from a description, not by hand
  UNIQUE (client, service_code, method, path)
) STRICT;

CREATE TABLE local_group (
  id          INTEGER PRIMARY KEY,
  client      INTEGER NOT NULL REFERENCES client ON DELETE CASCADE,
  code        TEXT NOT NULL,
  description TEXT NOT NULL,
  updated_at  INTEGER NOT NULL,
  UNIQUE (client, code)
) STRICT;

CREATE TABLE local_group_member (
  local_group INTEGER NOT NULL REFERENCES local_group ON DELETE CASCADE,
  subject     TEXT NOT NULL,  -- path of a subsystem
  added_at    INTEGER NOT NULL,
  PRIMARY KEY (local_group, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE access_right (
  endpoint INTEGER NOT NULL REFERENCES endpoint ON DELETE CASCADE,
  kind     TEXT NOT NULL CHECK (kind IN ('SUBSYSTEM', 'GLOBALGROUP', 'LOCALGROUP')),
  subject  TEXT NOT NULL,     -- path; instance/code of a global group; id of a local group
  given_at INTEGER NOT NULL,
  PRIMARY KEY (endpoint, kind, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE tsa (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  url  TEXT NOT NULL,
  cost TEXT NOT NULL          -- FREE, PAID, UNDEFINED
) STRICT;

-- Keys live in the signer process; here is what they are for.
CREATE TABLE token_key (
  id         TEXT PRIMARY KEY,  -- the signer's key id, 40 hex digits
  label      TEXT NOT NULL,
  usage      TEXT CHECK (usage IN ('SIGNING', 'AUTHENTICATION')), -- null until a CSR is made
  algorithm  TEXT NOT NULL,     -- RSA, EC
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE csr (
  id         TEXT PRIMARY KEY,  -- 40 hex digits
  token_key  TEXT NOT NULL REFERENCES token_key ON DELETE CASCADE,
  member     TEXT,              -- path, for signing keys
  profile    TEXT NOT NULL,     -- certificate profile class
  der        BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE certificate (
  id          INTEGER PRIMARY KEY,
  token_key   TEXT NOT NULL REFERENCES token_key ON DELETE CASCADE,
  sha256      TEXT NOT NULL UNIQUE,  -- lower-case hex of the DER
  der         BLOB NOT NULL,
  member      TEXT,                  -- path, for signing certificates
  status      TEXT NOT NULL,         -- SAVED, REGISTRATION_IN_PROGRESS, REGISTERED ...
  active      INTEGER NOT NULL,
  ocsp_error  TEXT,                  -- why it could not be activated, last time
  imported_at INTEGER NOT NULL
) STRICT;
