/* SPDX-License-Identifier: MIT */
/*
 * A push parser for multipart bodies (RFC 2046 section 5.1) with limits. Bytes
 * come in any pieces; what could be the beginning of a delimiter is held back
 * until it is decided. CRLF and LF line ends are understood; the line end in
 * front of a delimiter belongs to the delimiter.
 * Rule: interop/xroad-messages.md 2.5.
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"
#include "transport.h"

/* Line end, "--", boundary, "--", padding a sender may leave, line end. */
enum { PADDING_MAX = 64, HOLD_MAX = 2 + 2 + MIME_BOUNDARY_MAX + PADDING_MAX };

enum state {
	STATE_DATA,   /* inside a body or the preamble */
	STATE_CR,     /* CR held: a line end may follow */
	STATE_MATCH,  /* at the start of a line that may be a delimiter */
	STATE_TAIL,   /* boundary complete: what stands behind it? */
	STATE_HEADER, /* lines of a part's header */
	STATE_DONE,   /* closing delimiter seen */
};

struct mime_reader {
	struct mime_handler handler;
	void *ctx;
	enum state state;
	bool in_part;
	char dash[2 + MIME_BOUNDARY_MAX + 1]; /* "--boundary" */
	size_t dash_len;
	char hold[HOLD_MAX];
	size_t held, matched; /* matched: of dash */
	struct buf line;      /* header line so far */
	size_t header_bytes;
	struct arena *a; /* headers of this part */
	struct mime_header *header;
	size_t headers, header_cap, parts;
};

/* ---- life ---- */

static bool
boundary_ok(const char *s)
{
	size_t n = s ? strlen(s) : 0;

	return n > 0 && n <= MIME_BOUNDARY_MAX && strcspn(s, "\r\n") == n &&
	       s[n - 1] != ' ';
}

int
mime_reader_new(struct mime_reader **out, const char *content_type,
	const struct mime_handler *h, void *ctx, struct err *e)
{
	struct arena *a = arena_new();
	const char *base = mime_base(a, content_type);
	const char *boundary = mime_param(a, content_type, "boundary");
	struct mime_reader *r;
	int ret = -1;

	*out = NULL;
	if (!str_prefix(base, "multipart/") || !boundary_ok(boundary)) {
		fail(e, FAULT_INVALID_CONTENT_TYPE,
			"the content type is not a multipart with a "
			"boundary");
		goto out;
	}
	r = mem_alloc(sizeof(*r));
	r->handler = *h;
	r->ctx = ctx;
	r->state = STATE_MATCH;
	r->dash_len = 2 + strlen(boundary);
	memcpy(r->dash, "--", 2);
	memcpy(r->dash + 2, boundary, r->dash_len - 2);
	buf_init(&r->line, MIME_LINE_MAX + 2);
	r->a = arena_new();
	*out = r;
	ret = 0;
out:
	arena_free(&a);
	return ret;
}

void
mime_reader_free(struct mime_reader **r)
{
	struct mime_reader *old = *r;

	*r = NULL;
	if (!old)
		return;
	buf_done(&old->line);
	arena_free(&old->a);
	mem_free(old);
}

/* ---- bodies ---- */

static int
data_out(struct mime_reader *r, const char *p, size_t n, struct err *e)
{
	if (n == 0 || !r->in_part)
		return 0;
	return r->handler.part_data(r->ctx, p, n, e);
}

/* What was held back is data after all. */
static int
hold_flush(struct mime_reader *r, struct err *e)
{
	size_t n = r->held;

	r->held = 0;
	r->state = STATE_DATA;
	return data_out(r, r->hold, n, e);
}

static void
hold_add(struct mime_reader *r, char c)
{
	r->hold[r->held++] = c;
}

static void
match_start(struct mime_reader *r)
{
	r->state = STATE_MATCH;
	r->matched = 0;
}

/* The next line end that may belong to a delimiter. */
static const char *
delimiter_find(const char *s, const char *end)
{
	const char *nl = memchr(s, '\n', (size_t)(end - s));

	while (nl && nl + 1 < end && nl[1] != '-')
		nl = memchr(nl + 1, '\n', (size_t)(end - nl - 1));
	return nl;
}

/* Data up to such a line end; returns what was eaten. */
static int
feed_data(struct mime_reader *r, const char **p, const char *end, struct err *e)
{
	const char *s = *p;
	const char *nl = delimiter_find(s, end), *stop;

	stop = nl ? nl : end;
	if (stop > s && stop[-1] == '\r')
		stop--;
	if (data_out(r, s, (size_t)(stop - s), e) != 0)
		return -1;
	*p = nl ? nl + 1 : end;
	for (; stop < *p; stop++)
		hold_add(r, *stop);
	if (nl)
		match_start(r);
	else if (r->held > 0)
		r->state = STATE_CR;
	return 0;
}

/* A byte after a held CR. */
static int
feed_cr(struct mime_reader *r, const char **p, struct err *e)
{
	if (**p != '\n')
		return hold_flush(r, e);
	hold_add(r, *(*p)++);
	match_start(r);
	return 0;
}

static int
feed_match(struct mime_reader *r, const char **p, struct err *e)
{
	if (**p != r->dash[r->matched])
		return hold_flush(r, e);
	hold_add(r, *(*p)++);
	if (++r->matched == r->dash_len)
		r->state = STATE_TAIL;
	return 0;
}

static int
part_close(struct mime_reader *r, bool last, struct err *e)
{
	bool open = r->in_part;

	r->in_part = false;
	r->held = 0;
	r->matched = 0;
	r->state = last ? STATE_DONE : STATE_HEADER;
	if (open && r->handler.part_end(r->ctx, e) != 0)
		return -1;
	if (last)
		return 0;
	if (++r->parts > MIME_PARTS_MAX)
		return fail(e, FAULT_LIMIT,
			"the multipart has more than %d parts", MIME_PARTS_MAX);
	arena_reset(r->a);
	r->headers = r->header_cap = 0;
	r->header = NULL;
	r->header_bytes = 0;
	buf_reset(&r->line);
	return 0;
}

/* What is held behind the boundary. */
static const char *
hold_tail(const struct mime_reader *r, size_t *n)
{
	const char *dash = memchr(r->hold, '-', r->held);
	const char *tail = dash + r->dash_len;

	*n = (size_t)(r->hold + r->held - tail);
	return tail;
}

/* Behind the boundary: "--" closes, blanks and a line end delimit, anything
   else was a longer line that only began like a delimiter. */
static int
feed_tail(struct mime_reader *r, const char **p, struct err *e)
{
	char c = **p;
	size_t n;
	const char *tail = hold_tail(r, &n);

	if (c == '\n' && (n == 0 || tail[0] != '-')) {
		(*p)++;
		return part_close(r, false, e);
	}
	if (c == '-' && n == 1 && tail[0] == '-') {
		(*p)++;
		return part_close(r, true, e);
	}
	if (r->held == HOLD_MAX ||
		!(c == '-' ? n == 0 : c == ' ' || c == '\t' || c == '\r') ||
		(n > 0 && tail[0] == '-'))
		return hold_flush(r, e);
	hold_add(r, c);
	(*p)++;
	return 0;
}

/* ---- headers ---- */

static int
header_fold(struct mime_reader *r, const char *line, struct err *e)
{
	struct mime_header *h;

	if (r->headers == 0)
		return fail(e, FAULT_MIME_PARSING,
			"a part header begins with a continuation");
	h = &r->header[r->headers - 1];
	h->value = arena_printf(r->a, "%s%s", h->value, line);
	return 0;
}

static struct mime_header *
header_new(struct mime_reader *r)
{
	enum { FIRST = 8 };
	struct mime_header *old = r->header;

	if (r->headers == r->header_cap) {
		r->header_cap = r->header_cap ? 2 * r->header_cap : FIRST;
		r->header =
			arena_array(r->a, r->header_cap, sizeof(*r->header));
		if (r->headers)
			memcpy(r->header, old, r->headers * sizeof(*old));
	}
	return &r->header[r->headers++];
}

static int
header_add(struct mime_reader *r, const char *line, struct err *e)
{
	const char *colon = strchr(line, ':');
	char *name, *value;

	if (!colon || colon == line)
		return fail(e, FAULT_MIME_PARSING,
			"a line of a part header is malformed");
	if (r->headers == MIME_HEADERS_MAX)
		return fail(e, FAULT_LIMIT, "a part has more than %d headers",
			MIME_HEADERS_MAX);
	name = str_trim(arena_strndup(r->a, line, (size_t)(colon - line)));
	value = str_trim(arena_strdup(r->a, colon + 1));
	*header_new(r) = (struct mime_header){ name, value };
	return 0;
}

static int
part_open(struct mime_reader *r, struct err *e)
{
	r->in_part = true;
	match_start(r);
	return r->handler.part_begin(r->ctx, r->header, r->headers, e);
}

/* Is the header line itself a delimiter? 0 no, 1 delimiter, 2 closing. */
static int
line_delimiter(const struct mime_reader *r, const char *line)
{
	const char *tail = line + r->dash_len;

	if (strncmp(line, r->dash, r->dash_len) != 0)
		return 0;
	if (str_prefix(tail, "--"))
		return 2;
	return strspn(tail, " \t") == strlen(tail) ? 1 : 0;
}

static int
line_done(struct mime_reader *r, struct err *e)
{
	char *line = r->line.data;
	size_t n = r->line.len;
	int kind;

	if (n > 0 && line[n - 1] == '\r')
		line[--n] = '\0';
	if (strlen(line) != n || strchr(line, '\r'))
		return fail(e, FAULT_MIME_PARSING,
			"a part header has a NUL or a lone CR");
	kind = line_delimiter(r, line);
	if (n == 0)
		return part_open(r, e);
	if (kind > 0) {
		if (part_open(r, e) != 0)
			return -1;
		return part_close(r, kind == 2, e);
	}
	return *line == ' ' || *line == '\t' ? header_fold(r, line, e)
					     : header_add(r, line, e);
}

static int
feed_header(
	struct mime_reader *r, const char **p, const char *end, struct err *e)
{
	const char *nl = memchr(*p, '\n', (size_t)(end - *p));
	size_t n = (size_t)((nl ? nl : end) - *p);

	r->header_bytes += n + 1;
	if (r->line.len + n > MIME_LINE_MAX ||
		r->header_bytes > MIME_HEADER_MAX)
		return fail(e, FAULT_MIME_PARSING,
			"the header of a part is too long");
	buf_add(&r->line, *p, n);
	*p = nl ? nl + 1 : end;
	if (!nl)
		return 0;
	if (line_done(r, e) != 0)
		return -1;
	buf_reset(&r->line);
	return 0;
}

/* ---- the machine ---- */

int
mime_feed(struct mime_reader *r, const void *data, size_t n, struct err *e)
{
	const char *p = data, *end = p + n;
	int bad = 0;

	while (p < end && !bad) {
		if (r->state == STATE_DATA)
			bad = feed_data(r, &p, end, e);
		else if (r->state == STATE_CR)
			bad = feed_cr(r, &p, e);
		else if (r->state == STATE_MATCH)
			bad = feed_match(r, &p, e);
		else if (r->state == STATE_TAIL)
			bad = feed_tail(r, &p, e);
		else if (r->state == STATE_HEADER)
			bad = feed_header(r, &p, end, e);
		else
			break; /* the epilogue is ignored */
	}
	return bad ? -1 : 0;
}

int
mime_end(struct mime_reader *r, struct err *e)
{
	if (r->state == STATE_DONE)
		return 0;
	/* a delimiter without line end: the part before it is whole */
	if (r->state == STATE_TAIL && r->in_part && part_close(r, false, e))
		return -1;
	return fail(e, FAULT_MIME_PARSING,
		"the multipart ended before its closing delimiter");
}

int
mime_end_nested(struct mime_reader *r, struct err *e)
{
	if (r->state == STATE_HEADER)
		return mime_end(r, e);
	if (!r->in_part)
		return 0;
	if (r->state != STATE_TAIL && hold_flush(r, e))
		return -1;
	return part_close(r, true, e);
}
