/* SPDX-License-Identifier: MIT */
/*
 * Where a request says whom it is about and why. A value must stand in one
 * place exactly once: a service that reads the other one of two would be asked
 * about somebody who gave no consent.
 */
#include "consent_int.h"

#include <string.h>

#include "err.h"
#include "ident.h"
#include "mem.h"
#include "rest.h"
#include "soap.h"
#include "text.h"
#include "xml.h"

static int
missing(struct err *e, const char *what, const char *name)
{
	return fail(e, FAULT_CONSENT_SUBJECT,
		"the service needs the person's consent, and the request has no "
		"%s \"%.200s\" that says who it is about or why: send it exactly "
		"once / 本人の同意が必要なサービスです。対象者または目的を示す値"
		"（%.200s）を1つだけ入れてください",
		what, name, name);
}

/* One value at most, of a length that we take. */
static int
one_value(const char *value, size_t n, const char *what, const char *name,
	const char **out, struct err *e)
{
	if (n != 1 || !value || !*value || strlen(value) > CONSENT_VALUE_MAX ||
		!utf8_valid(value, strlen(value)))
		return missing(e, what, name);
	*out = value;
	return 0;
}

/* What the service gets of it; NULL: nothing. */
static const struct segment *
body_of(const struct consent_message *m)
{
	return m->rest && m->body && m->body->len &&
			       rest_carries_body(m->rest->method)
		       ? m->body
		       : NULL;
}

/* ---- headers, queries ---- */

static int
find_header(struct arena *a, const struct consent_message *m, const char *name,
	const char **out, struct err *e)
{
	const struct rest_request *q = m->rest;
	const char *value = NULL;
	size_t n = 0;

	for (size_t i = 0; q && i < q->headers; i++)
		if (consent_name_like(q->header[i].name, name)) {
			value = q->header[i].value;
			n += str_iequal(q->header[i].name, name) ? 1 : 2;
		}
	return one_value(value ? str_trim(arena_strdup(a, value)) : NULL, n,
		"header", name, out, e);
}

/* Some services divide at semicolons, too. */
static int
count_query(struct arena *a, const char *p, const char *name,
	const char **value, size_t *n, struct err *e)
{
	*n = p && strchr(p, ';') ? 2 : 0;
	while (p && *p) {
		size_t len = strcspn(p, "&"), key_len = strcspn(p, "=&");
		const char *text = "";
		char *key, *decoded;

		if (form_decode(a, p, key_len, &key, e))
			return -1;
		if (key_len < len) {
			if (form_decode(a, p + key_len + 1, len - key_len - 1,
				    &decoded, e))
				return -1;
			text = decoded;
		}
		if (consent_name_like(key, name)) {
			*value = text;
			*n += str_equal(key, name) ? 1 : 2;
		}
		p += len + (p[len] != '\0');
	}
	return 0;
}

static int
find_query(struct arena *a, const struct consent_message *m, const char *name,
	const char **out, struct err *e)
{
	const char *value = NULL;
	size_t n = 0;

	if (body_of(m) && consent_body_form(a, m->rest))
		return missing(
			e, "body other than a form, but query parameter", name);
	if (m->rest && count_query(a, m->rest->query, name, &value, &n, NULL))
		return missing(e, "readable query parameter", name);
	return one_value(value, n, "query parameter", name, out, e);
}

/* ---- JSON ---- */

/* A text, or a whole number: others have more than one spelling. */
static int
scalar(struct arena *a, const json_t *v, const char *what, const char *name,
	const char **out, struct err *e)
{
	const char *text = NULL;

	if (json_is_string(v))
		text = arena_strdup(a, json_string_value(v));
	if (json_is_integer(v))
		text = arena_printf(
			a, "%lld", (long long)json_integer_value(v));
	return one_value(text, text ? 1 : 0, what, name, out, e);
}

/* The next piece, unescaped; NULL when an escape is none. */
static char *
pointer_piece(struct arena *a, const char *p, size_t len)
{
	char *piece = arena_alloc(a, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = p[i];

		if (c == '~') {
			if (++i == len || (p[i] != '0' && p[i] != '1'))
				return NULL;
			c = p[i] == '0' ? '~' : '/';
		}
		piece[n++] = c;
	}
	piece[n] = '\0';
	return piece;
}

/* NULL also when another member looks like it. */
static const json_t *
member_alone(const json_t *object, const char *name)
{
	const char *key;
	json_t *v;
	size_t n = 0;

	json_object_foreach((json_t *)(uintptr_t)object, key, v)
	{
		n += consent_member_like(key, name);
	}
	return n == 1 ? json_object_get(object, name) : NULL;
}

/* Of a list only the item that is alone: a service may read them all. */
static const json_t *
pointer_step(const json_t *v, const char *piece)
{
	if (json_is_object(v))
		return member_alone(v, piece);
	return json_array_size(v) == 1 && str_equal(piece, "0")
		       ? json_array_get(v, 0)
		       : NULL;
}

int
consent_pointer(struct arena *a, const json_t *doc, const char *pointer,
	const char **out, struct err *e)
{
	const char *p = pointer;
	const json_t *v = doc;

	while (v && *p == '/') {
		size_t len = strcspn(++p, "/");
		char *piece = pointer_piece(a, p, len);

		v = piece ? pointer_step(v, piece) : NULL;
		p += len;
	}
	return scalar(a, *p ? NULL : v, "JSON member", pointer, out, e);
}

/* The body as JSON; NULL in *out when there is none. */
static int
body_json(struct arena *a, const struct consent_message *m, json_t **out,
	struct err *e)
{
	const struct json_limits limits = { .bytes = CONSENT_BODY_MAX };
	struct bytes text;

	*out = NULL;
	if (!body_of(m))
		return 0;
	if (segment_load(a, m->body, CONSENT_BODY_MAX, &text, e) ||
		json_parse(a, text, &limits, out, e))
		return -1;
	return 0;
}

static int
find_json(struct arena *a, const struct consent_message *m, const char *name,
	const char **out, struct err *e)
{
	json_t *doc;

	if (body_json(a, m, &doc, NULL) ||
		(doc && !consent_body_is(a, m->rest, "json")))
		return missing(e,
			"readable JSON body of at most 1 MB, of a type of "
			"JSON, in UTF-8, not compressed, with",
			name);
	return consent_pointer(a, doc, name, out, e);
}

/* ---- XML ---- */

/* One step of a path: where its name is, with its namespace; false when it is
   none. */
struct step {
	const char *prefix, *local;
	const char *ns;
	bool attribute;
};

static bool
step_read(struct arena *a, const char *p, size_t len, const json_t *namespaces,
	struct step *out)
{
	char *text = arena_strndup(a, p, len), *colon;

	out->attribute = *text == '@';
	text += out->attribute;
	colon = strchr(text, ':');
	out->prefix = colon ? text : "";
	out->local = colon ? colon + 1 : text;
	out->ns = "";
	if (colon) {
		*colon = '\0';
		out->ns = json_str(namespaces, out->prefix);
	}
	return out->ns && *out->local && (!colon || *out->prefix) &&
	       !strpbrk(out->local, ":[]()*@|\"' \t\r\n=<>.");
}

enum { STEPS_MAX = 64 };

/* The steps of a path: how many, 0 when it is none. */
static size_t
path_read(struct arena *a, const char *path, const json_t *namespaces,
	struct step out[STEPS_MAX])
{
	const char *p = path;
	size_t n = 0;

	while (*p == '/') {
		size_t len = strcspn(++p, "/");

		if (n == STEPS_MAX || (n && out[n - 1].attribute) ||
			!step_read(a, p, len, namespaces, &out[n]))
			return 0;
		n++;
		p += len;
	}
	return *p || !n || out[0].attribute ? 0 : n;
}

int
consent_xpath_check(const char *path, const json_t *namespaces, struct err *e)
{
	struct arena *a = arena_new();
	struct step step[STEPS_MAX];
	size_t n = path_read(a, path, namespaces, step);

	arena_free(&a);
	return n ? 0
		 : fail(e, FAULT_BAD_REQUEST,
			   "\"%.200s\" is not an absolute path of elements "
			   "whose prefixes are among the namespaces, such as "
			   "/soap:Envelope/soap:Body/p:get/p:id or "
			   "/p:get/@id",
			   path);
}

struct walk {
	struct arena *a;
	const struct step *step;
	size_t steps;
	const char *value;
	size_t n;
};

static void
take_end(struct walk *w, struct xml_node *n)
{
	w->n += xml_is_plain(n) ? 1 : 2;
	w->value = str_trim(xml_text(n, w->a));
}

/* Many services go by local names alone. Blocks of a SOAP header belong to
   different specifications and may share a name. */
static bool
is_twin(struct xml_node *parent, struct xml_node *n, const struct step *s)
{
	return !str_equal(xml_ns(n), s->ns) &&
	       !xml_is(parent, NS_SOAP, "Header");
}

/* n fits the steps before `at`. Two are as bad as more. */
static void
walk(struct walk *w, struct xml_node *n, size_t at)
{
	const struct step *s = &w->step[at];
	struct xml_node *c;
	char *value;

	if (at == w->steps) {
		take_end(w, n);
		return;
	}
	if (s->attribute) {
		value = xml_attr(n, w->a, s->ns, s->local);
		w->n += value ? xml_attrs(n, s->local) : 0;
		w->value = value ? str_trim(value) : w->value;
		return;
	}
	for (c = xml_child(n, NULL, s->local); c && w->n < 2;
		c = xml_next(c, NULL, s->local))
		if (is_twin(n, c, s))
			w->n += 2;
		else if (str_equal(xml_ns(c), s->ns))
			walk(w, c, at + 1);
}

int
consent_xpath(struct arena *a, struct xml_node *root, const char *path,
	const json_t *namespaces, const char **out, struct err *e)
{
	struct step step[STEPS_MAX];
	struct walk w = { .a = a, .step = step };

	w.steps = path_read(a, path, namespaces, step);
	if (root && w.steps && xml_is(root, step[0].ns, step[0].local))
		walk(&w, root, 1);
	return one_value(w.value, w.n, "XML element", path, out, e);
}

static int
find_xpath(struct arena *a, const struct consent_message *m, const char *path,
	const json_t *namespaces, const char **out, struct err *e)
{
	struct xml_doc *doc = m->soap ? m->soap->doc : NULL;
	struct bytes text;

	if (body_of(m) && (!consent_body_is(a, m->rest, "xml") ||
				  segment_load(a, m->body, CONSENT_BODY_MAX,
					  &text, NULL) ||
				  xml_parse(a, text, NULL, &doc, NULL)))
		return missing(e,
			"readable XML body of at most 1 MB, of a type of XML, "
			"in UTF-8, not compressed, with",
			path);
	return consent_xpath(
		a, doc ? xml_root(doc) : NULL, path, namespaces, out, e);
}

/* ---- parameters of data services ---- */

/* In SOAP a child of the body's element, by its local name as the adapter
   reads it. */
static int
soap_parameter(struct arena *a, const struct soap *m, const char *name,
	const char **out, struct err *e)
{
	struct xml_node *n = xml_root(m->doc), *c;
	struct walk w = { .a = a };

	n = xml_child(n, xml_ns(n), "Body");
	n = n ? xml_child(n, NULL, NULL) : NULL;
	if (n)
		xml_each(c, n, NULL, name)
			take_end(&w, c);
	return one_value(w.value, w.n, "parameter", name, out, e);
}

/* The adapter reads parameters of GET in the query and those of POST in the
   JSON body, never both. */
static int
find_parameter(struct arena *a, const struct consent_message *m,
	const char *name, const char **out, struct err *e)
{
	const char *value = NULL;
	json_t *doc;
	size_t n = 0;

	if (m->soap)
		return soap_parameter(a, m->soap, name, out, e);
	if (count_query(a, m->rest->query, name, &value, &n, NULL) ||
		body_json(a, m, &doc, NULL))
		return missing(e, "readable parameter", name);
	if (!rest_carries_body(m->rest->method))
		return one_value(value, n, "parameter", name, out, e);
	if (doc && !consent_body_is(a, m->rest, "json"))
		return missing(e,
			"body of a type of JSON, in UTF-8, not compressed, with "
			"parameter",
			name);
	if (n)
		return missing(e, "parameter only in the body", name);
	return scalar(a, member_alone(doc, name), "parameter", name, out, e);
}

int
consent_find(struct arena *a, const struct consent_message *m,
	const struct consent_where *w, const json_t *namespaces,
	const char **out, struct err *e)
{
	static int (*const find[CONSENT_PLACES])(struct arena *,
		const struct consent_message *, const char *, const char **,
		struct err *) = {
		[CONSENT_HEADER] = find_header,
		[CONSENT_QUERY] = find_query,
		[CONSENT_JSON] = find_json,
		[CONSENT_PARAMETER] = find_parameter,
	};

	if (w->in == CONSENT_XPATH)
		return find_xpath(a, m, w->name, namespaces, out, e);
	if (find[w->in])
		return find[w->in](a, m, w->name, out, e);
	*out = w->name;
	return 0;
}
