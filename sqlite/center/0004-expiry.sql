-- What was told of the end of certificates.

CREATE TABLE expiry_notice (
	sha256 TEXT PRIMARY KEY,   -- of any certificate that is watched
	days INTEGER NOT NULL,     -- the smallest threshold that was told; 0: expired
	told_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
