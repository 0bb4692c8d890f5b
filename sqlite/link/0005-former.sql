-- A user who ended the link and was linked again has another identifier; usages
-- from before are still the user's. Only identifiers whose link has ended count:
-- one that was given to the wrong user is not. Cache only.
CREATE TABLE user_former (
	pairwise TEXT PRIMARY KEY,    -- of before
	user_id TEXT NOT NULL         -- as in user_master
) STRICT, WITHOUT ROWID;
CREATE INDEX user_former_of ON user_former (user_id);
