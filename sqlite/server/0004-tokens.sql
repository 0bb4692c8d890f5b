-- Tokens in hardware beside the software token, whose id is 0: which holds a
-- key, and the names operators gave them.
ALTER TABLE token_key ADD COLUMN token TEXT NOT NULL DEFAULT '0';

CREATE TABLE token_name (
  id   TEXT PRIMARY KEY,
  name TEXT NOT NULL
) STRICT;
INSERT INTO token_name (id, name) SELECT '0', name FROM token;
DROP TABLE token;
