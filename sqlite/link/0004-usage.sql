-- "Who used my data?" answered by the provider itself (Data Tracker OpenAPI
-- 2.1.0). Times are days of Japan: with moments, two providers that are asked
-- about one person within a second could tell that theirs are one. The message
-- log of the security server has the moments, as X-Road's evidence.

-- Answers of this provider about a person. Under a consent a row belongs to
-- nobody until the consent is here, or here again: usage_resolve. Without one
-- the asker named the person as the provider does. Cache only.
CREATE TABLE usage (
	id TEXT PRIMARY KEY,          -- of the transfer, random
	provider TEXT NOT NULL,       -- I/C/M, this organisation
	day INTEGER NOT NULL,         -- begin of the day on which it was
	reference TEXT,               -- consent
	pairwise TEXT,                -- under a consent: whose data; null: not known yet
	service TEXT REFERENCES service (id), -- with pairwise
	purpose TEXT REFERENCES purpose (id), -- with pairwise
	user_id TEXT,                 -- without consent: whose data
	consumer TEXT,                -- with user_id: I/C/M
	subsystem TEXT,               -- with user_id: I/C/M/S that asked
	target TEXT,                  -- with user_id: I/C/M/S/service
	code TEXT,                    -- with user_id: purpose, as it was said
	words_ja TEXT, words_en TEXT, -- with user_id: why, for the person
	CHECK ((reference IS NULL) <> (user_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_of ON usage (pairwise, day);
CREATE INDEX usage_user ON usage (user_id, day);
CREATE INDEX usage_age ON usage (day);

-- Askers may name a person by the BaseID, where it is shared.
CREATE INDEX id_conversion_base ON id_conversion (base_id) WHERE base_id IS NOT NULL;

-- Since when usages are kept. Cache only.
CREATE TABLE usage_since (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	at INTEGER NOT NULL
) STRICT;

-- Transfers wait for the center in the message log, which has their moments
-- anyway, and not here.
DELETE FROM transfer WHERE (SELECT mode FROM place) = 'cache';

-- What residents see later, never, or in other words: an inquiry that must not
-- be known at once, a register that would tell of other people, a job that
-- asks about everybody. Null: any. The strictest row that fits counts.
CREATE TABLE usage_rule (
	id TEXT PRIMARY KEY,          -- random
	consumer TEXT,                -- I/C/M
	purpose TEXT,                 -- code
	target TEXT,                  -- I/C/M/S/service
	kind TEXT NOT NULL CHECK (kind IN ('delay', 'hide', 'bulk')),
	days INTEGER NOT NULL,        -- of delay: whole days that pass, else 0
	words_ja TEXT, words_en TEXT, -- of bulk: said instead of purpose and service
	reason TEXT NOT NULL          -- the law or decision it rests on
) STRICT, WITHOUT ROWID;

-- Usages in one shape.
CREATE VIEW usage_plain AS
SELECT u.id, u.pairwise, u.user_id, u.day, p.consumer, p.subsystem, s.target,
	p.code, p.title_ja AS purpose_ja, p.title_en AS purpose_en,
	s.title_ja AS service_ja, s.title_en AS service_en
FROM usage u
JOIN service s ON s.id = u.service
JOIN purpose p ON p.id = u.purpose
WHERE u.pairwise IS NOT NULL
UNION ALL
SELECT id, pairwise, user_id, day, consumer, subsystem, target, code,
	words_ja, words_en, NULL, NULL
FROM usage WHERE user_id IS NOT NULL;

-- Usages with their words and with the moment from which they are shown. What
-- is delayed was perhaps at the end of its day.
CREATE VIEW usage_full AS
SELECT u.*, o.name_ja, o.name_en,
	(SELECT r.id FROM usage_rule r WHERE r.kind = 'bulk'
		AND coalesce(r.consumer, u.consumer) = u.consumer
		AND (r.purpose IS NULL OR r.purpose = u.code)
		AND coalesce(r.target, u.target) = u.target
		ORDER BY r.id LIMIT 1) AS bulk,
	coalesce((SELECT max(CASE r.kind WHEN 'hide' THEN 9223372036854775807
			ELSE u.day + (r.days + 1) * 86400000 END)
		FROM usage_rule r WHERE r.kind IN ('delay', 'hide')
		AND coalesce(r.consumer, u.consumer) = u.consumer
		AND (r.purpose IS NULL OR r.purpose = u.code)
		AND coalesce(r.target, u.target) = u.target), 0) AS shown_from
FROM usage_plain u
LEFT JOIN organisation o ON o.member = u.consumer;
