/* SPDX-License-Identifier: MIT */
/*
 * The step both sides share: a message is signed with the member's key and is
 * in the message log, durably, before its signature may leave.
 */
#include "batch_int.h"
#include "proxy_int.h"

#include "mem.h"

size_t
message_parts(struct arena *a, const struct digest *head,
	const struct digest *attachment, size_t attachments,
	const struct hashchain_part **out)
{
	struct hashchain_part *p = arena_array(a, attachments + 1, sizeof(*p));

	p[0] = (struct hashchain_part){ "/message.xml", *head };
	for (size_t i = 0; i < attachments; i++)
		p[i + 1] = (struct hashchain_part){
			arena_printf(a, "/attachment%zu", i + 1), attachment[i]
		};
	*out = p;
	return attachments + 1;
}

size_t
bytes_parts(struct arena *a, struct bytes head, bool body_part,
	struct bytes body, const struct hashchain_part **out)
{
	struct digest h, b;

	digest_of(DIGEST_SHA512, head.data, head.len, &h);
	if (body_part)
		digest_of(DIGEST_SHA512, body.data, body.len, &b);
	return message_parts(a, &h, &b, body_part, out);
}

int
evidence_sign(struct evidence_make *m, struct arena *a, struct err *e)
{
	struct log_record *r = m->record;
	struct signing signing;
	int64_t id;

	if (keyconf_signing(
		    m->s->keys, m->s->ocsp, m->g, m->signer, a, &signing, e)) {
		err_prefix(e, "signer");
		return -1;
	}
	if (batch_sign(m->s->batcher, a, &signing, m->part, m->parts,
		    &r->signature, e))
		return -1;
	return messagelog_add(m->s->log, r, &id, e);
}
