-- Services that need no consent, and whose answers are shown to the person they
-- are about all the same ("who used my data?"). A service that needs consent
-- has no such row's effect: its transfers are shown anyway. A rule covers all
-- versions of a service code and stays as a consent_rule does.

CREATE TABLE record_rule (
  client       INTEGER NOT NULL REFERENCES client ON DELETE CASCADE,
  service_code TEXT NOT NULL,
  subject_in   TEXT NOT NULL CHECK (subject_in IN ('header', 'query', 'json',
               'xpath', 'parameter')), -- where the provider's own user ID is
  subject_name TEXT NOT NULL,     -- header, parameter, JSON pointer, XPath
  purpose_in   TEXT CHECK (purpose_in IN ('fixed', 'header', 'query', 'json',
               'xpath', 'parameter')), -- where the purpose's code is; NULL: not said
  purpose_name TEXT,              -- the same
  namespaces   TEXT NOT NULL,     -- JSON {prefix: URI} of XPaths
  words        TEXT NOT NULL,     -- JSON {ja, en}: why, as the person reads it
  PRIMARY KEY (client, service_code)
) STRICT, WITHOUT ROWID;
