/* SPDX-License-Identifier: MIT */
/*
 * The step both sides share: a message is signed with the member's key and is
 * in the message log, durably, before its signature may leave.
 */
#include "batch_int.h"
#include "proxy_int.h"

#include "mem.h"

size_t
message_parts(struct arena *a, struct bytes head, bool body_part,
	struct bytes body, const struct hashchain_part **out)
{
	struct hashchain_part *p = arena_array(a, 2, sizeof(*p));

	p[0].uri = "/message.xml";
	digest_of(DIGEST_SHA512, head.data, head.len, &p[0].digest);
	if (body_part) {
		p[1].uri = "/attachment1";
		digest_of(DIGEST_SHA512, body.data, body.len, &p[1].digest);
	}
	*out = p;
	return body_part ? 2 : 1;
}

int
evidence_sign(struct evidence_make *m, struct arena *a, struct err *e)
{
	struct log_record *r = m->record;
	const struct hashchain_part *part;
	struct signing signing;
	int64_t id;
	size_t n = message_parts(
		a, r->message, m->body_part, r->attachment, &part);

	if (keyconf_signing(
		    m->s->keys, m->s->ocsp, m->g, m->signer, a, &signing, e)) {
		err_prefix(e, "signer");
		return -1;
	}
	if (batch_sign(m->s->batcher, a, &signing, part, n, &r->signature, e))
		return -1;
	return messagelog_add(m->s->log, r, &id, e);
}
