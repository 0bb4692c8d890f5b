/* SPDX-License-Identifier: MIT */
/*
 * The HTTPS door of an adapter that is a machine of its own: whoever comes in
 * shows a certificate of the file `client-certificates`, which is the internal
 * certificate of the security server. Certificates are compared as they are, as
 * X-Road's servers do it: no authority, no period. The file is read again when
 * it changes; a certificate that is gone from it is refused at the next
 * request, also on a connection that is kept.
 */
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "adapter_int.h"
#include "cert.h"
#include "digest.h"
#include "err.h"
#include "file.h"
#include "identity.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "tls.h"

enum { CLIENTS_MAX = 64, CLIENTS_BYTES_MAX = 512 * 1024 };

struct clients {
	struct arena *arena;
	struct bytes der[CLIENTS_MAX];
	size_t n;
};

struct secure_door {
	const char *path;
	struct http_server *http;
	struct tls *tls;
	pthread_mutex_t lock; /* guards clients */
	struct clients *clients;
	struct stat stamp; /* of the job */
};

static void
clients_free(struct clients **c)
{
	if (!*c)
		return;
	arena_free(&(*c)->arena);
	mem_free(*c);
	*c = NULL;
}

/* Certificates in PEM one after the other; other text between them is passed
   over. */
static int
read_all(struct clients *c, struct bytes text, struct err *e)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	static const char end[] = "-----END CERTIFICATE-----";
	const char *p = (const char *)text.data, *stop;
	struct cert *cert = NULL;

	for (; (p = strstr(p, begin)); p = stop) {
		stop = strstr(p, end);
		if (!stop)
			return fail(e, FAULT_CONFIG,
				"a certificate has no end: %s is missing", end);
		stop += strlen(end);
		if (c->n == CLIENTS_MAX)
			return fail(e, FAULT_CONFIG,
				"more than %d certificates", CLIENTS_MAX);
		if (cert_parse(&cert, bytes_of(p, stop - p), e))
			return -1;
		c->der[c->n].len = cert_der(cert).len;
		c->der[c->n].data = arena_memdup(
			c->arena, cert_der(cert).data, cert_der(cert).len);
		c->n++;
		cert_unref(&cert);
	}
	return c->n ? 0 : fail(e, FAULT_CONFIG, "no certificate in it");
}

static int
clients_read(struct clients **out, const char *path, struct err *e)
{
	struct clients *c = mem_alloc(sizeof(*c));
	struct err why = ERR_INIT;
	struct bytes text;

	c->arena = arena_new();
	if (file_read(c->arena, path, CLIENTS_BYTES_MAX, &text, &why) ||
		read_all(c, text, &why)) {
		clients_free(&c);
		return fail(e, FAULT_CONFIG,
			"tls-port lets in only security servers whose "
			"certificates are in %s: %s",
			path, why.text);
	}
	*out = c;
	return 0;
}

static void
put_on(struct secure_door *d, struct clients *next)
{
	struct clients *before;

	pthread_mutex_lock(&d->lock);
	before = d->clients;
	d->clients = next;
	pthread_mutex_unlock(&d->lock);
	clients_free(&before);
}

void
secure_look(struct secure_door *d)
{
	struct clients *next;
	struct err e = ERR_INIT;
	struct stat st = { 0 };

	if (!d)
		return;
	(void)stat(d->path, &st);
	if (st.st_mtim.tv_sec == d->stamp.st_mtim.tv_sec &&
		st.st_mtim.tv_nsec == d->stamp.st_mtim.tv_nsec &&
		st.st_size == d->stamp.st_size && st.st_ino == d->stamp.st_ino)
		return;
	d->stamp = st;
	if (clients_read(&next, d->path, &e)) {
		log_err("client certificates stay as they were", &e);
		return;
	}
	log_info("%zu client certificates are in force", next->n);
	put_on(d, next);
}

static bool
may_come(struct secure_door *d, const struct cert *cert)
{
	bool found = false;

	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < d->clients->n && !found; i++)
		found = bytes_equal(d->clients->der[i], cert_der(cert));
	pthread_mutex_unlock(&d->lock);
	return found;
}

/* Before every handler of this door. */
static int
guard(struct request *r, unsigned flags, void *state, struct err *e)
{
	struct adapter *ad = state;
	struct cert_list certs = request_certs(r);
	struct arena *a = request_arena(r);
	struct digest d;

	(void)flags;
	if (!certs.n)
		return fail(e, FAULT_SSL_AUTH,
			"this address is for security servers that show their "
			"certificate");
	if (may_come(ad->secure, certs.item[0]))
		return 0;
	cert_digest(certs.item[0], DIGEST_SHA256, &d);
	log_warning("data services: %s came with a certificate that is not in "
		    "%s: %s, SHA-256 %s",
		request_peer(r), ad->secure->path,
		cert_subject_text(certs.item[0], a),
		hex_encode(a, d.value, d.len));
	return fail(e, FAULT_SSL_AUTH,
		"the certificate shown is not one of client-certificates");
}

static int
make_tls(struct tls **out, const struct conf *c, struct err *e)
{
	const struct identity_plan plan = { conf_text(c, P_DATA_DIR),
		"adapter-tls", conf_text(c, P_NODE_ADDRESS), KEY_RSA };
	const struct tls_options o = { .policy = TLS_SERVICE,
		.client_auth = TLS_AUTH_OPTIONAL };

	return dir_make(conf_text(c, P_DATA_DIR), e) ||
			       identity_serve(&plan, &o, out, e)
		       ? -1
		       : 0;
}

void
secure_close(struct secure_door **d)
{
	if (!*d)
		return;
	http_stop(&(*d)->http);
	tls_unref(&(*d)->tls);
	clients_free(&(*d)->clients);
	pthread_mutex_destroy(&(*d)->lock);
	mem_free(*d);
	*d = NULL;
}

int
secure_open(struct adapter *ad, const struct listener *as, struct err *e)
{
	struct secure_door *d;
	struct listener l = *as;

	if (!conf_int(ad->conf, P_ADAPTER_TLS_PORT))
		return 0;
	d = mem_alloc(sizeof(*d));
	pthread_mutex_init(&d->lock, NULL);
	d->path = conf_text(ad->conf, P_ADAPTER_CLIENTS);
	if (!*d->path)
		d->path = conf_data_path(ad->conf, "adapter-clients.pem");
	ad->secure = d;
	l.name = "data services, HTTPS";
	l.address = conf_text(ad->conf, P_ADAPTER_TLS_ADDRESS);
	l.port = (int)conf_int(ad->conf, P_ADAPTER_TLS_PORT);
	l.guard = guard;
	(void)stat(d->path, &d->stamp);
	if (clients_read(&d->clients, d->path, e) ||
		make_tls(&d->tls, ad->conf, e))
		return -1;
	l.tls = d->tls;
	return http_serve(&d->http, &l, e);
}
