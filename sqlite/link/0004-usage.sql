-- "Who used my data?" answered by the provider itself (Data Tracker OpenAPI
-- 2.1.0). A cache's transfers go when the center has them; what residents ask
-- about stays here. Exact times: the provider's message log has them too.

-- Transfers of this provider, however they come into `transfer`. A new row,
-- or one whose consent has to come again, belongs to nobody until it is known
-- whose it is: usage_resolve. Cache only.
CREATE TABLE usage (
	id TEXT PRIMARY KEY,          -- of the transfer
	reference TEXT NOT NULL,      -- consent
	provider TEXT NOT NULL,       -- I/C/M, this organisation
	at INTEGER NOT NULL,          -- when
	pairwise TEXT,                -- whose data; null: not known yet
	service TEXT REFERENCES service (id), -- with pairwise
	purpose TEXT REFERENCES purpose (id)  -- with pairwise
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_of ON usage (pairwise, at);
CREATE INDEX usage_age ON usage (at);
CREATE TRIGGER usage_kept AFTER INSERT ON transfer
WHEN (SELECT mode FROM place) = 'cache'
	AND NOT EXISTS (SELECT 1 FROM usage WHERE id = NEW.id)
BEGIN
	INSERT INTO usage (id, reference, provider, at)
	VALUES (NEW.id, NEW.reference, NEW.provider, NEW.at);
	UPDATE usage SET (pairwise, service, purpose) = (
		SELECT i.provider_pairwise, c.service, c.purpose
		FROM consent c JOIN id_pair i ON i.subject = c.subject
		WHERE c.reference = NEW.reference AND i.provider = NEW.provider)
	WHERE id = NEW.id;
END;
INSERT INTO usage (id, reference, provider, at)
SELECT id, reference, provider, at FROM transfer
WHERE (SELECT mode FROM place) = 'cache' GROUP BY id;

-- Since when usages are kept. Cache only.
CREATE TABLE usage_since (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	at INTEGER NOT NULL
) STRICT;

-- What residents see later, never, or in other words: an inquiry that must not
-- be known at once, a register that would tell of other people, a job that
-- asks about everybody. Null: any. The strictest row that fits counts.
CREATE TABLE usage_rule (
	id TEXT PRIMARY KEY,          -- random
	consumer TEXT,                -- I/C/M
	purpose TEXT,                 -- code
	target TEXT,                  -- I/C/M/S/service
	kind TEXT NOT NULL CHECK (kind IN ('delay', 'hide', 'bulk')),
	days INTEGER NOT NULL,        -- of delay, else 0
	words_ja TEXT, words_en TEXT, -- of bulk: said instead of purpose and service
	reason TEXT NOT NULL          -- the law or decision it rests on
) STRICT, WITHOUT ROWID;

-- Usages with their words and with the moment from which they are shown.
CREATE VIEW usage_full AS
SELECT u.pairwise, u.at, u.id, p.subsystem, o.name_ja, o.name_en,
	p.title_ja AS purpose_ja, p.title_en AS purpose_en,
	s.title_ja AS service_ja, s.title_en AS service_en,
	(SELECT r.id FROM usage_rule r WHERE r.kind = 'bulk'
		AND coalesce(r.consumer, p.consumer) = p.consumer
		AND coalesce(r.purpose, p.code) = p.code
		AND coalesce(r.target, s.target) = s.target
		ORDER BY r.id LIMIT 1) AS bulk,
	coalesce((SELECT max(CASE r.kind WHEN 'hide' THEN 9223372036854775807
			ELSE u.at + r.days * 86400000 END)
		FROM usage_rule r WHERE r.kind IN ('delay', 'hide')
		AND coalesce(r.consumer, p.consumer) = p.consumer
		AND coalesce(r.purpose, p.code) = p.code
		AND coalesce(r.target, s.target) = s.target), 0) AS shown_from
FROM usage u
JOIN service s ON s.id = u.service
JOIN purpose p ON p.id = u.purpose
LEFT JOIN organisation o ON o.member = p.consumer;
