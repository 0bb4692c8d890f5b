-- The center's registry: who belongs to the instance, what was certified, and
-- which keys speak for it. Every table here is evidence: it is migrated, never
-- rebuilt. What is derived (the published configuration) lives in files below
-- data-dir/public. Times are Unix milliseconds. Private keys are in the signer;
-- key columns hold the signer's key id.

-- Settings that belong to the instance, not to the machine. Evidence.
CREATE TABLE setting (
	name TEXT PRIMARY KEY,   -- instance, address, management_class ...
	value TEXT NOT NULL      -- its value
) STRICT;

-- Member classes such as GOV and COM. Evidence.
CREATE TABLE member_class (
	code TEXT PRIMARY KEY,   -- identifier part
	description TEXT NOT NULL -- free text
) STRICT;

-- Members of the instance. Evidence.
CREATE TABLE member (
	id INTEGER PRIMARY KEY,  -- row
	class TEXT NOT NULL REFERENCES member_class (code), -- member class
	code TEXT NOT NULL,      -- member code, unique in its class
	name TEXT NOT NULL,      -- free text
	created_at INTEGER NOT NULL, -- registered
	updated_at INTEGER NOT NULL, -- last renamed
	UNIQUE (class, code)
) STRICT;

-- Subsystems of members. Evidence.
CREATE TABLE subsystem (
	id INTEGER PRIMARY KEY,  -- row
	member INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE, -- whose
	code TEXT NOT NULL,      -- subsystem code, unique in its member
	name TEXT,               -- free text or none
	created_at INTEGER NOT NULL, -- registered
	UNIQUE (member, code)
) STRICT;

-- Registered security servers. Evidence.
CREATE TABLE security_server (
	id INTEGER PRIMARY KEY,  -- row
	owner INTEGER NOT NULL REFERENCES member (id), -- owner member
	code TEXT NOT NULL,      -- server code, unique for its owner
	address TEXT,            -- host name or IP address
	maintenance INTEGER NOT NULL DEFAULT 0, -- 1 in maintenance mode
	maintenance_text TEXT,   -- what the administrator said, or none
	created_at INTEGER NOT NULL, -- registered
	updated_at INTEGER NOT NULL, -- last change
	UNIQUE (owner, code)
) STRICT;

-- Authentication certificates of security servers. Evidence.
CREATE TABLE auth_cert (
	id INTEGER PRIMARY KEY,  -- row
	server INTEGER NOT NULL REFERENCES security_server (id) ON DELETE CASCADE, -- whose
	cert BLOB NOT NULL UNIQUE, -- DER
	created_at INTEGER NOT NULL -- registered
) STRICT;

-- Clients of security servers; the owner is not listed. Evidence.
CREATE TABLE server_client (
	id INTEGER PRIMARY KEY,  -- row
	server INTEGER NOT NULL REFERENCES security_server (id) ON DELETE CASCADE, -- where
	member INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE, -- who
	subsystem INTEGER REFERENCES subsystem (id) ON DELETE CASCADE, -- null: the member itself
	enabled INTEGER NOT NULL DEFAULT 1, -- 0: left out of the configuration
	created_at INTEGER NOT NULL -- registered
) STRICT;
CREATE UNIQUE INDEX server_client_once
	ON server_client (server, member, coalesce(subsystem, 0));

-- Management requests as they came, and what became of them. Evidence. The
-- identifiers are text on purpose: a request outlives what it talks about.
CREATE TABLE management_request (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- number told to the sender
	type TEXT NOT NULL,      -- X-Road's name of the type
	origin TEXT NOT NULL CHECK (origin IN ('SECURITY_SERVER', 'CENTER')), -- who entered it
	status TEXT NOT NULL CHECK (status IN ('WAITING', 'APPROVED', 'DECLINED',
		'REVOKED', 'SUBMITTED FOR APPROVAL')), -- X-Road's word
	owner_class TEXT NOT NULL, -- server owner
	owner_code TEXT NOT NULL,  -- server owner
	server_code TEXT NOT NULL, -- server
	address TEXT,            -- server address of a registration
	auth_cert BLOB,          -- DER of a certificate request
	client_class TEXT,       -- client of a client request
	client_code TEXT,        -- client
	client_subsystem TEXT,   -- client, null for a member
	subsystem_name TEXT,     -- name of a new subsystem
	comments TEXT,           -- why, in words
	message BLOB,            -- signed SOAP message it came in
	created_at INTEGER NOT NULL, -- arrived
	decided_at INTEGER       -- approved, declined or revoked
) STRICT;
CREATE INDEX management_request_waiting ON management_request (type, status);

-- Groups known to the whole instance. Evidence.
CREATE TABLE global_group (
	id INTEGER PRIMARY KEY,  -- row
	code TEXT NOT NULL UNIQUE, -- group code
	description TEXT NOT NULL, -- free text
	created_at INTEGER NOT NULL -- made
) STRICT;
CREATE TABLE global_group_member (
	id INTEGER PRIMARY KEY,  -- row
	grp INTEGER NOT NULL REFERENCES global_group (id) ON DELETE CASCADE, -- group
	member INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE, -- who
	subsystem INTEGER REFERENCES subsystem (id) ON DELETE CASCADE, -- null: the member itself
	created_at INTEGER NOT NULL -- joined
) STRICT;
CREATE UNIQUE INDEX global_group_member_once
	ON global_group_member (grp, member, coalesce(subsystem, 0));

-- The center's own certification authority with its OCSP responder. Evidence.
CREATE TABLE authority (
	id INTEGER PRIMARY KEY,  -- row
	name TEXT NOT NULL UNIQUE, -- name in the configuration
	profile TEXT NOT NULL,   -- certificate profile, Java class name
	key TEXT NOT NULL,       -- key id of the CA
	cert BLOB NOT NULL,      -- DER of the CA
	ocsp_key TEXT NOT NULL,  -- key id of the responder
	ocsp_cert BLOB NOT NULL, -- DER of the responder
	created_at INTEGER NOT NULL -- made
) STRICT;

-- The center's own time-stamping authority. Evidence.
CREATE TABLE tsa (
	id INTEGER PRIMARY KEY,  -- row
	name TEXT NOT NULL UNIQUE, -- name in the configuration
	key TEXT NOT NULL,       -- key id
	cert BLOB NOT NULL,      -- DER
	serial INTEGER NOT NULL, -- every serial number up to here may be in use
	created_at INTEGER NOT NULL -- made
) STRICT;

-- Every certificate the own authority issued. Evidence; OCSP answers from it.
CREATE TABLE issued_cert (
	id INTEGER PRIMARY KEY,  -- row
	authority INTEGER NOT NULL REFERENCES authority (id), -- issuer
	serial TEXT NOT NULL,    -- lower-case hex, no leading zeros
	usage TEXT NOT NULL CHECK (usage IN ('SIGNING', 'AUTHENTICATION', 'OCSP',
		'TIME_STAMPING')),   -- what for
	subject TEXT NOT NULL,   -- RFC 2253
	member TEXT,             -- class/code asked for
	server TEXT,             -- server code asked for
	cert BLOB NOT NULL,      -- DER
	not_after INTEGER NOT NULL, -- end of validity
	issued_at INTEGER NOT NULL, -- when
	revoked_at INTEGER,      -- null: good
	reason TEXT,             -- why revoked
	UNIQUE (authority, serial)
) STRICT;

-- Keys that sign the global configuration. Evidence.
CREATE TABLE config_key (
	id TEXT PRIMARY KEY,     -- key id in the signer
	source TEXT NOT NULL CHECK (source IN ('INTERNAL', 'EXTERNAL')), -- which directory
	label TEXT NOT NULL,     -- free text
	cert BLOB NOT NULL,      -- verification certificate, DER
	active INTEGER NOT NULL, -- 1: signs
	created_at INTEGER NOT NULL -- made
) STRICT;
CREATE UNIQUE INDEX config_key_active ON config_key (source) WHERE active = 1;

-- Configuration anchors as handed out. Evidence.
CREATE TABLE anchor (
	source TEXT PRIMARY KEY CHECK (source IN ('INTERNAL', 'EXTERNAL')), -- which
	xml BLOB NOT NULL,       -- the file
	created_at INTEGER NOT NULL -- made
) STRICT;
