-- Who may say what. Who represents somebody decides everything of theirs, so
-- only organisations that the center's operator trusts with it may say so.
ALTER TABLE organisation ADD COLUMN attests INTEGER NOT NULL DEFAULT 0
	CHECK (attests IN (0, 1)); -- center: may say who acts for whom

-- One provider's report takes no other's place. The identifier is the
-- provider's own: a message id is chosen by the consumer, who could repeat it
-- so that later transfers are seen nowhere.
CREATE TABLE transfer_new (
	id TEXT NOT NULL,             -- random, of the provider
	reference TEXT NOT NULL,      -- consent
	at INTEGER NOT NULL,          -- when
	items TEXT NOT NULL,          -- JSON [code]: what was asked for; [] not told
	provider TEXT NOT NULL,       -- I/C/M that reports
	PRIMARY KEY (id, provider)
) STRICT, WITHOUT ROWID;
INSERT INTO transfer_new SELECT id, reference, at, items, provider FROM transfer;
DROP TABLE transfer;
ALTER TABLE transfer_new RENAME TO transfer;
CREATE INDEX transfer_of ON transfer (reference, at);

-- What a consumer that takes part no longer asks for has no purpose.
DROP VIEW v_consent_check;
CREATE VIEW v_consent_check AS
SELECT c.subject, p.subsystem, s.target, c.state, c.valid_from, c.valid_to,
	c.items, p.code AS purpose, c.reference, i.provider_pairwise AS pairwise,
	u.user_id, s.max_age, s.state AS service_state,
	CASE o.active WHEN 1 THEN p.state ELSE 'withdrawn' END AS purpose_state,
	l.state AS link_state
FROM consent c
JOIN service s ON s.id = c.service
JOIN purpose p ON p.id = c.purpose
JOIN organisation o ON o.member = p.consumer
JOIN id_pair i ON i.subject = c.subject
LEFT JOIN id_link l ON l.pairwise = i.provider_pairwise
LEFT JOIN user_master u ON u.pairwise = i.provider_pairwise;

-- A person sees who may act for them.
CREATE INDEX representation_ward ON representation (person);
