/* SPDX-License-Identifier: MIT */
/*
 * The parts of a message as its signature names them, and which of them the
 * message log stores. Rule: interop/xroad-messages.md 2.5, 4.1.
 */
#include "proxy_int.h"

#include "mem.h"

size_t
message_parts(struct arena *a, const struct digest *head,
	const struct digest *attachment, size_t attachments,
	const struct hashchain_part **out)
{
	struct hashchain_part *p = arena_array(a, attachments + 1, sizeof(*p));

	p[0] = (struct hashchain_part){ "/message.xml", *head };
	for (size_t i = 1; i <= attachments; i++)
		p[i] = (struct hashchain_part){
			arena_printf(a, "/attachment%zu", i), attachment[i - 1]
		};
	*out = p;
	return attachments + 1;
}

size_t
received_parts(struct arena *a, const struct transport_message *m,
	const struct hashchain_part **out)
{
	static const enum digest_alg algs[] = { DIGEST_SHA512, DIGEST_SHA384,
		DIGEST_SHA256 };
	enum { ALGS = sizeof(algs) / sizeof(*algs) };
	size_t n = m->attachments, used = ALGS;
	struct hashchain_part *p = arena_array(a, ALGS + 2 * n, sizeof(*p));

	for (size_t i = 0; i < ALGS; i++) {
		p[i].uri = "/message.xml";
		if (algs[i] == m->head_sha512.alg)
			p[i].digest = m->head_sha512;
		else
			digest_of(algs[i], m->head.data, m->head.len,
				&p[i].digest);
	}
	for (size_t i = 0; i < n; i++) {
		const struct transport_attachment *t = &m->attachment[i];
		char *uri = arena_printf(a, "/attachment%zu", i + 1);

		p[used++] = (struct hashchain_part){ uri, t->sha512 };
		if (t->digest.alg != DIGEST_SHA512)
			p[used++] = (struct hashchain_part){ uri, t->digest };
	}
	*out = p;
	return used;
}

void
received_record(struct arena *a, const struct transport_message *m,
	struct log_record *r)
{
	struct segment *g;

	r->message = m->head;
	r->signature = (struct signature){ m->signature, m->hashchain_result,
		m->hashchain };
	if (!r->rest && m->hashchain.len)
		return; /* the chain tells what the attachments were */
	g = arena_array(a, m->attachments + 1, sizeof(*g));
	for (size_t i = 0; i < m->attachments; i++)
		g[i] = m->attachment[i].body;
	r->attachment = g;
	r->attachments = m->attachments;
}
