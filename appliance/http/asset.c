/* SPDX-License-Identifier: MIT */
/*
 * Web pages out of the binary, or out of a folder while they are being
 * written. No inline script, no frames, no outside resource.
 */
#include <stdlib.h>
#include <string.h>

#include "asset.h"
#include "digest.h"
#include "err.h"
#include "file.h"
#include "http_server.h"
#include "mem.h"
#include "text.h"

enum { ASSET_MAX = 16 * 1024 * 1024, HASH_LETTERS = 8 };

static const struct http_header fixed_headers[] = {
	{ "Content-Security-Policy",
		"default-src 'self'; base-uri 'none'; form-action 'self'; "
		"frame-ancestors 'none'; object-src 'none'" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
	{ "Referrer-Policy", "no-referrer" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
};
enum { FIXED = sizeof(fixed_headers) / sizeof(*fixed_headers), OWN = 5 };

struct mime {
	const char *suffix, *type;
};
/* The same rows as in packaging/embed/assets.pl. */
static const struct mime mimes[] = {
	{ ".css", "text/css; charset=utf-8" },
	{ ".html", "text/html; charset=utf-8" },
	{ ".ico", "image/x-icon" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".json", "application/json" },
	{ ".png", "image/png" },
	{ ".svg", "image/svg+xml" },
	{ ".txt", "text/plain; charset=utf-8" },
	{ ".webmanifest", "application/manifest+json" },
	{ ".woff2", "font/woff2" },
	{ ".yaml", "application/yaml" },
};

static const char *
mime_of(const char *path)
{
	for (size_t i = 0; i < sizeof(mimes) / sizeof(*mimes); i++)
		if (str_suffix(path, mimes[i].suffix))
			return mimes[i].type;
	return "application/octet-stream";
}

static int
compare(const void *key, const void *entry)
{
	return strcmp(key, ((const struct asset *)entry)->path);
}

/* "/assets/index-Bx3k_9Qz.js": the name changes with the content. */
static bool
name_is_hashed(const char *path)
{
	const char *file = strrchr(path, '/');
	const char *dot = file ? strchr(file, '.') : NULL;
	size_t n = dot ? (size_t)(dot - file) : 0;

	if (!str_prefix(path, "/assets/") || n < HASH_LETTERS + 2 ||
		dot[-HASH_LETTERS - 1] != '-')
		return false;
	for (int i = 1; i <= HASH_LETTERS; i++) {
		char c = dot[-i];
		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			    (c >= 'a' && c <= 'z') || c == '_' || c == '-'))
			return false;
	}
	return true;
}

/* Only plain names: nothing that could leave the folder. */
static bool
path_is_plain(const char *path)
{
	if (*path != '/' || strstr(path, "/."))
		return false;
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == '%' || *p == '\\')
			return false;
	return true;
}

static const struct asset *
from_dir(struct arena *a, const char *dir, const char *path, struct err *e)
{
	struct asset *out = arena_new_of(a, struct asset);
	struct digest d;
	struct bytes data;

	if (!path_is_plain(path)) {
		fail(e, FAULT_NOT_FOUND, "there is no page %s", path);
		return NULL;
	}
	if (file_read(a, path_join(a, dir, path + 1), ASSET_MAX, &data, e))
		return NULL;
	digest_of(DIGEST_SHA256, data.data, data.len, &d);
	*out = (struct asset){ .path = path,
		.mime = mime_of(path),
		.etag = arena_printf(
			a, "\"%s\"", hex_encode(a, d.value, d.len)),
		.begin = data.data,
		.end = data.data + data.len };
	return out;
}

static const struct asset *
from_table(const struct asset_table *t, const char *path, struct err *e)
{
	const struct asset *found = NULL;

	if (t->n)
		found = bsearch(
			path, t->asset, t->n, sizeof(*t->asset), compare);
	if (!found)
		fail(e, FAULT_NOT_FOUND, "there is no page %s", path);
	return found;
}

/* RFC 9110 section 13.1.2; our tags are strong, weak marks are ignored. */
static bool
peer_has(const struct request *r, const char *etag)
{
	const char *has = request_header(r, "If-None-Match");

	return has && (str_equal(has, "*") || strstr(has, etag));
}

/* RFC 9110 section 12.5.3, as browsers write it: "gzip, deflate, br". */
static bool
takes_gzip(const struct request *r)
{
	const char *all = request_header(r, "Accept-Encoding");
	const char *at = all ? strstr(all, "gzip") : NULL;

	if (!at)
		return false;
	at += strlen("gzip");
	at += strspn(at, " \t");
	if (*at != ';')
		return true;
	at += 1 + strspn(at + 1, " \t");
	if (!str_prefix(at, "q="))
		return true;
	at += 2;
	return strcspn(at, "123456789") < strspn(at, "0123456789.");
}

/* The same page in another form has another tag: tags are strong. */
static const char *
tag_of(struct request *r, const struct asset *page, bool packed)
{
	size_t n = strlen(page->etag) - 1;

	return packed ? arena_printf(request_arena(r), "%.*s-gz\"", (int)n,
				page->etag)
		      : page->etag;
}

static struct bytes
between(const unsigned char *begin, const unsigned char *end)
{
	return bytes_of(begin, (size_t)(end - begin));
}

int
asset_serve(struct request *r, const struct asset_table *t, const char *dir,
	struct err *e)
{
	const char *path = request_path(r);
	struct http_header h[FIXED + OWN];
	const struct asset *page;
	size_t n = FIXED;
	bool packed;

	if (str_equal(path, "/"))
		path = "/index.html";
	page = *dir ? from_dir(request_arena(r), dir, path, e)
		    : from_table(t, path, e);
	if (!page)
		return -1;
	packed = page->packed && takes_gzip(r);
	memcpy(h, fixed_headers, sizeof(fixed_headers));
	h[n++] = (struct http_header){ "Content-Type", page->mime };
	h[n++] = (struct http_header){ "ETag", tag_of(r, page, packed) };
	h[n++] = (struct http_header){ "Cache-Control",
		name_is_hashed(path) ? "public, max-age=31536000, immutable"
				     : "no-cache" };
	if (page->packed)
		h[n++] = (struct http_header){ "Vary", "Accept-Encoding" };
	if (peer_has(r, tag_of(r, page, packed)))
		return reply_send_headers(r, 304, h, n, bytes_of("", 0), e);
	if (!packed)
		return reply_send_headers(
			r, 200, h, n, between(page->begin, page->end), e);
	h[n++] = (struct http_header){ "Content-Encoding", "gzip" };
	return reply_send_headers(
		r, 200, h, n, between(page->packed, page->packed_end), e);
}
