-- What members-to-be and members ask the operator for, and every step of it.

-- Applications. Evidence. Identifiers are text on purpose: an application
-- outlives what it talks about.
CREATE TABLE application (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- number told to the applicant
	kind TEXT NOT NULL CHECK (kind IN ('member-code', 'server-certificate',
		'access-permission')), -- what is asked for
	state TEXT NOT NULL CHECK (state IN ('submitted', 'returned', 'approved',
		'rejected', 'withdrawn')), -- where it stands
	organization TEXT NOT NULL, -- the applicant's name
	contact TEXT NOT NULL,   -- the person who answers questions
	mail TEXT NOT NULL,      -- that person's address
	content TEXT NOT NULL,   -- JSON object, the kind's own members
	subject TEXT NOT NULL,   -- whom or what it is about, for lists
	provider TEXT,           -- encoded id of the service's provider, or none
	serial TEXT,             -- of the certificate issued upon it
	version INTEGER NOT NULL, -- counts its steps
	created_at INTEGER NOT NULL, -- submitted first
	updated_at INTEGER NOT NULL -- last step
) STRICT;
CREATE INDEX application_state ON application (state, kind);

-- Every step of an application; written once. Evidence.
CREATE TABLE application_step (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- order
	application INTEGER NOT NULL REFERENCES application (id), -- of which
	at INTEGER NOT NULL,     -- when
	who TEXT NOT NULL,       -- account or API key, as the audit names it
	from_state TEXT,         -- null: there was nothing before
	to_state TEXT NOT NULL,  -- state since
	note TEXT,               -- why, in words
	content TEXT             -- what was submitted with this step, or null
) STRICT;
CREATE INDEX application_step_of ON application_step (application, id);
CREATE TRIGGER application_step_fixed BEFORE UPDATE ON application_step
BEGIN
	SELECT raise(ABORT, 'the history of an application is not edited');
END;
CREATE TRIGGER application_step_kept BEFORE DELETE ON application_step
BEGIN
	SELECT raise(ABORT, 'the history of an application is not deleted');
END;
CREATE TRIGGER application_kept BEFORE DELETE ON application
BEGIN
	SELECT raise(ABORT, 'an application is not deleted');
END;
