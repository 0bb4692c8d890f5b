/* SPDX-License-Identifier: MIT */
/* mail.yml and delivery by it; see mailbox.h. */
#include "mailbox.h"

#include <string.h>

#include "bundle.h"
#include "err.h"
#include "file.h"
#include "mail.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "tls.h"
#include "yaml_io.h"

const char *
mailbox_file(const struct conf *c)
{
	return *conf_text(c, P_MAIL_FILE) ? conf_text(c, P_MAIL_FILE)
					  : conf_data_path(c, "mail.yml");
}

bool
mailbox_japanese(const struct conf *c)
{
	const char *word = conf_text(c, P_MAIL_LANGUAGE);

	return str_equal(*word ? word : conf_text(c, P_LANGUAGE), "ja");
}

enum {
	YML_MAX = 256 * 1024,
	TEXT_MAX = 1024,
	CONNECT_MS = 5000, /* as X-Road */
	TOTAL_MS = 20000,
};

static int
refuse(const char *path, const char *key, struct err *e)
{
	return fail(
		e, FAULT_CONFIG, "%s: '%s' is not as it should be", path, key);
}

/* A scalar: what looks like a number may be a password. */
static int
text_of(struct arena *a, const json_t *j, const char *key, const char **out)
{
	const json_t *v = json_object_get(j, key);

	*out = NULL;
	if (!v || json_is_null(v))
		return 0;
	if (json_is_integer(v))
		*out = arena_printf(
			a, "%lld", (long long)json_integer_value(v));
	else if (json_is_string(v) && strlen(json_string_value(v)) <= TEXT_MAX)
		*out = json_string_value(v);
	return *out ? 0 : -1;
}

static int
read_contacts(struct arena *a, const char *path, const json_t *j,
	struct mailbox *out, struct err *e)
{
	json_t *list = json_sub(j, "contacts"), *value;
	struct contact *c =
		arena_array(a, json_object_size(list) + 1, sizeof(*c));
	const char *key;

	out->contact = c;
	json_object_foreach(list, key, value)
	{
		const char *address = json_string_value(value);
		if (!mail_address_ok(address))
			return refuse(path, key, e);
		c[out->contacts++] = (struct contact){ key, address };
	}
	return 0;
}

static const char *
sender(struct arena *a, const struct mailbox *m, const char *from)
{
	if (from)
		return from;
	if (m->username && mail_address_ok(m->username))
		return m->username;
	return arena_printf(a, "machilink@%s", m->host ? m->host : "localhost");
}

static int
read_all(struct arena *a, const char *path, const json_t *j,
	struct mailbox *out, struct err *e)
{
	const struct {
		const char *key;
		const char **to;
	} row[] = {
		{ "host", &out->host },
		{ "username", &out->username },
		{ "password", &out->password },
		{ "from", &out->from },
		{ "tls-ca-file", &out->ca_file },
	};
	int64_t port = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		if (text_of(a, j, row[i].key, row[i].to))
			return refuse(path, row[i].key, e);
	if (json_opt_int(j, "port", 1, 65535, &port, NULL))
		return refuse(path, "port", e);
	if (json_opt_bool(j, "use-ssl-tls", &out->tls_at_once, NULL))
		return refuse(path, "use-ssl-tls", e);
	if (json_opt_bool(j, "tls-verify", &out->verify, NULL))
		return refuse(path, "tls-verify", e);
	if (out->host && (!*out->host || strpbrk(out->host, "/?#@[] \r\n\t")))
		return refuse(path, "host", e);
	out->port = (int)port;
	out->from = sender(a, out, out->from);
	if (!mail_address_ok(out->from))
		return refuse(path, "from", e);
	out->ready = out->host && port && out->username && out->password;
	return read_contacts(a, path, j, out, e);
}

int
mailbox_read(
	struct arena *a, const char *path, struct mailbox *out, struct err *e)
{
	struct err why = ERR_INIT;
	struct bytes text;
	json_t *j;

	*out = (struct mailbox){ .verify = true };
	if (!file_exists(path))
		return 0;
	if (file_read(a, path, YML_MAX, &text, e))
		return -1;
	if (yaml_parse(a, text, NULL, &j, &why))
		return fail(e, FAULT_CONFIG, "%s: %s", path, why.text);
	return read_all(a, path, j, out, e);
}

const char *
mailbox_contact(const struct mailbox *m, const char *who)
{
	for (size_t i = 0; i < m->contacts; i++)
		if (str_equal(m->contact[i].who, who))
			return m->contact[i].address;
	return NULL;
}

int
mailbox_send(const struct mailbox *m, const char *to, const char *subject,
	const char *text, struct err *e)
{
	const struct tls_options o = { .policy = TLS_SERVICE };
	struct mail_server s = { m->host, m->port, m->username, m->password,
		m->tls_at_once, NULL, NULL, CONNECT_MS, TOTAL_MS };
	const struct mail mail = { m->from, to, subject, text };
	struct bundle *roots = NULL;
	int ret = -1;

	if (!m->ready)
		return fail(e, FAULT_CONFIG,
			"mail is not set up: host, port, username or password "
			"is missing");
	if (m->verify && (m->ca_file ? bundle_open(&roots, m->ca_file, e)
				     : bundle_system(&roots, e)))
		return -1;
	s.roots = roots;
	if (!tls_client_new(&s.tls, &o, e))
		ret = mail_send(&s, &mail, e);
	tls_unref(&s.tls);
	bundle_close(&roots);
	return ret;
}
