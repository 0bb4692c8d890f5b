/* SPDX-License-Identifier: MIT */
/*
 * The third security server of the test network, played by hand: it speaks the
 * transport with TLS, signs what it likes with whatever key it has, and breaks
 * one rule at a time. As a client it sends messages to the firm; as a server
 * it answers the town.
 */
#pragma once

#include "net.h"

#include "proxy_int.h"

/* A signature over these bytes, in the arena. */
typedef struct signature evil_sign_fn(
	void *ctx, struct arena *a, struct bytes head, struct bytes body);

/* What is wrong with a message; everything zero is a good one. */
struct trick {
	/* the TLS peer */
	const struct party *tls; /* NULL: evil's own */
	bool no_tls_cert;
	bool no_tls_ocsp;
	const struct bytes *tls_ocsp; /* NULL: good, now */
	/* who says it */
	const struct client_id *client; /* NULL: EVIL_FAKE */
	const char *path;               /* NULL: /r1/JP/COM/2000/Data/fake */
	/* the signature */
	const struct party *signer;    /* certificate; NULL: evil's own */
	struct key *key;               /* signs really; NULL: the signer's */
	const struct bytes *ocsp;      /* NULL: good, now */
	const struct signature *other; /* this one instead */
	evil_sign_fn *sign;            /* or this one's */
	void *sign_ctx;
	/* the transport */
	const char *method, *hash, *type; /* NULL: the right ones */
	const char *version;              /* x-proxy-version; NULL: 7.8.0 */
	bool no_hash, no_message, no_signature, after_signature;
	bool fault_part, no_end, cut;
	bool fault_head;   /* instead of the message; requests only */
	bool other_body;   /* not the one that was signed */
	size_t body;       /* bytes; SOAP: of an attachment */
	bool no_part;      /* signed, not sent */
	bool extra_part;   /* SOAP: an attachment nobody signed */
	bool no_boundary;  /* SOAP: the original content type has none */
	const char *plain; /* text/xml instead of a multipart */
	const char *head;  /* the SOAP or REST part, instead of a good one */
	size_t flood;      /* so many more lines in the HTTP header */
	bool ask_soap;     /* requests only: SOAP, of the service fakeSoap */
	/* answers only */
	bool early;             /* before the request is read; REST */
	int status;             /* 0: 200 */
	const char *fault_code; /* of fault_part */
	bool other_hash, other_id, other_client;
	bool no_request_hash; /* SOAP */
	bool soap;            /* set by the server itself */
};

struct evil {
	struct net *n;
	struct http_client *http;
	struct http_server *peer, *responder;
	struct ocspstore *store;
	pthread_mutex_t lock; /* guards what follows */
	struct trick trick;
	int requests;      /* whole messages that arrived */
	size_t ocsps;      /* of the last one */
	const char *names; /* of the header of the last answer, blanks around */
	struct bytes last_xml, last_result, last_chain; /* own signature */
	struct arena *a;                                /* of those */
};

void evil_open(struct evil *v, struct net *n);
void evil_close(struct evil *v);
/* The server's door presents this certificate from now on. */
void evil_door(struct evil *v, const struct party *p);
/* What the responder on the OCSP port says about a certificate. */
void evil_ocsp(struct evil *v, const struct cert *c, struct bytes der);

/* Sends a request to the firm. The fault's code, "" for a signed answer, "-"
   when there was none at all. The signature made is remembered. */
const char *evil_send(struct evil *v, const struct trick *t);
/* The next answers to the town are like this. */
void evil_answer(struct evil *v, const struct trick *t);
int evil_requests(struct evil *v);
/* The signature made last, copied. */
struct signature evil_last(struct evil *v);
