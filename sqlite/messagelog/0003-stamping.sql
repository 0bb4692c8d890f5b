-- Since when time-stamping fails: messages stop after the acceptable period,
-- and a restart does not begin it anew. Rule: interop/xroad-messages.md 4.2.
CREATE TABLE stamping (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  failing_since INTEGER NOT NULL    -- ms since 1970; 0 it does not fail
) STRICT;
INSERT INTO stamping (id, failing_since) VALUES (1, 0);
