/* SPDX-License-Identifier: MIT */
/*
 * The configuration client's pieces: where to ask (gcsource.c), what came
 * (gcpart.c), what is kept (gccache.c). Rule: xroad-center-admin.md 1.3-1.8.
 */
#pragma once

#ifndef IN_SERVER
# error "confclient_int.h is private to appliance/server"
#endif

#include "bundle.h"
#include "gcdir.h"
#include "server_int.h"

enum {
	GC_URL_MAX = 512,
	GC_LOCATIONS_MAX = 64,
	GC_VERSIONS_KEPT = 16,
	GC_NAME_MAX = 128,
};

/* ---- gcsource.c ---- */
struct gc_location {
	const char *url;
	const struct bytes *cert; /* DER */
	size_t certs;
};
/* Remembers which version a location offered. Used by one thread. */
struct gc_versions {
	struct {
		char url[GC_URL_MAX];
		int version;
	} row[GC_VERSIONS_KEPT];
	size_t next;
	bool skew_told;      /* that our clock differs; until it does not */
	int64_t ahead, seen; /* s by which it does; when (ms), 0: never */
};
struct gc_source_call {
	const struct conf *conf;
	struct http_client *http;
	struct tls *tls;            /* NULL: https locations are left out */
	const struct bundle *roots; /* NULL: any certificate will do */
	struct gc_versions *versions;
};
/* What the parameters say of https: both stay NULL when it is not used, roots
   when any certificate will do. tls_unref() and bundle_close() afterwards. */
int gc_tls_open(const struct conf *c, struct tls **tls, struct bundle **roots,
	struct err *e);
/* In the order of trying: `last` (may be ""), sources of known parameters
   (may be NULL), then the anchor's. */
size_t gc_locations(struct arena *a, const struct gc_source_call *call,
	const struct gc_anchor *anchor, const struct shared_params *known,
	const char *last, struct gc_location out[GC_LOCATIONS_MAX]);
/* The directory in the newest version the location offers. */
int gc_directory(struct arena *a, const struct gc_source_call *call,
	const char *url, struct bytes *out, struct err *e);
/* A part: location is an absolute path on the same host, or a whole URL. */
int gc_part_get(struct arena *a, const struct gc_source_call *call,
	const char *url, const char *location, struct bytes *out,
	struct err *e);

/* The time of an HTTP answer (RFC 9110 5.6.7, the form in use): seconds, or
   -1. */
int64_t gc_http_date(const char *s);

/* ---- gccache.c ---- */
struct gc_file {                /* a part and its metadata */
	const char *identifier; /* SHARED-PARAMETERS ... */
	const char *instance;
	const char *name; /* plain file name */
	const char *location;
	int version;
	int64_t expires; /* ms */
	struct bytes content;
	bool same; /* the file on disk has this content already */
};
/* FAULT_NOT_FOUND, or the file with its metadata. */
int gc_cache_read(struct arena *a, const char *dir, const char *instance,
	const char *name, struct gc_file *out, struct err *e);
/* Writes all of one instance; what else lies in its folder is deleted. */
int gc_cache_write(const char *dir, const char *instance,
	const struct gc_file *file, size_t n, struct err *e);
/* Says which instance is ours and removes the folders of all but the named. */
int gc_cache_own(const char *dir, const char *instance,
	const char *const *others, size_t n, struct err *e);
/* FAULT_NOT_FOUND when nothing was ever kept. */
int gc_cache_load(struct arena *a, const char *dir, char **instance,
	struct gc_file *shared, struct gc_file *private_part, struct err *e);

/* ---- gcpart.c ---- */
struct gc_round {
	struct arena *a;
	const struct gc_source_call *call;
	const char *dir;      /* cache */
	const char *instance; /* of the anchor */
	const struct gc_location *from;
	bool shared_only;     /* a partner's external source */
	struct gc_file *file; /* result, in the order of the directory */
	size_t n;
};
/* Everything of one location: verified, fetched, parsed; -1 leaves the round
   without result. */
int gc_round_run(struct gc_round *r, struct err *e);
/* Result's part by identifier, or NULL. */
const struct gc_file *gc_round_file(
	const struct gc_round *r, const char *identifier);

/* ---- gcpartner.c ---- */
enum { GC_PARTNERS_MAX = 64 };
struct gc_partner {
	const char *instance;
	struct gc_file shared;
};
/* The allowed partners of these private parameters: downloaded, or as kept
   (call NULL: only as kept). How many. */
size_t gc_partners(struct arena *a, const struct conf *conf,
	const struct gc_source_call *call, const char *dir, const char *own,
	struct bytes private_part, struct gc_partner out[GC_PARTNERS_MAX]);

#define GC_SHARED  "SHARED-PARAMETERS"
#define GC_PRIVATE "PRIVATE-PARAMETERS"
