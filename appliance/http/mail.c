/* SPDX-License-Identifier: MIT */
/* Mails through libcurl; see mail.h. */
#include "mail.h"

#include <string.h>

#include <curl/curl.h>

#include "bundle.h"
#include "clock.h"
#include "err.h"
#include "mem.h"
#include "text.h"
#include "tls.h"

enum { MAIL_MAX = 256 * 1024, ADDRESS_MAX = 254, LINE = 57 };

struct delivery {
	const struct mail_server *to;
	CURL *curl;
	struct tls_slot slot;
	struct err why; /* the judge's */
	struct bytes left;
	char text[CURL_ERROR_SIZE];
};

bool
mail_address_ok(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.!#$%&'*+/=?^_`{|}~-";
	size_t n = s ? strspn(s, letters) : 0;

	return n && strlen(s) <= ADDRESS_MAX && s[n] == '@' && s[n + 1] &&
	       !s[n + 1 + strspn(s + n + 1, letters)];
}

/* ---- the message ---- */

/* RFC 2047: as many encoded words as it takes, each of whole characters. */
static void
put_subject(struct buf *b, struct arena *a, const char *s)
{
	enum { WORD = 42 };
	size_t n = strlen(s);

	buf_str(b, "Subject:");
	for (size_t at = 0; at < n;) {
		size_t len = n - at < WORD ? n - at : WORD;
		while (len && at + len < n &&
			((unsigned char)s[at + len] & 0xc0) == 0x80)
			len--;
		buf_fmt(b, "%s =?UTF-8?B?%s?=\r\n", "",
			base64_encode(a, s + at, len));
		at += len;
	}
	if (!n)
		buf_str(b, "\r\n");
}

static void
put_body(struct buf *b, struct arena *a, const char *text)
{
	size_t n = strlen(text);

	for (size_t at = 0; at < n; at += LINE)
		buf_fmt(b, "%s\r\n",
			base64_encode(
				a, text + at, n - at < LINE ? n - at : LINE));
}

/* RFC 5322 3.3, in UTC. */
static void
put_date(struct buf *b)
{
	static const char *const day[] = { "Thu", "Fri", "Sat", "Sun", "Mon",
		"Tue", "Wed" };
	static const char *const month[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t now = clock_seconds();
	struct civil c;

	civil_from_seconds(now, &c);
	buf_fmt(b, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n",
		day[now / 86400 % 7], c.day, month[c.month - 1], c.year, c.hour,
		c.minute, c.second);
}

static int
message_make(
	struct buf *b, struct arena *a, const struct mail *m, struct err *e)
{
	char id[UUID_LEN + 1];

	uuid_make(id);
	put_date(b);
	buf_fmt(b, "From: <%s>\r\nTo: <%s>\r\nMessage-ID: <%s%s>\r\n", m->from,
		m->to, id, strchr(m->from, '@'));
	put_subject(b, a, m->subject);
	buf_str(b, "MIME-Version: 1.0\r\n"
		   "Content-Type: text/plain; charset=UTF-8\r\n"
		   "Content-Transfer-Encoding: base64\r\n"
		   "Auto-Submitted: auto-generated\r\n\r\n");
	put_body(b, a, m->text);
	return buf_ok(b, "the mail", e);
}

/* ---- delivering ---- */

static size_t
on_read(char *p, size_t size, size_t n, void *ctx)
{
	struct delivery *d = ctx;
	size_t take = size * n < d->left.len ? size * n : d->left.len;

	memcpy(p, d->left.data, take);
	d->left = bytes_of(d->left.data + take, d->left.len - take);
	return take;
}

static int
judge(void *ctx, struct cert_list chain, struct err *e)
{
	const struct delivery *d = ctx;

	return d->to->roots ? bundle_verify(d->to->roots, chain, d->to->host, e)
			    : 0;
}

static CURLcode
on_tls(CURL *curl, void *config, void *ctx)
{
	struct delivery *d = ctx;

	(void)curl;
	tls_slot_done(&d->slot);
	return tls_client_apply(config, &d->slot) ? CURLE_SSL_CONNECT_ERROR
						  : CURLE_OK;
}

static void
set_up(struct delivery *d, struct arena *a, const struct mail *m,
	struct curl_slist *to)
{
	const struct mail_server *s = d->to;
	const char *open = strchr(s->host, ':') ? "[" : "";
	const char *close = *open ? "]" : "";

	curl_easy_setopt(d->curl, CURLOPT_URL,
		arena_printf(a, "%s://%s%s%s:%d",
			s->tls_at_once ? "smtps" : "smtp", open, s->host, close,
			s->port));
	curl_easy_setopt(d->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(d->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(d->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(d->curl, CURLOPT_ERRORBUFFER, d->text);
	curl_easy_setopt(d->curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	curl_easy_setopt(d->curl, CURLOPT_SSL_VERIFYPEER, 0L); /* judge() */
	curl_easy_setopt(d->curl, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(d->curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(
		d->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(d->curl, CURLOPT_SSL_CTX_FUNCTION, on_tls);
	curl_easy_setopt(d->curl, CURLOPT_SSL_CTX_DATA, d);
	if (s->username) {
		curl_easy_setopt(d->curl, CURLOPT_USERNAME, s->username);
		curl_easy_setopt(d->curl, CURLOPT_PASSWORD,
			s->password ? s->password : "");
	}
	curl_easy_setopt(
		d->curl, CURLOPT_MAIL_FROM, arena_printf(a, "<%s>", m->from));
	curl_easy_setopt(d->curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(d->curl, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(d->curl, CURLOPT_READDATA, d);
	curl_easy_setopt(d->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(d->curl, CURLOPT_CONNECTTIMEOUT_MS,
		(long)s->connect_timeout_ms);
	curl_easy_setopt(
		d->curl, CURLOPT_TIMEOUT_MS, (long)s->total_timeout_ms);
}

static int
outcome(struct delivery *d, CURLcode code, struct err *e)
{
	static const struct {
		CURLcode code;
		enum fault fault;
	} row[] = {
		{ CURLE_COULDNT_RESOLVE_HOST, FAULT_UNKNOWN_HOST },
		{ CURLE_COULDNT_CONNECT, FAULT_NETWORK },
		{ CURLE_SSL_CONNECT_ERROR, FAULT_SSL_AUTH },
		{ CURLE_PEER_FAILED_VERIFICATION, FAULT_SSL_AUTH },
		{ CURLE_USE_SSL_FAILED, FAULT_SSL_AUTH },
		{ CURLE_LOGIN_DENIED, FAULT_UNAUTHORIZED },
	};
	enum fault fault = FAULT_IO;

	if (code == CURLE_OK)
		return 0;
	if (err_set(&d->why))
		return fail(e, d->why.fault, "%s", d->why.text);
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		if (row[i].code == code)
			fault = row[i].fault;
	return fail(e, fault, "%s:%d: %s", d->to->host, d->to->port,
		*d->text ? d->text : curl_easy_strerror(code));
}

static int
deliver(struct delivery *d, struct arena *a, const struct mail *m,
	struct err *e)
{
	struct curl_slist *to =
		curl_slist_append(NULL, arena_printf(a, "<%s>", m->to));
	int ret;

	d->curl = curl_easy_init();
	d->slot = (struct tls_slot){
		.tls = d->to->tls, .e = &d->why, .judge = judge, .judge_ctx = d
	};
	set_up(d, a, m, to);
	ret = outcome(d, curl_easy_perform(d->curl), e);
	curl_easy_cleanup(d->curl);
	tls_slot_done(&d->slot);
	curl_slist_free_all(to);
	return ret;
}

int
mail_send(const struct mail_server *to, const struct mail *m, struct err *e)
{
	struct delivery d = { .to = to };
	struct arena *a;
	struct buf message;
	int ret = -1;

	if (!mail_address_ok(m->from) || !mail_address_ok(m->to))
		return fail(e, FAULT_BAD_REQUEST, "'%.100s' is no mail address",
			mail_address_ok(m->from) ? m->to : m->from);
	a = arena_new();
	buf_init(&message, MAIL_MAX);
	if (!message_make(&message, a, m, e)) {
		d.left = bytes_buf(&message);
		ret = deliver(&d, a, m, e);
	}
	buf_done(&message);
	arena_free(&a);
	return ret;
}
