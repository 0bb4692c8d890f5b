/* SPDX-License-Identifier: MIT */
/* The end of certificates in log, mail and API; see expirybook.h. */
#include "expirybook.h"

#include "cert.h"
#include "clock.h"
#include "digest.h"
#include "expiry.h"
#include "json_io.h"
#include "log.h"
#include "mem.h"
#include "text.h"

static const struct {
	const char *word, *name[2]; /* English, Japanese */
} KIND[] = {
	[EXPIRY_SIGN] = { "signing",
		{ "signing certificate", "署名用証明書" } },
	[EXPIRY_AUTH] = { "authentication",
		{ "authentication certificate", "認証用証明書" } },
	[EXPIRY_INTERNAL] = { "internal_tls",
		{ "internal TLS certificate", "内部 TLS 証明書" } },
	[EXPIRY_CA] = { "certification_authority",
		{ "certification authority", "認証局証明書" } },
	[EXPIRY_OCSP] = { "ocsp_responder",
		{ "OCSP responder", "OCSP レスポンダ証明書" } },
	[EXPIRY_TSA] = { "timestamping_authority",
		{ "time-stamping authority", "タイムスタンプ局証明書" } },
	[EXPIRY_SOURCE] = { "configuration_source",
		{ "signing key of the configuration",
			"グローバル設定の署名鍵" } },
};

static char *
hash_of(struct arena *a, const struct cert *c)
{
	struct digest d;

	cert_digest(c, DIGEST_SHA256, &d);
	return hex_encode(a, d.value, d.len);
}

static void
say(const struct expiry_book *b, struct arena *a, const struct watched *w,
	int threshold)
{
	int64_t days = expiry_days(cert_not_after(w->cert), clock_now());
	const char *subject = cert_subject_text(w->cert, a);
	const char *name = KIND[w->kind].name[0];
	const char *arg[WORDING_ARGS] = { NULL, subject,
		arena_printf(a, "%lld", (long long)days),
		KIND[w->kind].name[b->japanese] };
	char until[TIME_TEXT_MAX];

	time_iso(until, cert_not_after(w->cert));
	if (threshold == EXPIRY_PAST)
		log_error("%s %s has expired (%s)", name, subject, until);
	else
		log_warning("%s %s expires in %lld days (%s)", name, subject,
			(long long)days, until);
	b->mail(b->ctx, w->who,
		threshold == EXPIRY_PAST ? WORDING_EXPIRED : WORDING_EXPIRES,
		arg);
}

int
expiry_tell(const struct expiry_book *b, struct arena *a,
	const struct watched *w, struct err *e)
{
	int threshold = expiry_threshold(cert_not_after(w->cert), clock_now());
	const char *hash;
	int before;

	if (threshold == EXPIRY_FAR)
		return 0;
	hash = hash_of(a, w->cert);
	if (b->told(b->ctx, hash, &before, e))
		return -1;
	if (threshold >= before)
		return 0;
	say(b, a, w, threshold);
	return b->remember(b->ctx, hash, threshold, e);
}

json_t *
expiry_json(struct arena *a, const struct watched *w)
{
	int64_t end = cert_not_after(w->cert), now = clock_now();
	json_t *j = json_object();
	char until[TIME_TEXT_MAX];

	json_put_str(j, "kind", KIND[w->kind].word);
	json_put_str(j, "subject", cert_subject_text(w->cert, a));
	json_put_str(j, "hash", hash_of(a, w->cert));
	json_put_str(j, "not_after", time_iso_ms(until, end));
	json_put_int(j, "days_left", expiry_days(end, now));
	json_put_bool(j, "warning", expiry_threshold(end, now) != EXPIRY_FAR);
	return j;
}
