-- What the global configuration approves: certification services, OCSP
-- responders, time-stamping services; our own and those of others. Federation
-- partners and further configuration parts.

-- Certification services. Evidence.
CREATE TABLE approved_ca (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- row, told to administrators
	authority INTEGER UNIQUE REFERENCES authority (id), -- our own; null: of others
	name TEXT NOT NULL,      -- name in the configuration
	cert BLOB NOT NULL,      -- DER of the top CA
	profile TEXT NOT NULL,   -- certificate profile, Java class name
	tls_auth INTEGER NOT NULL DEFAULT 0, -- 1: authentication certificates only
	csr_format TEXT NOT NULL DEFAULT 'PEM', -- PEM or DER
	acme_url TEXT,           -- directory of its ACME server
	acme_address TEXT,       -- IP address of that server
	acme_auth_profile TEXT,  -- profile id for authentication certificates
	acme_sign_profile TEXT,  -- profile id for signing certificates
	created_at INTEGER NOT NULL -- made
) STRICT;
CREATE UNIQUE INDEX approved_ca_cert ON approved_ca (cert);

-- Intermediate CAs. Evidence.
CREATE TABLE approved_intermediate (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- row, told to administrators
	ca INTEGER NOT NULL REFERENCES approved_ca (id) ON DELETE CASCADE, -- below
	cert BLOB NOT NULL,      -- DER
	created_at INTEGER NOT NULL -- made
) STRICT;

-- OCSP responders of a top or an intermediate CA. Evidence.
CREATE TABLE approved_ocsp (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- row, told to administrators
	ca INTEGER REFERENCES approved_ca (id) ON DELETE CASCADE, -- top CA, or null
	intermediate INTEGER REFERENCES approved_intermediate (id) ON DELETE CASCADE, -- or null
	url TEXT,                -- null: our own, which follows our address
	cert BLOB,               -- DER; null: the CA signs
	cost TEXT NOT NULL,      -- FREE, PAID, UNDEFINED
	created_at INTEGER NOT NULL, -- made
	CHECK ((ca IS NULL) <> (intermediate IS NULL))
) STRICT;

-- Time-stamping services. Evidence.
CREATE TABLE approved_tsa (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- row, told to administrators
	tsa INTEGER UNIQUE REFERENCES tsa (id), -- our own; null: of others
	name TEXT NOT NULL,      -- name in the configuration
	url TEXT,                -- null: our own, which follows our address
	cert BLOB NOT NULL,      -- DER
	cost TEXT NOT NULL,      -- FREE, PAID, UNDEFINED
	created_at INTEGER NOT NULL -- made
) STRICT;

INSERT INTO approved_ca (authority, name, cert, profile, created_at)
	SELECT id, name, cert, profile, created_at FROM authority;
INSERT INTO approved_ocsp (ca, cert, cost, created_at)
	SELECT c.id, a.ocsp_cert, 'FREE', a.created_at
	FROM authority a JOIN approved_ca c ON c.authority = a.id;
INSERT INTO approved_tsa (tsa, name, cert, cost, created_at)
	SELECT id, name, cert, 'FREE', created_at FROM tsa;

-- Anchors of other instances. Evidence.
CREATE TABLE trusted_anchor (
	instance TEXT PRIMARY KEY, -- whose
	hash TEXT NOT NULL UNIQUE, -- SHA-224, capital hex in pairs
	xml BLOB NOT NULL,       -- the file
	generated_at INTEGER NOT NULL, -- as it says, 0 unknown
	created_at INTEGER NOT NULL -- uploaded
) STRICT;

-- Optional parts of the internal configuration. Evidence.
CREATE TABLE config_part (
	identifier TEXT PRIMARY KEY, -- MONITORING, FETCHINTERVAL, NEXTUPDATE
	xml BLOB NOT NULL,       -- the file
	updated_at INTEGER NOT NULL -- uploaded
) STRICT;

ALTER TABLE global_group ADD COLUMN updated_at INTEGER; -- description changed
