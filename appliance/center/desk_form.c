/* SPDX-License-Identifier: MIT */
/*
 * Administration: bodies of multipart/form-data, as X-Road's central server
 * takes files with their settings.
 */
#include "desk_int.h"

#include <string.h>

#include "http_server.h"
#include "mem.h"
#include "text.h"
#include "transport.h"

enum { FORM_PARTS_MAX = 32 };

int
desk_form(struct request *r, struct form *f, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *type = request_header(r, "Content-Type");
	struct err why = ERR_INIT;
	struct bytes body;

	f->a = a;
	if (request_body(r, &body, e))
		return -1;
	if (!str_equal(mime_base(a, type ? type : ""), "multipart/form-data") ||
		mime_split(
			a, type, body, FORM_PARTS_MAX, &f->part, &f->n, &why))
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"the body must be multipart/form-data");
	return 0;
}

static const struct mime_part *
part_find(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++) {
		const char *d =
			mime_part_header(&f->part[i], "content-disposition");

		if (d && str_equal(mime_param(f->a, d, "name"), name))
			return &f->part[i];
	}
	return NULL;
}

bool
form_file(const struct form *f, const char *name, struct bytes *out)
{
	const struct mime_part *p = part_find(f, name);

	*out = p ? p->body : (struct bytes){ 0 };
	return out->len > 0;
}

int
form_need_file(const struct form *f, const char *name, struct bytes *out,
	struct err *e)
{
	if (form_file(f, name, out))
		return 0;
	return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
		"the file \"%s\" is missing", name);
}

int
form_text(const struct form *f, const char *name, size_t max, const char **out,
	struct err *e)
{
	const struct mime_part *p = part_find(f, name);

	if (!p)
		return 0;
	if (p->body.len > max ||
		!utf8_valid((const char *)p->body.data, p->body.len) ||
		memchr(p->body.data, 0, p->body.len))
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"\"%s\" is not a text of at most %zu bytes", name, max);
	*out = arena_strndup(f->a, (const char *)p->body.data, p->body.len);
	return 0;
}

int
form_cert(const struct form *f, const char *name, struct cert **out,
	struct err *e)
{
	struct err why = ERR_INIT;
	struct bytes file;

	*out = NULL;
	if (!form_file(f, name, &file))
		return 0;
	if (cert_in_arena(f->a, file, out, &why))
		return refuse(e, FAULT_BAD_REQUEST,
			"cannot_convert_bytes_to_certificate",
			"the file is no certificate: %s", why.text);
	return 0;
}

int
desk_id(struct request *r, const char *segment, const char *code, int64_t *out,
	struct err *e)
{
	const char *text = request_segment(r, segment);

	if (int_parse(text ? text : "", 1, INT32_MAX, out, NULL))
		return refuse(e, FAULT_NOT_FOUND, code,
			"there is nothing of the number %s", text ? text : "");
	return 0;
}

struct db_arg
desk_cert_arg(const struct cert *c)
{
	struct bytes der = c ? cert_der(c) : (struct bytes){ 0 };

	return c ? db_blob(der.data, der.len) : db_null();
}

int
desk_run(struct center *ct, int query, const char *missing, struct err *e,
	struct db_arg one, struct db_arg two)
{
	struct db_conn *c = work_begin(ct, e);
	int64_t n;

	if (!c)
		return -1;
	n = db_run(c, query, e, one, two);
	if (!n)
		refuse(e, FAULT_NOT_FOUND, missing, "there is nothing of it");
	return work_done(ct, c, n > 0 ? 0 : -1, e);
}
