-- Services that may be used with the person's consent alone. A rule covers all
-- versions of a service code, as access rights do, and stays when a description
-- is read anew or removed: a service that comes back still needs consent.

CREATE TABLE consent_rule (
  client       INTEGER NOT NULL REFERENCES client ON DELETE CASCADE,
  service_code TEXT NOT NULL,
  subject_in   TEXT NOT NULL CHECK (subject_in IN ('header', 'query', 'json',
               'xpath', 'parameter')), -- where the person's identifier is
  subject_name TEXT NOT NULL,     -- header, parameter, JSON pointer, XPath
  purpose_in   TEXT NOT NULL CHECK (purpose_in IN ('fixed', 'header', 'query',
               'json', 'xpath', 'parameter')), -- where the purpose's code is
  purpose_name TEXT NOT NULL,     -- the same; of 'fixed' the code itself
  items        TEXT NOT NULL,     -- JSON [code]: all of them must be given
  namespaces   TEXT NOT NULL,     -- JSON {prefix: URI} of XPaths
  max_age      INTEGER NOT NULL,  -- s: a cache older than this refuses; 0: the declaration's
  PRIMARY KEY (client, service_code)
) STRICT, WITHOUT ROWID;
