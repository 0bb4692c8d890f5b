/* SPDX-License-Identifier: MIT */
/*
 * The parts of a message as its signature names them, and which of them the
 * message log stores. Rule: interop/xroad-messages.md 2.5, 4.1.
 */
#include "proxy_int.h"

#include "mem.h"

static struct hashchain_part *
parts_new(struct arena *a, const struct digest *head, size_t attachments)
{
	struct hashchain_part *p = arena_array(a, attachments + 1, sizeof(*p));

	p[0] = (struct hashchain_part){ "/message.xml", *head };
	for (size_t i = 1; i <= attachments; i++)
		p[i].uri = arena_printf(a, "/attachment%zu", i);
	return p;
}

size_t
message_parts(struct arena *a, const struct digest *head,
	const struct digest *attachment, size_t attachments,
	const struct hashchain_part **out)
{
	struct hashchain_part *p = parts_new(a, head, attachments);

	for (size_t i = 0; i < attachments; i++)
		p[i + 1].digest = attachment[i];
	*out = p;
	return attachments + 1;
}

size_t
received_parts(struct arena *a, const struct transport_message *m,
	const struct hashchain_part **out)
{
	size_t n = m->attachments + 1;
	struct hashchain_part *p = arena_array(a, 2 * n, sizeof(*p));
	struct hashchain_part *first =
		parts_new(a, &m->head_digest, m->attachments);

	for (size_t i = 0; i < m->attachments; i++)
		first[i + 1].digest = m->attachment[i].digest;
	*out = first;
	if (m->head_digest.alg == DIGEST_SHA512)
		return n;
	for (size_t i = 0; i < n; i++) {
		p[2 * i] = p[2 * i + 1] = first[i];
		p[2 * i + 1].digest =
			i ? m->attachment[i - 1].sha512 : m->head_sha512;
	}
	*out = p;
	return 2 * n;
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
