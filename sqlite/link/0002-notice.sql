-- Notices: organisations are told that a request waits for a person they are
-- linked with, so that they can tell the person. No mail address is kept here,
-- and they do not hear who asks or for what. Center only.
CREATE TABLE notice (
	request TEXT NOT NULL REFERENCES consent_request (id),
	organisation TEXT NOT NULL REFERENCES organisation (member), -- is told
	pairwise TEXT NOT NULL,   -- what it calls the person
	next_at INTEGER NOT NULL, -- when it is tried
	tries INTEGER NOT NULL DEFAULT 0, -- that failed
	done_at INTEGER,          -- told, or given up; null: waits
	PRIMARY KEY (request, organisation)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_waiting ON notice (next_at) WHERE done_at IS NULL;
