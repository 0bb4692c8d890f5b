-- place: which database this is
SELECT mode, epoch FROM place;

-- place_found: a new one
INSERT INTO place (one, mode, epoch) VALUES (1, ?1, ?2);

-- check_consent: readers: all consents of a subject, of which few exist
SELECT subsystem, target, state, valid_from, valid_to, items, purpose, reference, pairwise, user_id, max_age, service_state, purpose_state, link_state
FROM v_consent_check WHERE subject = ?1;

-- check_contact: readers: how old the cache of an organisation is
SELECT whole, at, ticks, boot, center_time FROM v_contact WHERE organisation = ?1;

-- check_services: readers: targets that want consent
SELECT target, max_age, state FROM v_service WHERE provider = ?1;
