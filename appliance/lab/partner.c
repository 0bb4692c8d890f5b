/* SPDX-License-Identifier: MIT */
/*
 * What the town and the company do for Personal-Link, as their information
 * systems would: REST through their own security servers, nothing else.
 */
#include "lab_int.h"

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "site_int.h"
#include "text.h"

#define CENTER_SERVICE LAB_INSTANCE "/" HOST_CLASS "/" HOST_CODE "/" LINK_PATH
#define TOWN_SERVICES  LAB_INSTANCE "/" TOWN_CLASS "/" TOWN_CODE "/"
#define TOWN_CACHE     TOWN_SERVICES LINK_SYSTEM "/" CACHE_SERVICE
#define TOWN_LINK      TOWN_SERVICES LINK_SYSTEM
#define FIRM_CLIENT    LAB_INSTANCE "/" FIRM_CLASS "/" FIRM_CODE "/" FIRM_SYSTEM

struct question {
	enum machine_id at;
	const char *client, *method, *path; /* path: service and what follows */
	const char *body;                   /* JSON or NULL */
	const char *person;                 /* whom it is about, or NULL */
};

static int
send_question(struct lab *l, struct arena *a, const struct question *q,
	struct api_answer *out, struct err *e)
{
	const char *header[] = { "X-Road-Client", q->client, "Accept",
		"application/json", "Content-Type", "application/json",
		q->person ? PERSON_HEADER : NULL, q->person, NULL };
	struct plain_call c = { .method = q->method,
		.url = arena_printf(a, "http://%s:%d/r1/%s",
			l->machine[q->at].address, lab_port(l, PORT_IS),
			q->path),
		.header = header,
		.body = q->body };

	return plain_call_in(l, a, &c, out, e);
}

static int
ask(struct lab *l, struct arena *a, const struct question *q,
	struct api_answer *out, struct err *e)
{
	if (send_question(l, a, q, out, e))
		return -1;
	if (out->status < 200 || out->status > 299)
		return fail(e, FAULT_INTERNAL,
			"the %s asked %s %s and was refused: %d %.*s",
			l->machine[q->at].name, q->method, q->path, out->status,
			(int)(out->body.len < 400 ? out->body.len : 400),
			(const char *)out->body.data);
	return 0;
}

static char *
body_of(struct arena *a, json_t *j)
{
	struct buf b;
	char *text;

	json_keep(a, j);
	buf_init(&b, SITE_BODY_MAX);
	json_write(&b, j, JSON_PLAIN);
	text = arena_strndup(a, b.data, b.len);
	buf_done(&b);
	return text;
}

static char *
one_member(struct arena *a, const char *key, const char *value)
{
	json_t *j = json_object();

	json_put_str(j, key, value);
	return body_of(a, j);
}

static int
need(const struct api_answer *from, const char *key, const char **out,
	struct err *e)
{
	return json_need_str(from->json, key, SITE_BODY_MAX, out, e);
}

/* ---- the town ---- */

static int
town_posts(struct lab *l, struct arena *a, const char *path, const char *body,
	struct api_answer *out, struct err *e)
{
	struct question q = { TOWN, TOWN_LINK, "POST",
		arena_printf(a, "%s%s", CENTER_SERVICE, path), body, NULL };

	return ask(l, a, &q, out, e);
}

int
town_link_url(struct lab *l, struct arena *a, const char *state,
	const char **url, struct err *e)
{
	struct api_answer answer;

	if (town_posts(l, a, "/identities/links", one_member(a, "state", state),
		    &answer, e))
		return -1;
	return need(&answer, "url", url, e);
}

/* The town's own number goes into the town's cache, and nowhere else. */
static int
keep_number(struct lab *l, struct arena *a, const char *id, const char *number,
	struct err *e)
{
	json_t *j = json_object(), *list = json_array(), *one = json_object();
	struct question q = { TOWN, TOWN_LINK, "PUT", TOWN_CACHE "/users", NULL,
		NULL };
	struct api_answer answer;

	json_put_str(one, "id", id);
	json_put_str(one, "userId", number);
	json_array_append_new(list, one);
	json_put_new(j, "users", list);
	q.body = body_of(a, j);
	return ask(l, a, &q, &answer, e);
}

int
town_link_finish(struct lab *l, struct arena *a, const char *ticket,
	const char *number, struct err *e)
{
	struct api_answer answer;
	const char *id, *body;

	if (town_posts(l, a, "/identities/inquiry",
		    one_member(a, "ticket", ticket), &answer, e) ||
		need(&answer, "id", &id, e))
		return -1;
	body = one_member(a, "id", id);
	return keep_number(l, a, id, number, e) ||
			       town_posts(l, a, "/identities/completion", body,
				       &answer, e) ||
			       town_posts(l, a, "/identities/link-completion",
				       body, &answer, e)
		       ? -1
		       : 0;
}

/* ---- the company ---- */

/* The declaration of a service of the town, as the center lists it. */
static int
find_service(struct lab *l, struct arena *a, const char *code, const char **id,
	struct err *e)
{
	char *target = arena_printf(a, TOWN_SERVICES TOWN_SYSTEM "/%s", code);
	struct question q = { FIRM, FIRM_CLIENT, "GET",
		CENTER_SERVICE "/services", NULL, NULL };
	struct api_answer answer;
	json_t *one;
	size_t i;

	if (ask(l, a, &q, &answer, e))
		return -1;
	json_each(one, i, json_list(answer.json, "services")) {
		if (str_equal(json_str(one, "target"), target))
			return json_need_str(one, "id", SITE_BODY_MAX, id, e);
	}
	return fail(e, FAULT_NOT_FOUND,
		"the center has no declaration of the town's service");
}

int
firm_ask(struct lab *l, struct arena *a, const char *code, const char **url,
	const char **reference, struct err *e)
{
	json_t *j = json_object(), *list = json_array(), *one = json_object();
	struct question q = { FIRM, FIRM_CLIENT, "POST",
		CENTER_SERVICE "/consent-requests", NULL, NULL };
	struct api_answer answer;
	const char *service;

	json_put_str(j, "purpose", INCOME_PURPOSE);
	json_put_new(j, "services", list);
	json_array_append_new(list, one);
	json_put_int(one, "days", 30);
	json_keep(a, j);
	if (find_service(l, a, code, &service, e))
		return -1;
	json_put_str(one, "service", service);
	q.body = body_of(a, json_incref(j));
	if (ask(l, a, &q, &answer, e) || need(&answer, "url", url, e))
		return -1;
	return json_need_str(
		json_array_get(json_list(answer.json, "consents"), 0),
		"reference", SITE_BODY_MAX, reference, e);
}

int
firm_subject(struct lab *l, struct arena *a, const char *reference,
	const char **person, struct err *e)
{
	struct question q = { FIRM, FIRM_CLIENT, "GET",
		arena_printf(a, CENTER_SERVICE "/consents/%s", reference), NULL,
		NULL };
	struct api_answer consent;

	if (ask(l, a, &q, &consent, e))
		return -1;
	*person = json_str(consent.json, "subject");
	if (!*person)
		*person = "unknown"; /* nobody has opened the link yet */
	return 0;
}

int
firm_fetch(struct lab *l, struct arena *a, const char *reference,
	struct api_answer *out, struct err *e)
{
	struct question q = { FIRM, FIRM_CLIENT, "GET",
		TOWN_SERVICES TOWN_SYSTEM "/" INCOME_SERVICE, NULL, NULL };

	if (firm_subject(l, a, reference, &q.person, e))
		return -1;
	return send_question(l, a, &q, out, e);
}
