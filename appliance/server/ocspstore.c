/* SPDX-License-Identifier: MIT */
/*
 * The newest OCSP response per certificate, by SHA-1 of the certificate as the
 * network asks for them (interop/xroad-messages.md 2.3, xroad-center-admin.md
 * 3.4). Verified responses are kept on disk as well and survive a restart;
 * what a peer said about itself stays in memory and never hides ours.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "digest.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "ocsp.h"
#include "ocspstore_int.h"
#include "server_int.h"
#include "text.h"

enum {
	BUCKETS = 256,
	PEER_ENTRIES_MAX = 4096, /* beyond it all of them are forgotten */
};

struct entry {
	struct entry *next;
	char sha1[SHA1_HEX + 1];
	bool peer;
	size_t len;
	uint8_t der[];
};

struct ocspstore {
	char *dir;
	pthread_mutex_t lock; /* guards the entries and responders */
	struct entry *bucket[BUCKETS];
	size_t peers;
	struct ocsp_responder responder[RESPONDERS_MAX];
	atomic_int_fast64_t generation; /* of our own responses */
};

void
cert_sha1_hex(const struct cert *c, char out[SHA1_HEX + 1])
{
	static const char HEX[] = "0123456789abcdef";
	struct digest d;

	cert_digest(c, DIGEST_SHA1, &d);
	for (size_t i = 0; i < d.len; i++) {
		out[2 * i] = HEX[d.value[i] >> 4];
		out[2 * i + 1] = HEX[d.value[i] & 15];
	}
	out[2 * d.len] = '\0';
}

static bool
is_sha1(const char *s)
{
	return strlen(s) == SHA1_HEX &&
	       strspn(s, "0123456789abcdef") == SHA1_HEX;
}

static struct entry **
bucket_of(struct ocspstore *s, const char *sha1)
{
	unsigned h = 0;

	for (const char *p = sha1; *p; p++)
		h = h * 31 + (unsigned char)*p;
	return &s->bucket[h % BUCKETS];
}

/* Needs the lock. */
static struct entry *
find(struct ocspstore *s, const char *sha1, bool peer)
{
	struct entry *x = *bucket_of(s, sha1);

	while (x && !(x->peer == peer && str_equal(x->sha1, sha1)))
		x = x->next;
	return x;
}

/* Needs the lock. */
static void
drop(struct ocspstore *s, const char *sha1, bool peer)
{
	for (struct entry **p = bucket_of(s, sha1); *p; p = &(*p)->next) {
		struct entry *x = *p;
		if (x->peer != peer || !str_equal(x->sha1, sha1))
			continue;
		*p = x->next;
		s->peers -= peer;
		mem_free(x);
		return;
	}
}

/* Needs the lock. */
static void
drop_peers(struct ocspstore *s)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct entry **p = &s->bucket[i]; *p;) {
			struct entry *x = *p;
			if (!x->peer) {
				p = &x->next;
				continue;
			}
			*p = x->next;
			mem_free(x);
		}
	s->peers = 0;
}

static void
put(struct ocspstore *s, const char *sha1, struct bytes der, bool peer)
{
	struct entry *x = mem_alloc(sizeof(*x) + der.len);
	struct entry **b = bucket_of(s, sha1);

	snprintf(x->sha1, sizeof(x->sha1), "%s", sha1);
	x->peer = peer;
	x->len = der.len;
	memcpy(x->der, der.data, der.len);
	pthread_mutex_lock(&s->lock);
	drop(s, sha1, peer);
	if (peer && s->peers >= PEER_ENTRIES_MAX)
		drop_peers(s);
	x->next = *b;
	*b = x;
	s->peers += peer;
	pthread_mutex_unlock(&s->lock);
	if (!peer)
		atomic_fetch_add(&s->generation, 1);
}

static int
load_one(void *ctx, const char *name)
{
	struct ocspstore *s = ctx;
	struct arena *a = arena_new();
	char sha1[SHA1_HEX + 1];
	struct bytes der;

	if (strlen(name) == SHA1_HEX + strlen(".ocsp") &&
		str_suffix(name, ".ocsp")) {
		snprintf(sha1, sizeof(sha1), "%s", name);
		if (is_sha1(sha1) && !file_read(a, path_join(a, s->dir, name),
					     OCSP_SIZE_MAX, &der, NULL))
			put(s, sha1, der, false);
	}
	arena_free(&a);
	return 0;
}

int
ocspstore_open(struct ocspstore **out, const char *dir, struct err *e)
{
	struct ocspstore *s = mem_alloc(sizeof(*s));

	s->dir = mem_dup(dir);
	pthread_mutex_init(&s->lock, NULL);
	atomic_init(&s->generation, 1);
	*out = s;
	if (dir_make(dir, e) || dir_each(dir, load_one, s, e)) {
		ocspstore_close(out);
		return -1;
	}
	return 0;
}

void
ocspstore_close(struct ocspstore **p)
{
	struct ocspstore *s = *p;

	*p = NULL;
	if (!s)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (s->bucket[i]) {
			struct entry *x = s->bucket[i];
			s->bucket[i] = x->next;
			mem_free(x);
		}
	pthread_mutex_destroy(&s->lock);
	mem_free(s->dir);
	mem_free(s);
}

int64_t
ocspstore_generation(struct ocspstore *s)
{
	return atomic_load(&s->generation);
}

int
ocspstore_get(struct ocspstore *s, struct arena *a, const char *sha1,
	struct bytes *out, struct err *e)
{
	struct entry *x;

	*out = (struct bytes){ 0 };
	if (!is_sha1(sha1))
		return fail(e, FAULT_NOT_FOUND, "that is no SHA-1 in hex");
	pthread_mutex_lock(&s->lock);
	x = find(s, sha1, false);
	if (!x)
		x = find(s, sha1, true);
	if (x)
		*out = bytes_of(arena_memdup(a, x->der, x->len), x->len);
	pthread_mutex_unlock(&s->lock);
	if (!out->data)
		return fail(e, FAULT_NOT_FOUND,
			"no OCSP response for certificate %s", sha1);
	return 0;
}

int
ocspstore_of(struct ocspstore *s, struct arena *a, const struct cert *c,
	struct bytes *out, struct err *e)
{
	char sha1[SHA1_HEX + 1];

	cert_sha1_hex(c, sha1);
	return ocspstore_get(s, a, sha1, out, e);
}

static int
size_ok(struct bytes der, struct err *e)
{
	if (!der.len || der.len > OCSP_SIZE_MAX)
		return fail(e, FAULT_TOO_LARGE, "an OCSP response of %zu bytes",
			der.len);
	return 0;
}

int
ocspstore_put(struct ocspstore *s, const struct cert *c, struct bytes der,
	struct err *e)
{
	struct arena *a = arena_new();
	char sha1[SHA1_HEX + 1];
	int ret;

	cert_sha1_hex(c, sha1);
	ret = size_ok(der, e);
	if (!ret) {
		put(s, sha1, der, false);
		ret = file_write(
			path_join(a, s->dir, arena_printf(a, "%s.ocsp", sha1)),
			der, FILE_PUBLIC, e);
	}
	arena_free(&a);
	return ret;
}

int
ocspstore_put_peer(struct ocspstore *s, const struct cert *c, struct bytes der,
	struct err *e)
{
	char sha1[SHA1_HEX + 1];

	if (size_ok(der, e))
		return -1;
	cert_sha1_hex(c, sha1);
	put(s, sha1, der, true);
	return 0;
}

/* ---- what responders did ---- */

/* Needs the lock. The responder's row, else the one asked longest ago. */
static struct ocsp_responder *
responder_row(struct ocspstore *s, const char *url)
{
	struct ocsp_responder *oldest = s->responder;

	for (size_t i = 0; i < RESPONDERS_MAX; i++) {
		if (str_equal(s->responder[i].url, url))
			return &s->responder[i];
		if (s->responder[i].last_try < oldest->last_try)
			oldest = &s->responder[i];
	}
	return oldest;
}

void
ocspstore_note(struct ocspstore *s, const char *url, const struct err *why)
{
	struct ocsp_responder *r;

	pthread_mutex_lock(&s->lock);
	r = responder_row(s, url);
	*r = (struct ocsp_responder){ .last_try = clock_now() };
	snprintf(r->url, sizeof(r->url), "%s", url);
	if (why)
		r->error = *why;
	pthread_mutex_unlock(&s->lock);
}

void
ocspstore_responder(
	struct ocspstore *s, const char *url, struct ocsp_responder *out)
{
	pthread_mutex_lock(&s->lock);
	*out = *responder_row(s, url);
	pthread_mutex_unlock(&s->lock);
	if (!str_equal(out->url, url))
		*out = (struct ocsp_responder){ .last_try = 0 };
}
