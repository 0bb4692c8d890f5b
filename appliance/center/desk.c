/* SPDX-License-Identifier: MIT */
/*
 * The desk, the center's administration API: what its handlers share.
 */
#include "desk_int.h"

#include <string.h>

#include "certjson.h"
#include "clock.h"
#include "http_json.h"
#include "mem.h"
#include "role.h"
#include "text.h"

int
desk_body(struct request *r, json_t **out, struct err *e)
{
	return http_json_object(r, NULL, out, e);
}

int
desk_reply(struct request *r, int status, json_t *j, struct err *e)
{
	json_drop_nulls(j);
	return http_json_reply(r, status, NULL, 0, j, GC_PART_MAX, e);
}

int
desk_no_content(struct request *r, struct err *e)
{
	return reply_send(r, 204, NULL, (struct bytes){ 0 }, e);
}

/* Splits at colons; the number of pieces, 0 if an empty one is among them. */
static size_t
split(char *s, const char *piece[], size_t max)
{
	size_t n = 0;

	for (;;) {
		char *colon = strchr(s, ':');

		if (n == max || !*s || colon == s)
			return 0;
		piece[n++] = s;
		if (!colon)
			return n;
		*colon = '\0';
		s = colon + 1;
	}
}

int
client_decode(
	struct arena *a, const char *s, struct client_id *out, struct err *e)
{
	const char *p[4] = { 0 };
	size_t n = s ? split(arena_strdup(a, s), p, 4) : 0;

	if (n < 3)
		return refuse(e, FAULT_BAD_REQUEST, "invalid_member_id",
			"'%s' is not INSTANCE:CLASS:CODE[:SUBSYSTEM]",
			s ? s : "");
	*out = (struct client_id){ p[0], p[1], p[2], p[3] };
	return 0;
}

int
server_decode(
	struct arena *a, const char *s, struct server_id *out, struct err *e)
{
	const char *p[4] = { 0 };
	size_t n = s ? split(arena_strdup(a, s), p, 4) : 0;

	if (n != 4)
		return refuse(e, FAULT_BAD_REQUEST, "invalid_server_id",
			"'%s' is not INSTANCE:CLASS:CODE:SERVER", s ? s : "");
	*out = (struct server_id){ { p[0], p[1], p[2], NULL }, p[3] };
	return 0;
}

char *
client_encode(struct arena *a, const struct client_id *id)
{
	return arena_printf(a, "%s:%s:%s%s%s", id->instance, id->cls, id->code,
		id->subsystem ? ":" : "", id->subsystem ? id->subsystem : "");
}

char *
server_encode(struct arena *a, const struct server_id *id)
{
	return arena_printf(
		a, "%s:%s", client_encode(a, &id->owner), id->server);
}

json_t *
client_json(struct arena *a, const struct client_id *id)
{
	json_t *j = json_object();

	json_put_str(j, "instance_id", id->instance);
	json_put_str(j, "type", client_id_type(id));
	json_put_str(j, "member_class", id->cls);
	json_put_str(j, "member_code", id->code);
	if (id->subsystem)
		json_put_str(j, "subsystem_code", id->subsystem);
	json_put_str(j, "encoded_id", client_encode(a, id));
	return j;
}

json_t *
server_json(struct arena *a, const struct server_id *id)
{
	json_t *j = json_object();

	json_put_str(j, "instance_id", id->owner.instance);
	json_put_str(j, "type", "SERVER");
	json_put_str(j, "member_class", id->owner.cls);
	json_put_str(j, "member_code", id->owner.code);
	json_put_str(j, "server_code", id->server);
	json_put_str(j, "encoded_id", server_encode(a, id));
	return j;
}

/* The hash in capitals, as central servers write it. */
json_t *
cert_json(struct arena *a, const struct cert *c)
{
	json_t *j = cert_details_json(a, c);
	char *hash = arena_strdup(a, json_str(j, "hash"));

	for (char *p = hash; *p; p++)
		if (*p >= 'a')
			*p = (char)(*p - 'a' + 'A');
	json_put_str(j, "hash", hash);
	return j;
}

void
desk_put_time(json_t *j, const char *key, int64_t ms)
{
	char text[TIME_TEXT_MAX];

	json_put_str(j, key, time_iso_ms(text, ms));
}
