/* SPDX-License-Identifier: MIT */
/*
 * Fetching a service description from where the operator said it is.
 */
#include "description_int.h"

#include <string.h>

#include "err.h"
#include "http_client.h"
#include "mem.h"
#include "server_int.h"
#include "text.h"

static int
anyone(void *ctx, struct cert_list chain, struct err *e)
{
	(void)ctx, (void)chain, (void)e;
	return 0;
}

static size_t
scheme_len(const char *url)
{
	return strcspn(url, ":/?#");
}

static bool
is_absolute(const char *url)
{
	return url[scheme_len(url)] == ':' && scheme_len(url) > 0;
}

/* Removes "." and ".." segments of a path (RFC 3986 section 5.2.4). */
static char *
dots_removed(struct arena *a, const char *path)
{
	char *out = arena_alloc(a, strlen(path) + 2), *end = out;

	while (*path) {
		size_t n = 1 + strcspn(path + 1, "/");
		bool last = !path[n];

		if ((n == 2 && path[1] == '.') ||
			(n == 3 && path[1] == '.' && path[2] == '.')) {
			while (n == 3 && end > out && *--end != '/')
				;
			if (last)
				*end++ = '/';
		} else {
			memcpy(end, path, n);
			end += n;
		}
		path += n;
	}
	*end = '\0';
	return out;
}

/* The path of ref merged with that of base, query and all. */
static char *
merged(struct arena *a, const char *path, size_t path_len, const char *ref)
{
	size_t n = strcspn(ref, "?#");
	const char *dir;

	if (*ref == '/')
		return arena_printf(a, "%s%s",
			dots_removed(a, arena_strndup(a, ref, n)), ref + n);
	if (!n) /* a query or a fragment only */
		return arena_printf(a, "%.*s%s", (int)path_len, path, ref);
	while (path_len && path[path_len - 1] != '/')
		path_len--;
	dir = path_len ? arena_strndup(a, path, path_len) : "/";
	return arena_printf(a, "%s%s",
		dots_removed(a, arena_printf(a, "%s%.*s", dir, (int)n, ref)),
		ref + n);
}

char *
url_resolve(struct arena *a, const char *base, const char *ref)
{
	size_t scheme = scheme_len(base), host;
	const char *path;

	if (!*ref)
		return arena_strdup(a, base);
	if (is_absolute(ref))
		return arena_strdup(a, ref);
	if (str_prefix(ref, "//"))
		return arena_printf(a, "%.*s:%s", (int)scheme, base, ref);
	host = scheme + strlen("://");
	if (strlen(base) < host)
		return arena_strdup(a, ref);
	path = base + host + strcspn(base + host, "/?#");
	return arena_printf(a, "%.*s%s", (int)(path - base), base,
		merged(a, path, strcspn(path, "?#"), ref));
}

char *
url_path(struct arena *a, const char *url)
{
	const char *p = strstr(url, "://");
	size_t scheme = strcspn(url, "/?#");

	if (p && p == url + scheme - 1)
		p += strlen("://");
	else
		p = str_prefix(url, "//") ? url + 2 : NULL;
	p = p ? p + strcspn(p, "/?#") : url;
	return arena_printf(a, "%.*s", (int)strcspn(p, "?#"), p);
}

static int
get(struct server *s, struct arena *a, const char *url, struct http_answer *out,
	struct err *e)
{
	const struct http_call call = {
		.method = "GET",
		.url = arena_strndup(a, url, strcspn(url, "#")),
		.answer_max = DESCRIPTION_MAX,
		.connect_timeout_ms = DESCRIPTION_TIMEOUT_MS,
		.total_timeout_ms = 2 * DESCRIPTION_TIMEOUT_MS,
		.tls = service_tls(s, a),
		.judge = anyone,
	};

	return http_call(s->http, a, &call, out, e);
}

/* Where the answer sends us: NULL when nowhere we would go. */
static char *
redirected(struct arena *a, const char *url, const struct http_answer *answer)
{
	const char *to = answer_header(answer, "Location");
	char *next;

	if (answer->status < 301 || answer->status > 308 ||
		(answer->status > 303 && answer->status < 307) || !to)
		return NULL;
	next = url_resolve(a, url, to);
	if (scheme_len(next) != scheme_len(url) || !str_iprefix(next, "http"))
		return NULL;
	return next;
}

int
description_fetch(struct server *s, struct arena *a, const char *url,
	struct bytes *out, struct err *e)
{
	struct http_answer answer;
	char *next;

	for (int i = 0; i <= DESCRIPTION_REDIRECTS; i++) {
		if (get(s, a, url, &answer, e))
			return -1;
		next = redirected(a, url, &answer);
		if (!next)
			break;
		url = next;
	}
	if (answer.status != 200)
		return fail(
			e, FAULT_HTTP, "%s answered %d", url, answer.status);
	*out = answer.body;
	return 0;
}
