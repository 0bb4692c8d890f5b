/* SPDX-License-Identifier: MIT */
/*
 * X-Road identifiers: comparing, copying, slash and text forms.
 * Rule: interop/xroad-messages.md 1.1. The XML form is in ident_xml.c.
 */
#include <string.h>

#include "err.h"
#include "ident.h"
#include "mem.h"
#include "text.h"

enum { PIECES_MAX = 6, PATH_MAX_LEN = 8192 };

bool
client_id_same_member(const struct client_id *a, const struct client_id *b)
{
	return str_equal(a->instance, b->instance) &&
	       str_equal(a->cls, b->cls) && str_equal(a->code, b->code);
}

bool
client_id_equal(const struct client_id *a, const struct client_id *b)
{
	return client_id_same_member(a, b) &&
	       str_equal(a->subsystem, b->subsystem);
}

bool
service_id_equal(const struct service_id *a, const struct service_id *b)
{
	return client_id_equal(&a->provider, &b->provider) &&
	       str_equal(a->service, b->service) &&
	       str_equal(a->version, b->version);
}

bool
server_id_equal(const struct server_id *a, const struct server_id *b)
{
	return client_id_equal(&a->owner, &b->owner) &&
	       str_equal(a->server, b->server);
}

void
client_id_copy(
	struct arena *a, struct client_id *to, const struct client_id *from)
{
	struct client_id id = {
		.instance = arena_strdup(a, from->instance),
		.cls = arena_strdup(a, from->cls),
		.code = arena_strdup(a, from->code),
		.subsystem = arena_strdup(a, from->subsystem),
	};

	*to = id;
}

void
service_id_copy(
	struct arena *a, struct service_id *to, const struct service_id *from)
{
	struct service_id id = {
		.service = arena_strdup(a, from->service),
		.version = arena_strdup(a, from->version),
	};

	client_id_copy(a, &id.provider, &from->provider);
	*to = id;
}

void
server_id_copy(
	struct arena *a, struct server_id *to, const struct server_id *from)
{
	struct server_id id = { .server = arena_strdup(a, from->server) };

	client_id_copy(a, &id.owner, &from->owner);
	*to = id;
}

const char *
client_id_type(const struct client_id *id)
{
	return id->subsystem ? "SUBSYSTEM" : "MEMBER";
}

/* ---- writing the slash forms ---- */

/* Joins the parts that are present; NULL parts are left out. */
static char *
parts_join(struct arena *a, const char *prefix, const char *const *part,
	size_t n, bool encode)
{
	const char *text = prefix;
	const char *slash = "";
	size_t i;

	for (i = 0; i < n; i++) {
		if (!part[i])
			continue;
		text = arena_printf(a, "%s%s%s", text, slash,
			encode ? segment_encode(a, part[i]) : part[i]);
		slash = "/";
	}
	return arena_strdup(a, text);
}

static char *
client_join(struct arena *a, const char *prefix, const struct client_id *id,
	bool encode)
{
	const char *part[] = { id->instance, id->cls, id->code, id->subsystem };

	return parts_join(a, prefix, part, 4, encode);
}

static char *
service_join(struct arena *a, const char *prefix, const struct service_id *id,
	bool encode)
{
	const struct client_id *p = &id->provider;
	const char *part[] = { p->instance, p->cls, p->code, p->subsystem,
		id->service, id->version };

	return parts_join(a, prefix, part, 6, encode);
}

static char *
server_join(struct arena *a, const char *prefix, const struct server_id *id,
	bool encode)
{
	const char *part[] = { id->owner.instance, id->owner.cls,
		id->owner.code, id->server };

	return parts_join(a, prefix, part, 4, encode);
}

char *
client_id_path(struct arena *a, const struct client_id *id)
{
	return client_join(a, "", id, true);
}

char *
service_id_path(struct arena *a, const struct service_id *id)
{
	return service_join(a, "", id, true);
}

char *
server_id_path(struct arena *a, const struct server_id *id)
{
	return server_join(a, "", id, true);
}

char *
client_id_text(struct arena *a, const struct client_id *id)
{
	return client_join(
		a, id->subsystem ? "SUBSYSTEM:" : "MEMBER:", id, false);
}

char *
service_id_text(struct arena *a, const struct service_id *id)
{
	return service_join(a, "SERVICE:", id, false);
}

char *
server_id_text(struct arena *a, const struct server_id *id)
{
	return server_join(a, "SERVER:", id, false);
}

/* ---- reading the slash forms ---- */

/* Splits and decodes into lo..hi non-empty pieces. */
static int
pieces_parse(struct arena *a, const char *s, size_t lo, size_t hi,
	const char *piece[PIECES_MAX], size_t *n, struct err *e)
{
	const char *end;
	char *text;

	*n = 0;
	if (!s || strlen(s) > PATH_MAX_LEN)
		return fail(e, FAULT_BAD_REQUEST,
			"an identifier is absent or too long");
	for (;; s = end + 1) {
		end = s + strcspn(s, "/");
		if (*n == hi || end == s)
			return fail(e, FAULT_BAD_REQUEST,
				"an identifier has an empty piece or more "
				"than %zu pieces",
				hi);
		if (segment_decode(a, s, (size_t)(end - s), &text, e) != 0)
			return -1;
		piece[(*n)++] = text;
		if (*end == '\0')
			break;
	}
	if (*n < lo)
		return fail(e, FAULT_BAD_REQUEST,
			"an identifier has %zu pieces, not %zu", *n, lo);
	return 0;
}

int
client_id_parse(
	struct arena *a, const char *s, struct client_id *out, struct err *e)
{
	const char *piece[PIECES_MAX] = { 0 };
	size_t n;

	if (pieces_parse(a, s, 3, 4, piece, &n, e) != 0)
		return -1;
	*out = (struct client_id){ piece[0], piece[1], piece[2], piece[3] };
	return 0;
}

int
server_id_parse(
	struct arena *a, const char *s, struct server_id *out, struct err *e)
{
	const char *piece[PIECES_MAX] = { 0 };
	size_t n;

	if (pieces_parse(a, s, 4, 4, piece, &n, e) != 0)
		return -1;
	*out = (struct server_id){
		.owner = { piece[0], piece[1], piece[2], NULL },
		.server = piece[3],
	};
	return 0;
}

int
service_id_parse(
	struct arena *a, const char *s, struct service_id *out, struct err *e)
{
	const char *piece[PIECES_MAX] = { 0 };
	size_t n;

	if (pieces_parse(a, s, 5, 5, piece, &n, e) != 0)
		return -1;
	*out = (struct service_id){
		.provider = { piece[0], piece[1], piece[2], piece[3] },
		.service = piece[4],
	};
	return 0;
}

/* ---- what may be registered ---- */

/* The first forbidden byte sequence in valid UTF-8, or NULL. */
static const char *
part_offence(const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x20 || c == 0x7f || strchr(":;%/\\", c))
			return s;
		/* C1 controls, U+FEFF, U+200B */
		if (c == 0xc2 && (unsigned char)s[1] < 0xa0)
			return s;
		if (str_prefix(s, "\xef\xbb\xbf") ||
			str_prefix(s, "\xe2\x80\x8b"))
			return s;
	}
	return NULL;
}

int
ident_part_check(const char *part, const char *what, struct err *e)
{
	size_t n = part ? strlen(part) : 0;
	const char *bad;

	if (n == 0)
		return fail(e, FAULT_BAD_REQUEST, "%s is empty", what);
	if (n > IDENT_PART_MAX)
		return fail(e, FAULT_BAD_REQUEST, "%s is longer than %d bytes",
			what, IDENT_PART_MAX);
	if (!utf8_valid(part, n))
		return fail(
			e, FAULT_BAD_REQUEST, "%s is not valid UTF-8", what);
	bad = part_offence(part);
	if (bad)
		return fail(e, FAULT_BAD_REQUEST,
			"%s has a forbidden character at byte %zu", what,
			(size_t)(bad - part) + 1);
	return 0;
}
