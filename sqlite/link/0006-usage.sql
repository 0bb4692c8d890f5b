-- Every index that a usage is in costs a page somewhere else, because ids are
-- random: so only those that it is looked for by.
DROP INDEX usage_of;
DROP INDEX usage_user;
CREATE INDEX usage_of ON usage (pairwise, day) WHERE pairwise IS NOT NULL;
CREATE INDEX usage_user ON usage (user_id, day) WHERE user_id IS NOT NULL;
CREATE INDEX usage_unknown ON usage (id) WHERE pairwise IS NULL AND user_id IS NULL;
