/* SPDX-License-Identifier: MIT */
/*
 * civetweb's TLS seam (civetweb.c includes this file where its own mbedTLS
 * glue stood) and the head of a request. Types and functions have the names
 * that civetweb.c calls; the work is done in http_glue.c over trust/tls.h.
 */
#include "tls.h"

typedef struct tls_conn SSL;
typedef struct {
	int unused; /* the context is the listener's: see glue_accept() */
} SSL_CTX;

/* Codes civetweb.c compares with; the glue never returns them. */
#define MBEDTLS_ERR_SSL_WANT_READ         (-0x6900)
#define MBEDTLS_ERR_SSL_WANT_WRITE        (-0x6880)
#define MBEDTLS_ERR_SSL_ASYNC_IN_PROGRESS (-0x6500)

int glue_accept(void *worker, int fd, struct tls_conn **out);
void glue_close(void *worker, struct tls_conn *c);
int glue_read(void *worker, struct tls_conn *c, void *p, int n);
int glue_write(void *worker, struct tls_conn *c, const void *p, int n);
int glue_head_length(void *worker, const char *p, int n);
int glue_head(void *worker, char *p, int n, struct mg_request_info *info);

void glue_queue_put(void *server, const void *item, size_t n, int fd,
	const struct sockaddr *from);
int glue_queue_take(void *worker, void *item);
int glue_body_begin(void *worker);
int glue_body_end(void *worker, int n);
int glue_reply_begin(void *worker);
int glue_reply_end(void *worker, int n);

#define mbed_sslctx_init(ctx, file)    ((void)(ctx), (void)(file), 0)
#define mbed_sslctx_uninit(ctx)        ((void)(ctx))
#define mbed_ssl_accept(ssl, ctx, sock, phys) \
	glue_accept(mg_get_thread_pointer(NULL), *(sock), (ssl))
#define mbed_ssl_close(ssl)            glue_close(mg_get_thread_pointer(NULL), (ssl))
#define mbed_ssl_read(ssl, p, n) \
	glue_read(mg_get_thread_pointer(NULL), (ssl), (p), (n))
#define mbed_ssl_write(ssl, p, n) \
	glue_write(mg_get_thread_pointer(NULL), (ssl), (p), (n))
#define mbedtls_ssl_get_bytes_avail(s) (tls_pending(s) ? INT_MAX : 0)
