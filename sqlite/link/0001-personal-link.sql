-- Personal-Link: who is linked with whom, declarations, consents, transfers.
-- The center has every row, a cache only those of its own organisation. Both
-- use these tables; what a cache must not know is null there.
--
-- Organisations are X-Road members as I/C/M; subsystems I/C/M/S; services
-- I/C/M/S/service, all as client_id_path() writes them. Times are ms since
-- 1970; days are those of Japan. Identifiers are 128 random bits in hex.
-- Tables of a cache have no rowid and random keys: the order of rows says
-- nothing about the order in which people did something.

-- Which of the two this file is. One row.
CREATE TABLE place (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	mode TEXT NOT NULL CHECK (mode IN ('center', 'cache')), -- fixed for life
	epoch TEXT NOT NULL, -- random; another one when the file lost rows
	life TEXT            -- mark of the last start: life.c
) STRICT;

-- Organisations that take part; in a cache those its rows name.
CREATE TABLE organisation (
	member TEXT PRIMARY KEY, -- I/C/M
	name_ja TEXT NOT NULL,   -- for residents
	name_en TEXT NOT NULL,   -- for residents
	door TEXT,               -- I/C/M/S/service of its cache; null: it only asks
	return_url TEXT,         -- center: where residents go back to after linking
	notice_url TEXT,         -- center: told that a request waits, by pairwise id
	shared INTEGER NOT NULL DEFAULT 0 CHECK (shared IN (0, 1)), -- gets the BaseID
	active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)), -- may take part
	last INTEGER NOT NULL DEFAULT 0, -- center: number of its newest change
	told INTEGER NOT NULL DEFAULT 0  -- center: newest change its cache confirmed
) STRICT, WITHOUT ROWID;

-- Persons. Center only. Nothing here says who they are.
CREATE TABLE person (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	base_id TEXT NOT NULL UNIQUE, -- BaseID
	created_at INTEGER NOT NULL,  -- registered
	closed_at INTEGER             -- left; null while here
) STRICT;

-- RPリンク: accounts at OpenID providers. Center only.
CREATE TABLE account (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	person INTEGER NOT NULL REFERENCES person (id), -- whose
	issuer TEXT NOT NULL,         -- iss
	subject TEXT NOT NULL,        -- sub
	level TEXT NOT NULL,          -- assurance of the last sign-in: acr, or configured
	linked_at INTEGER NOT NULL,   -- added
	seen_at INTEGER NOT NULL,     -- last sign-in
	ended_at INTEGER              -- removed; null while it counts
) STRICT;
CREATE UNIQUE INDEX account_live ON account (issuer, subject) WHERE ended_at IS NULL;
CREATE INDEX account_person ON account (person);

-- Who may act for a child or ward, as an organisation attests. Center only.
CREATE TABLE representation (
	id TEXT PRIMARY KEY,          -- random
	person INTEGER NOT NULL REFERENCES person (id),         -- child or ward
	representative INTEGER NOT NULL REFERENCES person (id), -- who acts
	kind TEXT NOT NULL CHECK (kind IN ('child', 'ward')),   -- why
	organisation TEXT NOT NULL REFERENCES organisation (member), -- who attests
	valid_to INTEGER NOT NULL,    -- first moment without
	ended_at INTEGER              -- taken back; null while it counts
) STRICT, WITHOUT ROWID;
CREATE INDEX representation_of ON representation (representative, person);

-- ID変換: a person at one organisation.
CREATE TABLE id_conversion (
	pairwise TEXT PRIMARY KEY,    -- what the organisation calls the person
	organisation TEXT NOT NULL REFERENCES organisation (member),
	person INTEGER REFERENCES person (id), -- center only
	base_id TEXT                  -- where the network's policy shares it; else null
) STRICT, WITHOUT ROWID;
CREATE INDEX id_conversion_person ON id_conversion (person, organisation);

-- ID連携管理: how far the link of such an identifier is.
CREATE TABLE id_link (
	pairwise TEXT PRIMARY KEY REFERENCES id_conversion (pairwise),
	state TEXT NOT NULL CHECK (state IN ('pending', 'registered', 'linked',
		'unlinked')),             -- idlink.c has the transitions
	changed_at INTEGER            -- center only
) STRICT, WITHOUT ROWID;

-- ユーザマスタ: the organisation's own user ID (既存ID). Cache only: it never
-- leaves the organisation.
CREATE TABLE user_master (
	pairwise TEXT PRIMARY KEY,    -- its link may not have arrived yet
	user_id TEXT NOT NULL UNIQUE  -- as the organisation's systems know the person
) STRICT, WITHOUT ROWID;

-- ID変換 between two organisations: what the consumer calls the person when it
-- asks the provider. A cache has its own organisation's side alone.
CREATE TABLE id_pair (
	subject TEXT PRIMARY KEY,     -- random for person, consumer and provider
	consumer TEXT NOT NULL REFERENCES organisation (member),
	provider TEXT NOT NULL REFERENCES organisation (member),
	person INTEGER REFERENCES person (id), -- center only
	consumer_pairwise TEXT,       -- null in the provider's cache
	provider_pairwise TEXT        -- null in the consumer's cache
) STRICT, WITHOUT ROWID;
CREATE INDEX id_pair_person ON id_pair (person, consumer, provider);

-- Service declarations: what data a provider gives upon consent.
CREATE TABLE service (
	id TEXT PRIMARY KEY,          -- random
	provider TEXT NOT NULL REFERENCES organisation (member),
	target TEXT NOT NULL,         -- I/C/M/S/service
	title_ja TEXT NOT NULL, title_en TEXT NOT NULL, -- its name
	data_ja TEXT NOT NULL, data_en TEXT NOT NULL,   -- what data, in plain words
	items TEXT NOT NULL,          -- JSON [{"code","ja","en"}]: personal items
	legal_ja TEXT NOT NULL, legal_en TEXT NOT NULL, -- legal basis
	max_days INTEGER NOT NULL,    -- longest validity
	max_age INTEGER NOT NULL,     -- s: a cache older than this refuses
	level TEXT,                   -- least assurance to decide; null: any
	representable INTEGER NOT NULL CHECK (representable IN (0, 1)), -- by others
	state TEXT NOT NULL CHECK (state IN ('valid', 'withdrawn'))
) STRICT, WITHOUT ROWID;
CREATE INDEX service_target ON service (target);

-- Purpose declarations: who wants data and why.
CREATE TABLE purpose (
	id TEXT PRIMARY KEY,          -- random
	consumer TEXT NOT NULL REFERENCES organisation (member),
	subsystem TEXT NOT NULL,      -- I/C/M/S that calls
	code TEXT NOT NULL,           -- the consumer's word for it
	title_ja TEXT NOT NULL, title_en TEXT NOT NULL, -- its name
	reason_ja TEXT NOT NULL, reason_en TEXT NOT NULL, -- why, in plain words
	policy_url TEXT NOT NULL,     -- privacy policy
	state TEXT NOT NULL CHECK (state IN ('valid', 'withdrawn'))
) STRICT, WITHOUT ROWID;
CREATE INDEX purpose_consumer ON purpose (consumer, code);

-- What a consumer asked at once: one page, one link. Center only.
CREATE TABLE consent_request (
	id TEXT PRIMARY KEY,          -- random; the consumer's handle
	consumer TEXT NOT NULL REFERENCES organisation (member),
	pairwise TEXT,                -- whom it is for; null: who opens the link
	person INTEGER REFERENCES person (id), -- whom; null until known
	return_url TEXT,              -- where to go afterwards, below the registered one
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL   -- undecided consents expire
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_request_person ON consent_request (person, created_at);
CREATE INDEX consent_request_expiry ON consent_request (expires_at);

-- 許諾: one person lets one consumer have items of one service for a purpose.
CREATE TABLE consent (
	reference TEXT PRIMARY KEY,   -- what both parties call it
	request TEXT,                 -- center only
	person INTEGER REFERENCES person (id), -- center only; null until known
	service TEXT NOT NULL REFERENCES service (id),
	purpose TEXT NOT NULL REFERENCES purpose (id),
	subject TEXT,                 -- id_pair; null until approved
	asked TEXT NOT NULL,          -- JSON [code]: items the consumer wants
	items TEXT NOT NULL,          -- JSON [code]: items given; [] until approved
	days INTEGER NOT NULL,        -- validity the consumer wants
	state TEXT NOT NULL CHECK (state IN ('requested', 'approved', 'declined',
		'withdrawn', 'expired', 'inapplicable')),
	valid_from INTEGER,           -- begin of the day of the approval
	valid_to INTEGER,             -- first moment without: begin of a day
	changed_at INTEGER            -- center only
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_subject ON consent (subject);
CREATE INDEX consent_person ON consent (person, state);
CREATE INDEX consent_request_of ON consent (request);
CREATE INDEX consent_service ON consent (service, state);
CREATE INDEX consent_purpose ON consent (purpose, state);
CREATE INDEX consent_end ON consent (state, valid_to);

-- Every step of a consent. Written once. Center only. Evidence.
CREATE TABLE consent_step (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	reference TEXT NOT NULL REFERENCES consent (reference),
	at INTEGER NOT NULL,          -- when
	from_state TEXT,              -- null: there was nothing before
	to_state TEXT NOT NULL,
	actor TEXT NOT NULL CHECK (actor IN ('resident', 'representative',
		'consumer', 'officer', 'system')), -- who
	person INTEGER REFERENCES person (id), -- the resident or representative
	reason TEXT NOT NULL,         -- a word: see consent_reason in consent.h
	items TEXT NOT NULL,          -- JSON [code] since
	valid_to INTEGER              -- since
) STRICT;
CREATE INDEX consent_step_of ON consent_step (reference, id);
CREATE INDEX consent_step_day ON consent_step (at, to_state);
CREATE TRIGGER consent_step_fixed BEFORE UPDATE ON consent_step
BEGIN
	SELECT raise(ABORT, 'the history of a consent is not edited');
END;
CREATE TRIGGER consent_step_kept BEFORE DELETE ON consent_step
BEGIN
	SELECT raise(ABORT, 'the history of a consent is not deleted');
END;
CREATE TRIGGER consent_kept BEFORE DELETE ON consent
WHEN (SELECT mode FROM place) = 'center'
BEGIN
	SELECT raise(ABORT, 'a consent is not deleted');
END;

-- The decision as a document, and the signed container about it, which is made
-- after the decision is durable. Center only. Evidence.
CREATE TABLE consent_evidence (
	step INTEGER PRIMARY KEY REFERENCES consent_step (id),
	query TEXT NOT NULL UNIQUE,   -- X-Road message id of the signed exchange
	document TEXT NOT NULL,       -- JSON
	container BLOB                -- ASiC-E; null until it is made
) STRICT;
CREATE INDEX consent_evidence_missing ON consent_evidence (step) WHERE container IS NULL;

-- Transfers that happened. Center only.
CREATE TABLE transfer (
	id TEXT PRIMARY KEY,          -- X-Road message id of the request
	reference TEXT NOT NULL,      -- consent
	at INTEGER NOT NULL,          -- when
	items TEXT NOT NULL,          -- JSON [code]: what was asked for; [] not told
	provider TEXT NOT NULL        -- I/C/M that reports
) STRICT, WITHOUT ROWID;
CREATE INDEX transfer_of ON transfer (reference, at);

-- One-time links and tickets: the secret itself is nowhere. Center only.
CREATE TABLE ticket (
	hash TEXT PRIMARY KEY,        -- SHA-256 of the secret, hex
	kind TEXT NOT NULL CHECK (kind IN ('consent', 'link', 'inquiry')),
	organisation TEXT NOT NULL REFERENCES organisation (member), -- whose
	request TEXT REFERENCES consent_request (id), -- of kind consent
	state TEXT,                   -- of kind link: the organisation's own word
	person INTEGER REFERENCES person (id), -- who pressed something first
	expires_at INTEGER NOT NULL,
	used_at INTEGER               -- null: still good
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_expiry ON ticket (expires_at);

-- What each organisation's cache has to hear, in its own numbers, dense from 1.
-- The row is named, not kept: it is sent as it is then. Center only.
CREATE TABLE feed (
	organisation TEXT NOT NULL REFERENCES organisation (member),
	number INTEGER NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('organisation', 'service', 'purpose',
		'id_conversion', 'id_pair', 'consent')),
	key TEXT NOT NULL,
	PRIMARY KEY (organisation, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_row ON feed (organisation, kind, key);

-- How far a cache has followed, and when it last heard from the center. A
-- reader believes the larger of the two ages. Cache only. One row per
-- organisation.
CREATE TABLE contact (
	organisation TEXT PRIMARY KEY, -- I/C/M, its own
	epoch TEXT NOT NULL,          -- of the center's feeds
	position INTEGER NOT NULL,    -- newest change that is in these tables
	whole INTEGER NOT NULL CHECK (whole IN (0, 1)), -- 0: changes are missing
	at INTEGER NOT NULL,          -- clock of this machine then
	ticks INTEGER NOT NULL,       -- its monotonic clock then, ms
	boot TEXT NOT NULL,           -- boot of this machine that clock counts from
	center_time INTEGER NOT NULL  -- clock of the center then
) STRICT, WITHOUT ROWID;

-- A consent with its declarations, names and begin: what its own role reads.
CREATE VIEW consent_full AS
SELECT c.reference, c.request, c.person, c.subject, c.asked, c.items AS given,
	c.days, c.state AS consent_state, c.valid_from, c.valid_to, c.changed_at,
	h.at AS requested_at, po.name_ja AS provider_ja, po.name_en AS provider_en,
	co.name_ja AS consumer_ja, co.name_en AS consumer_en, s.*,
	p.id AS purpose_id, p.consumer, p.subsystem, p.code,
	p.title_ja AS purpose_ja, p.title_en AS purpose_en,
	p.reason_ja, p.reason_en, p.policy_url, p.state AS purpose_state,
	h.id AS first_step
FROM consent c
JOIN service s ON s.id = c.service
JOIN purpose p ON p.id = c.purpose
JOIN organisation po ON po.member = s.provider
JOIN organisation co ON co.member = p.consumer
JOIN consent_step h ON h.id = (SELECT min(id) FROM consent_step
	WHERE reference = c.reference);

-- ---- for readers ---------------------------------------------------------

-- Consents of a provider, with what a request under them needs: by subject.
CREATE VIEW v_consent_check AS
SELECT c.subject, p.subsystem, s.target, c.state, c.valid_from, c.valid_to,
	c.items, p.code AS purpose, c.reference, i.provider_pairwise AS pairwise,
	u.user_id, s.max_age, s.state AS service_state, p.state AS purpose_state,
	l.state AS link_state
FROM consent c
JOIN service s ON s.id = c.service
JOIN purpose p ON p.id = c.purpose
JOIN id_pair i ON i.subject = c.subject
LEFT JOIN id_link l ON l.pairwise = i.provider_pairwise
LEFT JOIN user_master u ON u.pairwise = i.provider_pairwise;

-- How old a cache is.
CREATE VIEW v_contact AS
SELECT organisation, epoch, position, whole, at, ticks, boot, center_time
FROM contact;

-- Services that may not be used without consent.
CREATE VIEW v_service AS
SELECT id, provider, target, title_ja, title_en, items, max_age, state
FROM service;

-- Purposes, for words about transfers.
CREATE VIEW v_purpose AS
SELECT id, consumer, subsystem, code, title_ja, title_en, state FROM purpose;

-- Organisations' names.
CREATE VIEW v_organisation AS
SELECT member, name_ja, name_en FROM organisation;

-- The organisation's own user ID and its identifiers.
CREATE VIEW v_user AS
SELECT u.user_id, u.pairwise, i.subject, i.consumer
FROM user_master u JOIN id_pair i ON i.provider_pairwise = u.pairwise;
