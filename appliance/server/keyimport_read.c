/* SPDX-License-Identifier: MIT */
/*
 * Reads an X-Road key configuration and the software token beside it, and
 * proves that they belong together.
 */
#include <string.h>

#include "err.h"
#include "file.h"
#include "key.h"
#include "keyimport_int.h"
#include "keystore.h"
#include "mem.h"
#include "pkcs12.h"
#include "text.h"
#include "xml.h"

enum { KEYCONF_MAX = 16 * 1024 * 1024 };

static const struct word {
	const char *theirs, *ours;
} statuses[] = {
	{ "saved", "SAVED" },
	{ "registration in progress", "REGISTRATION_IN_PROGRESS" },
	{ "registered", "REGISTERED" },
	{ "deletion in progress", "DELETION_IN_PROGRESS" },
	{ "global error", "GLOBAL_ERROR" },
};

static void
drop_key(void *p)
{
	struct key *k = p;

	key_unref(&k);
}

static void
drop_cert(void *p)
{
	struct cert *c = p;

	cert_unref(&c);
}

static int
status_read(const char *text, const char **out, struct err *e)
{
	for (size_t i = 0; text && i < sizeof(statuses) / sizeof(*statuses);
		i++)
		if (str_equal(statuses[i].theirs, text)) {
			*out = statuses[i].ours;
			return 0;
		}
	return fail(e, FAULT_INVALID_XML,
		"the key configuration has a certificate with the status '%s'",
		text ? text : "");
}

/* Base64 of an element, white space allowed. */
static int
bytes_read(struct arena *a, const struct xml_node *n, const char *local,
	struct bytes *out, struct err *e)
{
	char *text = xml_child_text(n, a, "", local), *to = text;

	if (!text)
		return fail(e, FAULT_INVALID_XML,
			"the key configuration has %s without %s", xml_local(n),
			local);
	for (const char *p = text; *p; p++)
		if (!strchr(" \t\r\n", *p))
			*to++ = *p;
	*to = '\0';
	return base64_decode(a, text, strlen(text), out, e);
}

static int
cert_read(struct import_set *s, const struct import_key *k,
	const struct xml_node *n, struct import_cert *out, struct err *e)
{
	const struct xml_node *member = xml_child(n, "", "memberId");
	const char *active = xml_attr(n, s->a, "", "active");
	struct bytes der;

	if (bytes_read(s->a, n, "contents", &der, e) ||
		cert_parse(&out->cert, der, e))
		return -1;
	arena_defer(s->a, drop_cert, out->cert);
	if (!key_same_public(cert_key(out->cert), k->key))
		return fail(e, FAULT_KEY_NOT_FOUND,
			"a certificate of key %s is about another key", k->id);
	out->active = str_equal(active, "true");
	out->has_member = member != NULL;
	if (member && client_id_from_xml(s->a, member, &out->member, e))
		return -1;
	return status_read(
		xml_child_text(n, s->a, "", "status"), &out->status, e);
}

static bool
plain_id(const char *id)
{
	return id && *id && strlen(id) <= KEY_ID_LEN &&
	       strspn(id, "0123456789abcdefABCDEF") == strlen(id);
}

/* The private half, which must be the one the configuration describes. */
static int
private_read(struct import_set *s, const char *token, const char *pin,
	const struct xml_node *n, struct import_key *k, struct err *e)
{
	struct bytes file, spki;
	struct key *said = NULL;
	bool same;

	if (!plain_id(k->id))
		return fail(e, FAULT_INVALID_XML,
			"the key configuration has a key without a proper id");
	if (file_read(s->a,
		    path_join(s->a, token, arena_printf(s->a, "%s.p12", k->id)),
		    PKCS12_MAX, &file, e) ||
		pkcs12_key(&k->key, file, pin, e))
		return -1;
	arena_defer(s->a, drop_key, k->key);
	if (!xml_child(n, "", "publicKey"))
		return 0;
	if (bytes_read(s->a, n, "publicKey", &spki, e) ||
		key_parse_public(&said, spki, e))
		return -1;
	same = key_same_public(said, k->key);
	key_unref(&said);
	if (same)
		return 0;
	return fail(e, FAULT_KEY_NOT_FOUND,
		"the file of key %s holds another key", k->id);
}

static int
key_read(struct import_set *s, const char *token, const char *pin,
	const struct xml_node *n, struct err *e)
{
	struct import_key *k = &s->key[s->keys];
	const struct xml_node *c;

	*k = (struct import_key){
		.id = xml_child_text(n, s->a, "", "keyId"),
		.label = xml_child_text(n, s->a, "", "friendlyName"),
		.usage = usage_parse(xml_attr(n, s->a, "", "usage")),
		.cert = arena_array(s->a, IMPORT_CERTS_MAX, sizeof(*k->cert)),
	};
	if (!k->label || !*k->label)
		k->label = k->id;
	if (private_read(s, token, pin, n, k, e))
		return -1;
	xml_each(c, n, "", "cert") {
		if (k->certs == IMPORT_CERTS_MAX)
			return fail(e, FAULT_TOO_LARGE,
				"key %s has more than %d certificates", k->id,
				IMPORT_CERTS_MAX);
		if (cert_read(s, k, c, &k->cert[k->certs], e))
			return -1;
		k->certs++;
	}
	xml_each(c, n, "", "certRequest")
		s->sum.requests++;
	s->sum.certs += k->certs;
	s->sum.keys = ++s->keys;
	return 0;
}

static int
device_read(struct import_set *s, const char *token, const char *pin,
	const struct xml_node *n, struct err *e)
{
	const struct xml_node *k;

	if (!str_equal(
		    xml_child_text(n, s->a, "", "deviceType"), "softToken")) {
		s->sum.devices++;
		return 0;
	}
	xml_each(k, n, "", "key") {
		if (s->keys == IMPORT_KEYS_MAX)
			return fail(e, FAULT_TOO_LARGE,
				"the token has more than %d keys",
				IMPORT_KEYS_MAX);
		if (key_read(s, token, pin, k, e))
			return -1;
	}
	return 0;
}

/* The token's own file is there for the PIN alone. */
static int
pin_check(
	struct import_set *s, const char *token, const char *pin, struct err *e)
{
	struct key *key;
	struct bytes file;

	if (file_read(s->a, path_join(s->a, token, ".softtoken.p12"),
		    PKCS12_MAX, &file, e) ||
		pkcs12_key(&key, file, pin, e))
		return -1;
	key_unref(&key);
	return 0;
}

int
keyimport_read(
	struct import_set *s, const char *dir, const char *pin, struct err *e)
{
	const char *file = path_join(s->a, dir, "keyconf.xml");
	const char *token;
	const struct xml_node *n;
	struct xml_doc *doc;
	struct bytes xml;

	if (!file_exists(file)) {
		dir = path_join(s->a, dir, "signer");
		file = path_join(s->a, dir, "keyconf.xml");
	}
	token = path_join(s->a, dir, "softtoken");
	s->key = arena_array(s->a, IMPORT_KEYS_MAX, sizeof(*s->key));
	if (file_read(s->a, file, KEYCONF_MAX, &xml, e) ||
		xml_parse(s->a, xml, NULL, &doc, e))
		return -1;
	if (!xml_is(xml_root(doc), "http://x-road.eu/xsd/xroad.xsd", "keyConf"))
		return fail(e, FAULT_INVALID_XML,
			"%s is no key configuration of X-Road", file);
	if (pin_check(s, token, pin, e))
		return -1;
	xml_each(n, xml_root(doc), "", "device")
		if (device_read(s, token, pin, n, e))
			return -1;
	if (s->keys)
		return 0;
	return fail(e, FAULT_NOT_FOUND, "%s names no key of a software token",
		file);
}
