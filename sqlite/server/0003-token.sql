-- The token's name as the operators chose it; no row: the one it was born with.
CREATE TABLE token (
  one  INTEGER PRIMARY KEY CHECK (one = 1), -- there is one row at most
  name TEXT NOT NULL
) STRICT;
