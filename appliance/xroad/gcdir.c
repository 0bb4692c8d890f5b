/* SPDX-License-Identifier: MIT */
/*
 * Reading a signed configuration directory: find the signed bytes, verify
 * them, only then look inside. Rule: interop/xroad-center-admin.md 1.4; the
 * order of the checks decides which fault is reported.
 */
#include <string.h>

#include "cert.h"
#include "clock.h"
#include "err.h"
#include "gcdir.h"
#include "key.h"
#include "mem.h"
#include "text.h"
#include "transport.h"

enum { HEADERS_MAX = 32, VERSION_MAX = 1000 };

#define BINARY "application/octet-stream"

/* What is left to read. */
struct scan {
	const char *p, *end;
};
struct header_block {
	const char *name[HEADERS_MAX];
	const char *value[HEADERS_MAX];
	size_t n;
};
struct reader {
	struct arena *a;
	struct err *e;
	struct header_block head; /* of the block read last */
	struct gcdir *out;
	struct gcdir_part *part;
};

/* ---- lines and delimiters ---- */

/* One line without its end (CRLF or LF). False at the end of the data. */
static bool
line_next(struct scan *s, const char **line, size_t *n)
{
	const char *nl;

	if (s->p == s->end)
		return false;
	nl = memchr(s->p, '\n', (size_t)(s->end - s->p));
	*line = s->p;
	*n = (size_t)((nl ? nl : s->end) - s->p);
	s->p = nl ? nl + 1 : s->end;
	if (*n > 0 && (*line)[*n - 1] == '\r')
		(*n)--;
	return true;
}

/* 0 no delimiter, 1 delimiter, 2 closing delimiter. */
static int
delimiter_kind(const char *line, size_t n, const char *boundary)
{
	size_t b = strlen(boundary);

	while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	if (n < b + 2 || memcmp(line, "--", 2) != 0 ||
		memcmp(line + 2, boundary, b) != 0)
		return 0;
	if (n == b + 2)
		return 1;
	return n == b + 4 && memcmp(line + b + 2, "--", 2) == 0 ? 2 : 0;
}

/* Reads up to the next delimiter: the bytes before the line end in front of
   it in *body. Returns its kind, 0 when the data ended first. */
static int
delimiter_find(struct scan *s, const char *boundary, struct bytes *body)
{
	const char *start = s->p, *line, *end;
	size_t n;
	int kind;

	while (line_next(s, &line, &n)) {
		kind = delimiter_kind(line, n, boundary);
		if (kind == 0)
			continue;
		end = line;
		if (end > start && end[-1] == '\n')
			end--;
		if (end > start && end < line && end[-1] == '\r')
			end--;
		*body = bytes_of(start, (size_t)(end - start));
		return kind;
	}
	*body = bytes_of(start, (size_t)(s->end - start));
	return 0;
}

/* ---- headers ---- */

static void
header_take(struct reader *r, const char *line, size_t n)
{
	struct header_block *h = &r->head;
	const char *colon = memchr(line, ':', n);
	char *value;

	if (!colon || h->n == HEADERS_MAX)
		return;
	value = arena_strndup(r->a, colon + 1, n - (size_t)(colon - line) - 1);
	h->name[h->n] = arena_strndup(r->a, line, (size_t)(colon - line));
	h->value[h->n++] = str_trim(value);
}

/* A block of headers up to a blank line, or to a delimiter that stands where
   the blank line should be. */
static void
headers_read(struct reader *r, struct scan *s, const char *boundary)
{
	const char *line;
	struct scan before = *s;
	size_t n;

	r->head.n = 0;
	while (line_next(s, &line, &n)) {
		if (n == 0)
			return;
		if (boundary && delimiter_kind(line, n, boundary)) {
			*s = before;
			return;
		}
		header_take(r, line, n);
		before = *s;
	}
}

/* The last header of this name, or NULL. */
static const char *
header_get(const struct reader *r, const char *name)
{
	size_t i;

	for (i = r->head.n; i > 0; i--)
		if (str_iequal(r->head.name[i - 1], name))
			return r->head.value[i - 1];
	return NULL;
}

static int
header_need(struct reader *r, const char *name, const char **out)
{
	*out = header_get(r, name);
	if (*out && **out)
		return 0;
	return fail(
		r->e, FAULT_GC_HEADER_MISSING, "header %s is missing", name);
}

static int
header_is(struct reader *r, const char *name, const char *want)
{
	const char *value;

	if (header_need(r, name, &value) != 0)
		return -1;
	if (str_equal(value, want))
		return 0;
	return fail(
		r->e, FAULT_GC_HEADER_WRONG, "header %s is not %s", name, want);
}

/* Parameter in double, single or no quotes. */
static const char *
param_get(struct reader *r, const char *value, const char *name)
{
	char *s = mime_param(r->a, value, name);
	size_t n = s ? strlen(s) : 0;

	if (n >= 2 && s[0] == '\'' && s[n - 1] == '\'') {
		s[n - 1] = '\0';
		s++;
	}
	return s;
}

static const char *
value_base(struct reader *r, const char *value)
{
	return str_trim(arena_strndup(r->a, value, strcspn(value, ";")));
}

/* ---- the signature ---- */

/* The certificate whose hash the signature part names. */
static int
cert_find(struct reader *r, const struct bytes *cert, size_t certs,
	struct cert **out)
{
	const char *value, *uri;
	struct bytes want;
	enum digest_alg alg;
	size_t i;

	if (header_need(r, "Verification-certificate-hash", &value) != 0)
		return -1;
	uri = param_get(r, value, "hash-algorithm-id");
	if (!uri || !*uri)
		return fail(r->e, FAULT_GC_HEADER_PARAM_MISSING,
			"Verification-certificate-hash has no "
			"hash-algorithm-id");
	alg = digest_by_uri(uri);
	value = value_base(r, value);
	if (alg == DIGEST_NONE ||
		base64_decode(r->a, value, strlen(value), &want, NULL) != 0)
		return fail(r->e, FAULT_GC_HEADER_WRONG,
			"Verification-certificate-hash is not understood");
	for (i = 0; i < certs; i++) {
		struct digest d;

		if (cert_parse(out, cert[i], NULL) != 0)
			continue;
		cert_digest(*out, alg, &d);
		if (bytes_equal(bytes_of(d.value, d.len), want))
			return 0;
		cert_unref(out);
	}
	return fail(r->e, FAULT_GC_NO_CERT,
		"no known certificate has the hash %.120s", value);
}

static int
signature_check(struct reader *r, struct bytes data, struct bytes signature,
	const struct bytes *cert, size_t certs)
{
	struct cert *c = NULL;
	const char *uri;
	struct sign_alg alg;
	int ret = -1;

	if (header_is(r, "Content-Type", BINARY) != 0 ||
		header_is(r, "Content-Transfer-Encoding", "base64") != 0 ||
		header_need(r, "Signature-Algorithm-Id", &uri) != 0 ||
		cert_find(r, cert, certs, &c) != 0)
		return -1;
	if (sign_alg_by_uri(uri, &alg, NULL) != 0 || alg.digest == DIGEST_SHA1)
		fail(r->e, FAULT_GC_SIGNATURE,
			"signature algorithm %.120s is not accepted", uri);
	else if (signature.len == 0 ||
		 key_verify(cert_key(c), alg, data, signature, NULL) != 0)
		fail(r->e, FAULT_GC_SIGNATURE,
			"the signature of the directory does not verify");
	else
		ret = 0;
	cert_unref(&c);
	return ret;
}

/* ---- inside the signed bytes ---- */

static int
first_part(struct reader *r, int64_t now)
{
	const char *date, *version = header_get(r, "Version");
	int64_t v = 2;

	if (header_need(r, "Expire-date", &date) != 0)
		return -1;
	if (time_parse(date, &r->out->expires, NULL) != 0)
		return fail(r->e, FAULT_GC_HEADER_WRONG,
			"Expire-date is not a time");
	if (now > r->out->expires)
		return fail(r->e, FAULT_GLOBAL_CONF_OUTDATED,
			"the configuration expired at %.60s", date);
	if (version && int_parse(version, 2, VERSION_MAX, &v, NULL) != 0)
		return fail(r->e, FAULT_GC_HEADER_WRONG,
			"Version is not understood");
	r->out->version = (int)v;
	return 0;
}

/* A plain file name: nothing that leads elsewhere. */
static bool
name_safe(const char *s)
{
	size_t i;

	for (i = 0; s[i]; i++)
		if ((unsigned char)s[i] <= ' ' || s[i] == '/' || s[i] == '\\' ||
			s[i] == 0x7f)
			return false;
	return i > 0 && i <= 255 && s[0] != '.';
}

static bool
location_safe(const char *s)
{
	const char *p;

	if (s[0] != '/' || s[1] == '/' || strstr(s, "/../") ||
		str_suffix(s, "/.."))
		return false;
	for (p = s; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '\\')
			return false;
	return true;
}

static int
names_read(struct reader *r, struct gcdir_part *p)
{
	const char *id = header_get(r, "Content-identifier");

	if (header_need(r, "Content-location", &p->location) != 0)
		return -1;
	p->file_name = header_get(r, "Content-file-name");
	if (!p->file_name && strrchr(p->location, '/'))
		p->file_name = strrchr(p->location, '/') + 1;
	if (!location_safe(p->location) || !name_safe(p->file_name))
		return fail(r->e, FAULT_GC_HEADER_WRONG,
			"Content-location or Content-file-name is not usable");
	p->identifier = id ? value_base(r, id) : "";
	p->instance = id ? param_get(r, id, "instance") : NULL;
	if (p->instance && *p->instance == '\0')
		p->instance = NULL;
	if (!p->instance &&
		(str_equal(p->identifier, "PRIVATE-PARAMETERS") ||
			str_equal(p->identifier, "SHARED-PARAMETERS")))
		return fail(r->e, FAULT_GC_HEADER_PARAM_MISSING,
			"Content-identifier has no instance");
	return 0;
}

static int
digest_read(struct reader *r, struct bytes body, struct gcdir_part *p)
{
	const char *uri;
	struct bytes raw;

	if (header_need(r, "Hash-algorithm-id", &uri) != 0)
		return -1;
	p->digest.alg = digest_by_uri(uri);
	if (p->digest.alg == DIGEST_NONE || p->digest.alg == DIGEST_SHA1)
		return fail(r->e, FAULT_GC_HEADER_WRONG,
			"Hash-algorithm-id %.120s is not accepted", uri);
	if (base64_decode(
		    r->a, (const char *)body.data, body.len, &raw, NULL) != 0 ||
		raw.len != digest_size(p->digest.alg))
		return fail(r->e, FAULT_GC_PART_DIGEST,
			"the digest of %s is malformed", p->location);
	p->digest.len = raw.len;
	memcpy(p->digest.value, raw.data, raw.len);
	return 0;
}

static int
content_part(struct reader *r, struct bytes body)
{
	struct gcdir_part *p = &r->part[r->out->parts];

	if (r->out->parts == GC_DIR_PARTS_MAX)
		return fail(r->e, FAULT_MALFORMED_GLOBAL_CONF,
			"the directory has more than %d parts",
			GC_DIR_PARTS_MAX);
	if (header_is(r, "Content-type", BINARY) != 0 ||
		header_is(r, "Content-transfer-encoding", "base64") != 0 ||
		names_read(r, p) != 0 || digest_read(r, body, p) != 0)
		return -1;
	r->out->parts++;
	return 0;
}

static int
inside_read(
	struct reader *r, struct bytes data, const char *boundary, int64_t now)
{
	struct scan s = { (const char *)data.data,
		(const char *)data.data + data.len };
	struct bytes body;
	bool first = true;
	int kind = boundary ? delimiter_find(&s, boundary, &body) : 0;

	r->part = arena_array(r->a, GC_DIR_PARTS_MAX, sizeof(*r->part));
	r->out->part = r->part;
	if (kind != 1)
		return fail(r->e, FAULT_GC_HEADER_MISSING,
			"the directory has no Expire-date");
	while (kind == 1) {
		headers_read(r, &s, boundary);
		kind = delimiter_find(&s, boundary, &body);
		if ((first ? first_part(r, now) : content_part(r, body)) != 0)
			return -1;
		first = false;
	}
	return 0;
}

int
gcdir_verify(struct arena *a, struct bytes dir, const struct bytes *cert,
	size_t certs, int64_t now, struct gcdir *out, struct err *e)
{
	struct reader r = { .a = a, .e = e, .out = out };
	struct scan s = { (const char *)dir.data,
		(const char *)dir.data + dir.len };
	struct bytes body, data, signature;
	const char *outer, *inner;

	*out = (struct gcdir){ 0 };
	if (dir.len > GC_DIR_MAX)
		return fail(e, FAULT_TOO_LARGE,
			"the directory is larger than %d bytes", GC_DIR_MAX);
	headers_read(&r, &s, NULL);
	outer = mime_param(a, header_get(&r, "Content-Type"), "boundary");
	if (!outer || !*outer || delimiter_find(&s, outer, &body) != 1)
		return fail(e, FAULT_GC_NO_SIGNED_DATA,
			"the directory has no signed part");
	headers_read(&r, &s, outer);
	inner = mime_param(a, header_get(&r, "Content-Type"), "boundary");
	if (delimiter_find(&s, outer, &data) != 1)
		return fail(e, FAULT_GC_NO_EXPIRY,
			"nothing follows the signed part");
	headers_read(&r, &s, outer);
	delimiter_find(&s, outer, &body);
	if (base64_decode(a, (const char *)body.data, body.len, &signature,
		    NULL) != 0)
		return fail(e, FAULT_GC_SIGNATURE_DECODE,
			"the signature is not valid base64");
	if (signature_check(&r, data, signature, cert, certs) != 0)
		return -1;
	return inside_read(&r, data, inner && *inner ? inner : NULL, now);
}

int
gcdir_check_part(
	const struct gcdir_part *p, struct bytes content, struct err *e)
{
	struct digest d;

	digest_of(p->digest.alg, content.data, content.len, &d);
	if (digest_equal(&d, &p->digest))
		return 0;
	return fail(e, FAULT_GC_PART_DIGEST,
		"%s does not have the digest the directory names", p->location);
}
