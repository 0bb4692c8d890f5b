-- place: which database this is
SELECT mode, epoch FROM place;

-- place_found: a new one
INSERT INTO place (one, mode, epoch) VALUES (1, ?1, ?2);

-- check_consent: readers: all consents of a subject, of which few exist, each with how old the cache of the organisation is
SELECT v.subsystem, v.target, v.state, v.valid_from, v.valid_to, v.items, v.purpose, v.reference, v.pairwise, v.user_id, v.max_age, v.service_state, v.purpose_state, v.link_state,
	t.whole, t.at, t.ticks, t.boot, t.center_time
FROM v_contact t JOIN v_consent_check v ON v.subject = ?1 WHERE t.organisation = ?2;

-- check_contact: readers: how old the cache of an organisation is
SELECT whole, at, ticks, boot, center_time FROM v_contact WHERE organisation = ?1;

-- check_services: readers: targets that want consent
SELECT target, max_age, state FROM v_service WHERE provider = ?1;

-- place_epoch: the center lost changes, or may have
UPDATE place SET epoch = ?1;

-- ---- persons ----

-- person_add: nobody knows who it is
INSERT INTO person (base_id, created_at) VALUES (?1, ?2);

-- person_here: is it, and its BaseID
SELECT base_id FROM person WHERE id = ?1 AND closed_at IS NULL;

-- person_close: has left
UPDATE person SET closed_at = ?2 WHERE id = ?1 AND closed_at IS NULL;

-- account_find: whose account
SELECT a.id, a.person FROM account a JOIN person p ON p.id = a.person
WHERE a.issuer = ?1 AND a.subject = ?2 AND a.ended_at IS NULL AND p.closed_at IS NULL;

-- account_add: one more
INSERT INTO account (person, issuer, subject, level, linked_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5);

-- account_seen: signed in
UPDATE account SET level = ?2, seen_at = ?3 WHERE id = ?1;

-- accounts: of a person
SELECT id, issuer, subject, level, linked_at, seen_at FROM account
WHERE person = ?1 AND ended_at IS NULL ORDER BY id DESC;

-- account_end: removed
UPDATE account SET ended_at = ?3 WHERE id = ?2 AND person = ?1 AND ended_at IS NULL;

-- accounts_end: all of a person who left
UPDATE account SET ended_at = ?2 WHERE person = ?1 AND ended_at IS NULL;

-- account_level: of the last sign-in
SELECT level FROM account WHERE person = ?1 AND ended_at IS NULL ORDER BY seen_at DESC LIMIT 1;

-- ---- identifiers ----

-- idlink_live: what an organisation calls the person now
SELECT i.pairwise, l.state FROM id_conversion i JOIN id_link l ON l.pairwise = i.pairwise
WHERE i.person = ?1 AND i.organisation = ?2 AND l.state <> 'unlinked';

-- idlinks: all a person has
SELECT i.organisation, o.name_ja, o.name_en, i.pairwise, l.state, l.changed_at
FROM id_conversion i JOIN id_link l ON l.pairwise = i.pairwise
JOIN organisation o ON o.member = i.organisation
WHERE i.person = ?1 ORDER BY i.organisation, l.changed_at DESC;

-- idlink_of: by the organisation's own identifier, which may be the BaseID
SELECT i.pairwise, i.person, l.state FROM id_conversion i JOIN id_link l ON l.pairwise = i.pairwise
WHERE i.organisation = ?1 AND i.pairwise = ?2
UNION ALL
SELECT i.pairwise, i.person, l.state FROM person p JOIN id_conversion i ON i.person = p.id
JOIN id_link l ON l.pairwise = i.pairwise
WHERE p.base_id = ?2 AND i.organisation = ?1 AND i.base_id = ?2 AND l.state <> 'unlinked';

-- id_conversion_put: new, or as the center says
INSERT INTO id_conversion (pairwise, organisation, person, base_id) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (pairwise) DO UPDATE SET base_id = excluded.base_id;

-- id_link_put: new, or moved
INSERT INTO id_link (pairwise, state, changed_at) VALUES (?1, ?2, ?3)
ON CONFLICT (pairwise) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at;

-- id_conversion_get: for its organisation
SELECT i.organisation, i.base_id, l.state FROM id_conversion i JOIN id_link l ON l.pairwise = i.pairwise
WHERE i.pairwise = ?1;

-- id_pair_find: of a person between two organisations
SELECT subject, consumer_pairwise FROM id_pair
WHERE person = ?1 AND consumer = ?2 AND provider = ?3 AND provider_pairwise = ?4;

-- id_pair_put: new, or as the center says
INSERT INTO id_pair (subject, consumer, provider, person, consumer_pairwise, provider_pairwise)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (subject) DO UPDATE SET consumer_pairwise = excluded.consumer_pairwise, provider_pairwise = excluded.provider_pairwise;

-- id_pair_get: both sides
SELECT consumer, provider, consumer_pairwise, provider_pairwise FROM id_pair WHERE subject = ?1;

-- user_former: whose usages are under an identifier of before
INSERT INTO user_former (pairwise, user_id) SELECT pairwise, user_id FROM user_master WHERE user_id = ?1 AND pairwise <> ?2
ON CONFLICT (pairwise) DO UPDATE SET user_id = excluded.user_id;

-- user_unformer: the identifier is some user's now, or a user's no more
DELETE FROM user_former WHERE pairwise = ?1 OR user_id = (SELECT user_id FROM user_master WHERE pairwise = ?1 AND ?2);

-- user_forget: the user has another identifier now
DELETE FROM user_master WHERE user_id = ?1 AND pairwise <> ?2;

-- user_put: the organisation's own user ID
INSERT INTO user_master (pairwise, user_id) VALUES (?1, ?2)
ON CONFLICT (pairwise) DO UPDATE SET user_id = excluded.user_id;

-- user_remove: no longer
DELETE FROM user_master WHERE pairwise = ?1;

-- user_count: for health
SELECT count(*) FROM user_master;

-- representation_add: attested
INSERT INTO representation (id, person, representative, kind, organisation, valid_to) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- representation_end: taken back
UPDATE representation SET ended_at = ?3 WHERE id = ?1 AND organisation = ?2 AND ended_at IS NULL;

-- represented: those a person may act for, as organisations say that still may
SELECT r.id, r.person, r.kind, r.organisation, o.name_ja, o.name_en, r.valid_to
FROM representation r JOIN organisation o ON o.member = r.organisation AND o.active = 1 AND o.attests = 1
JOIN person p ON p.id = r.person
WHERE r.representative = ?1 AND r.ended_at IS NULL AND r.valid_to > ?2 AND p.closed_at IS NULL
ORDER BY r.valid_to, r.id;

-- representatives: those who may act for a person, in the same way
SELECT r.id, r.representative, r.kind, r.organisation, o.name_ja, o.name_en, r.valid_to
FROM representation r JOIN organisation o ON o.member = r.organisation AND o.active = 1 AND o.attests = 1
JOIN person p ON p.id = r.representative
WHERE r.person = ?1 AND r.ended_at IS NULL AND r.valid_to > ?2 AND p.closed_at IS NULL
ORDER BY r.valid_to, r.id;

-- represents: may one act for the other
SELECT 1 FROM representation r JOIN organisation o ON o.member = r.organisation AND o.active = 1 AND o.attests = 1
JOIN person p ON p.id = r.representative
WHERE r.representative = ?1 AND r.person = ?2 AND r.ended_at IS NULL AND r.valid_to > ?3 AND p.closed_at IS NULL;

-- ---- tickets ----

-- ticket_add: its secret goes out once
INSERT INTO ticket (hash, kind, organisation, request, state, person, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);

-- ticket_get: by the hash of the secret
SELECT t.kind, t.organisation, o.name_ja, o.name_en, t.request, t.state, t.person, t.expires_at, t.used_at,
	coalesce(r.return_url, o.return_url), r.person, o.active, o.shared, o.return_url
FROM ticket t JOIN organisation o ON o.member = t.organisation
LEFT JOIN consent_request r ON r.id = t.request WHERE t.hash = ?1;

-- ticket_bind: opened by somebody for the first time
UPDATE ticket SET person = ?2 WHERE hash = ?1 AND person IS NULL;

-- ticket_use: done
UPDATE ticket SET used_at = ?2 WHERE hash = ?1 AND used_at IS NULL;

-- ticket_clean: nobody can use them
DELETE FROM ticket WHERE expires_at < ?1;

-- ---- declarations ----

-- organisation_put: new or changed
INSERT INTO organisation (member, name_ja, name_en, door, return_url, notice_url, shared, active, attests)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (member) DO UPDATE SET name_ja = excluded.name_ja, name_en = excluded.name_en, door = excluded.door,
	return_url = excluded.return_url, notice_url = excluded.notice_url, shared = excluded.shared, active = excluded.active,
	attests = excluded.attests;

-- organisation_get: one
SELECT member, name_ja, name_en, door, return_url, notice_url, shared, active, attests FROM organisation WHERE member = ?1;

-- organisations: all
SELECT member, name_ja, name_en, door, return_url, notice_url, shared, active, attests FROM organisation ORDER BY member;

-- service_put: declared, or as the center says
INSERT INTO service (id, provider, target, title_ja, title_en, data_ja, data_en, items, legal_ja, legal_en, max_days, max_age, level, representable, state)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
ON CONFLICT (id) DO UPDATE SET state = excluded.state;

-- service_get: one
SELECT * FROM service WHERE id = ?1;

-- services: all
SELECT * FROM service ORDER BY target, id;

-- service_end: withdrawn
UPDATE service SET state = 'withdrawn' WHERE id = ?1 AND state = 'valid';

-- purpose_put: declared, or as the center says
INSERT INTO purpose (id, consumer, subsystem, code, title_ja, title_en, reason_ja, reason_en, policy_url, state)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (id) DO UPDATE SET state = excluded.state;

-- purpose_get: one
SELECT * FROM purpose WHERE id = ?1;

-- purposes: all
SELECT * FROM purpose ORDER BY consumer, code, id;

-- purpose_of: the valid one by its consumer's code
SELECT * FROM purpose WHERE consumer = ?1 AND code = ?2 AND state = 'valid';

-- purpose_end: withdrawn
UPDATE purpose SET state = 'withdrawn' WHERE id = ?1 AND state = 'valid';

-- ---- consents ----

-- request_add: one page of questions
INSERT INTO consent_request (id, consumer, pairwise, person, return_url, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);

-- request_bind: somebody opened it
UPDATE consent_request SET person = ?2 WHERE id = ?1 AND person IS NULL;

-- consents_bind: and its consents
UPDATE consent SET person = ?2 WHERE request = ?1 AND person IS NULL;

-- request_get: for its consumer
SELECT expires_at FROM consent_request WHERE id = ?1 AND consumer = ?2;

-- request_over: nobody may answer it any more
SELECT 1 FROM consent_request WHERE id = ?1 AND expires_at <= ?2;

-- request_consents: for its consumer
SELECT c.reference, c.service, c.state FROM consent c JOIN consent_step h ON h.id = (SELECT min(id) FROM consent_step WHERE reference = c.reference)
WHERE c.request = ?1 ORDER BY h.id;

-- consent_add: asked for
INSERT INTO consent (reference, request, person, service, purpose, asked, items, days, state, changed_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, '[]', ?7, 'requested', ?8);

-- consent_valid: is it there already, wide enough
SELECT c.reference, c.items FROM consent c
WHERE c.person = ?1 AND c.state = 'approved' AND c.service = ?2 AND c.purpose = ?3 AND c.valid_to > ?4;

-- consent_get: one
SELECT * FROM consent_full WHERE reference = ?1;

-- consents: of a person, newest first
SELECT * FROM consent_full WHERE person = ?1 ORDER BY first_step DESC LIMIT ?2 OFFSET ?3;

-- consents_of_request: in their order
SELECT * FROM consent_full WHERE request = ?1 ORDER BY first_step;

-- consent_set: a step further
UPDATE consent SET state = ?2, items = coalesce(?3, items), subject = coalesce(?4, subject),
	valid_from = coalesce(?5, valid_from), valid_to = coalesce(?6, valid_to), changed_at = ?7
WHERE reference = ?1;

-- step_add: history
INSERT INTO consent_step (reference, at, from_state, to_state, actor, person, reason, items, valid_to)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);

-- steps: history of one
SELECT s.id, s.at, s.from_state, s.to_state, s.actor, s.reason, s.person, s.items, s.valid_to,
	v.container IS NOT NULL
FROM consent_step s LEFT JOIN consent_evidence v ON v.step = s.id
WHERE s.reference = ?1 ORDER BY s.id;

-- evidence_add: its container follows
INSERT INTO consent_evidence (step, query, document) VALUES (?1, ?2, ?3);

-- evidence_missing: to be made
SELECT step, query, document FROM consent_evidence WHERE container IS NULL AND step > ?1 ORDER BY step LIMIT 20;

-- evidence_put: made
UPDATE consent_evidence SET container = ?2 WHERE step = ?1 AND container IS NULL;

-- evidence_get: and whose it is
SELECT s.reference, v.container FROM consent_evidence v JOIN consent_step s ON s.id = v.step WHERE v.step = ?1;

-- evidence_known: may this document be signed
SELECT document FROM consent_evidence WHERE query = ?1;

-- due: approved consents whose time is over
SELECT reference FROM consent WHERE state = 'approved' AND valid_to <= ?1 LIMIT ?2;

-- undecided: asked for too long ago
SELECT c.reference FROM consent c JOIN consent_request r ON r.id = c.request
WHERE c.state = 'requested' AND r.expires_at <= ?1 LIMIT ?2;

-- orphaned: of persons without account whom nobody represents any more
SELECT c.reference FROM representation r JOIN consent c ON c.person = r.person AND c.state IN ('requested', 'approved')
WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.person = r.person AND a.ended_at IS NULL)
	AND NOT EXISTS (SELECT 1 FROM representation x JOIN organisation o ON o.member = x.organisation AND o.active = 1 AND o.attests = 1
		JOIN person p ON p.id = x.representative AND p.closed_at IS NULL
		WHERE x.person = r.person AND x.ended_at IS NULL AND x.valid_to > ?1)
GROUP BY c.reference LIMIT ?2;

-- baseless_service: their service is no longer declared
SELECT c.reference FROM service s JOIN consent c ON c.service = s.id
WHERE s.state = 'withdrawn' AND c.state IN ('requested', 'approved') LIMIT ?1;

-- baseless_purpose: nor their purpose
SELECT c.reference FROM purpose p JOIN consent c ON c.purpose = p.id
WHERE p.state = 'withdrawn' AND c.state IN ('requested', 'approved') LIMIT ?1;

-- consents_linked: approved ones that need the person's link with an organisation
SELECT c.reference FROM consent c JOIN id_pair i ON i.subject = c.subject
WHERE c.person = ?1 AND c.state = 'approved' AND (i.consumer = ?2 OR i.provider = ?2);

-- consents_open: of a person who leaves
SELECT reference, state FROM consent WHERE person = ?1 AND state IN ('requested', 'approved');

-- ---- transfers ----

-- transfer_add: once, however often it is reported by its provider
INSERT INTO transfer (id, reference, at, items, provider) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id, provider) DO NOTHING;

-- consent_provider: who answers under it
SELECT s.provider FROM consent c JOIN service s ON s.id = c.service WHERE c.reference = ?1;

-- transfers: of a person, newest first
SELECT t.id, t.reference, t.at, t.items, s.title_ja, s.title_en, p.title_ja, p.title_en,
	po.name_ja, po.name_en, co.name_ja, co.name_en, s.items
FROM consent c JOIN transfer t ON t.reference = c.reference
JOIN service s ON s.id = c.service JOIN purpose p ON p.id = c.purpose
JOIN organisation po ON po.member = s.provider JOIN organisation co ON co.member = p.consumer
WHERE c.person = ?1 ORDER BY t.at DESC, t.id LIMIT ?2 OFFSET ?3;

-- ---- feeds ----

-- feed_next: the organisation's next number
UPDATE organisation SET last = last + 1 WHERE member = ?1 RETURNING last;

-- feed_add: a change
INSERT INTO feed (organisation, number, kind, key) VALUES (?1, ?2, ?3, ?4);

-- feed_has: was it told before
SELECT 1 FROM feed WHERE organisation = ?1 AND kind = ?2 AND key = ?3;

-- feed_state: how far
SELECT f.last, f.told, f.door, p.epoch FROM organisation f, place p WHERE f.member = ?1;

-- feed_page: changes after a number
SELECT number, kind, key FROM feed WHERE organisation = ?1 AND number > ?2 ORDER BY number LIMIT ?3;

-- feed_told: its cache has them; a restored one says less
UPDATE organisation SET told = ?2 WHERE member = ?1;

-- feed_behind: whose caches want to hear something
SELECT member FROM organisation WHERE door IS NOT NULL AND active = 1 AND told < last ORDER BY member;

-- feed_whom: who was told about a row
SELECT DISTINCT organisation FROM feed WHERE kind = ?1 AND key = ?2;

-- consent_row: as its parties get it
SELECT c.service, c.purpose, c.subject, c.asked, c.items, c.days, c.state, c.valid_from, c.valid_to FROM consent c WHERE c.reference = ?1;

-- consent_take: what has ended stays ended
INSERT INTO consent (reference, service, purpose, subject, asked, items, days, state, valid_from, valid_to)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (reference) DO UPDATE SET subject = excluded.subject, items = excluded.items, state = excluded.state,
	valid_from = excluded.valid_from, valid_to = excluded.valid_to
WHERE consent.state IN ('requested', 'approved') OR excluded.state NOT IN ('requested', 'approved');

-- contact_get: of this cache
SELECT epoch, position, whole, at, ticks, boot, center_time FROM contact WHERE organisation = ?1;

-- contact_put: heard from the center
INSERT INTO contact (organisation, epoch, position, whole, at, ticks, boot, center_time)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (organisation) DO UPDATE SET epoch = excluded.epoch, position = excluded.position, whole = excluded.whole,
	at = excluded.at, ticks = excluded.ticks, boot = excluded.boot, center_time = excluded.center_time;

-- contact_doubt: what is here may be old
UPDATE contact SET whole = 0;

-- ---- statistics: no persons ----

-- counts: steps by service, consumer and month; other items or another end are no other approval
SELECT c.service, p.consumer, strftime('%Y-%m', (s.at + 32400000) / 1000, 'unixepoch'), s.to_state, count(*)
FROM consent_step s JOIN consent c ON c.reference = s.reference JOIN purpose p ON p.id = c.purpose
WHERE s.at >= ?1 AND s.at < ?2 AND s.from_state IS NOT s.to_state
GROUP BY 1, 2, 3, 4 ORDER BY 3, 1, 2, 4;

-- counts_transfers: by service, consumer and month
SELECT c.service, p.consumer, strftime('%Y-%m', (t.at + 32400000) / 1000, 'unixepoch'), count(*)
FROM transfer t JOIN consent c ON c.reference = t.reference JOIN purpose p ON p.id = c.purpose
WHERE t.at >= ?1 AND t.at < ?2
GROUP BY 1, 2, 3 ORDER BY 3, 1, 2;

-- consents_drop: a cache of a new epoch: what is still good comes again
DELETE FROM consent WHERE state IN ('requested', 'approved');

-- id_shared: the identifier behind a BaseID, where the organisation has it
SELECT i.pairwise FROM id_conversion i JOIN id_link l ON l.pairwise = i.pairwise
WHERE i.organisation = ?1 AND i.base_id = ?2 AND l.state <> 'unlinked';

-- life_get: the mark of the last start
SELECT life FROM place;

-- life_set: this start's
UPDATE place SET life = ?1;

-- feed_untold: a new epoch: everybody hears everything
UPDATE organisation SET told = 0;

-- ---- notices ----

-- notice_find: requests that wait for a person, and who may tell the person
INSERT INTO notice (request, organisation, pairwise, next_at)
SELECT r.id, o.member, i.pairwise, ?1 FROM consent_request r
JOIN id_conversion i ON i.person = r.person
JOIN id_link l ON l.pairwise = i.pairwise AND l.state = 'linked'
JOIN organisation o ON o.member = i.organisation AND o.notice_url IS NOT NULL AND o.active = 1
WHERE r.expires_at > ?1 AND r.pairwise IS NOT NULL AND r.consumer <> o.member
	AND EXISTS (SELECT 1 FROM consent c WHERE c.request = r.id AND c.state = 'requested')
ON CONFLICT DO NOTHING;

-- notices_due: to be told now
SELECT n.request, n.organisation, n.pairwise, o.notice_url, n.tries
FROM notice n JOIN organisation o ON o.member = n.organisation
WHERE n.done_at IS NULL AND n.next_at <= ?1 ORDER BY n.next_at LIMIT 20;

-- notice_done: told, or given up
UPDATE notice SET done_at = ?3 WHERE request = ?1 AND organisation = ?2;

-- notice_later: failed once more
UPDATE notice SET tries = tries + 1, next_at = ?3 WHERE request = ?1 AND organisation = ?2;

-- ---- usages: who used my data ----

-- usage_person: whom a code means, as both call the person; two rows: nobody
SELECT pairwise, user_id FROM user_master WHERE user_id = ?2
UNION SELECT i.pairwise, u.user_id FROM id_conversion i LEFT JOIN user_master u ON u.pairwise = i.pairwise
WHERE i.organisation = ?1 AND i.pairwise = ?2
UNION SELECT i.pairwise, u.user_id FROM id_conversion i LEFT JOIN user_master u ON u.pairwise = i.pairwise
WHERE i.organisation = ?1 AND i.base_id = ?2
LIMIT 2;

-- usage_count: those that are shown now
SELECT count(*) FROM usage_full WHERE (pairwise = ?1 OR user_id = ?2 
	OR pairwise IN (SELECT f.pairwise FROM user_former f JOIN id_link l ON l.pairwise = f.pairwise AND l.state = 'unlinked' WHERE f.user_id = ?2))
	AND day >= ?3 AND day <= ?4 AND shown_from <= ?5;

-- usages: newest day first
SELECT u.day, u.subsystem, u.name_ja, u.name_en, u.purpose_ja, u.purpose_en, u.service_ja, u.service_en, r.words_ja, r.words_en
FROM usage_full u LEFT JOIN usage_rule r ON r.id = u.bulk
WHERE (u.pairwise = ?1 OR u.user_id = ?2
	OR u.pairwise IN (SELECT f.pairwise FROM user_former f JOIN id_link l ON l.pairwise = f.pairwise AND l.state = 'unlinked' WHERE f.user_id = ?2))
	AND u.day >= ?3 AND u.day <= ?4 AND u.shown_from <= ?5
ORDER BY u.day DESC, u.id LIMIT ?6 OFFSET ?7;

-- usage_whose: under a consent
SELECT i.provider_pairwise, c.service, c.purpose FROM consent c JOIN id_pair i ON i.subject = c.subject
WHERE c.reference = ?1 AND i.provider = ?2;

-- usage_add: under a consent; whose it is, or nulls
INSERT INTO usage (id, provider, day, reference, pairwise, service, purpose) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (id) DO UPDATE SET pairwise = excluded.pairwise, service = excluded.service, purpose = excluded.purpose
WHERE usage.pairwise IS NULL AND usage.reference IS NOT NULL;

-- usage_add_known: without one
INSERT INTO usage (id, provider, day, user_id, consumer, subsystem, target, code, words_ja, words_en)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING;

-- usage_resolve: whose they are, now that the consent is here
UPDATE usage SET (pairwise, service, purpose) = (
	SELECT i.provider_pairwise, c.service, c.purpose FROM consent c JOIN id_pair i ON i.subject = c.subject
	WHERE c.reference = usage.reference AND i.provider = usage.provider)
WHERE pairwise IS NULL AND user_id IS NULL AND EXISTS (SELECT 1 FROM consent c WHERE c.reference = usage.reference AND c.subject IS NOT NULL);

-- usage_forget: of days before
DELETE FROM usage WHERE day < ?1;

-- usage_begin: from now on, unless it was before
INSERT INTO usage_since (one, at) VALUES (1, ?1) ON CONFLICT (one) DO NOTHING;

-- usage_since: when
SELECT at FROM usage_since;

-- usage_oldest: the day of one that was kept before
SELECT min(day) FROM usage;

-- usage_waiting: not known yet whose they are
SELECT count(*) FROM usage WHERE pairwise IS NULL AND user_id IS NULL;

-- usage_rules: all
SELECT id, consumer, purpose, target, kind, days, words_ja, words_en, reason FROM usage_rule ORDER BY consumer, purpose, target, kind, id;

-- usage_rule_add: from now on
INSERT INTO usage_rule (id, consumer, purpose, target, kind, days, words_ja, words_en, reason)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);

-- usage_rule_remove: no longer
DELETE FROM usage_rule WHERE id = ?1;

-- ---- declarations: what would end with them ----

-- service_open: consents by state
SELECT count(*) FILTER (WHERE state = 'requested'), count(*) FILTER (WHERE state = 'approved')
FROM consent WHERE service = ?1 AND state IN ('requested', 'approved');

-- purpose_open: the same
SELECT count(*) FILTER (WHERE state = 'requested'), count(*) FILTER (WHERE state = 'approved')
FROM consent WHERE purpose = ?1 AND state IN ('requested', 'approved');
