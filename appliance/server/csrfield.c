/* SPDX-License-Identifier: MIT */
/* The subject of a certificate request: rows of csr_fields.def, filled. */
#include <string.h>

#include "csrfield_int.h"
#include "err.h"
#include "mem.h"
#include "text.h"

enum from {
	FROM_NOTHING,
	FROM_INSTANCE,
	FROM_CLASS,
	FROM_CODE,
	FROM_NAME,   /* the member's */
	FROM_SERVER, /* server code */
	FROM_SHORT,  /* instance/class/code/server of this server */
	FROM_ISC,    /* instance/server/class */
	FROM_FI,
	FROM_FO,
	FROM_IS,
};

struct row {
	const char *profile, *id, *label_key;
	enum key_usage_type usage;
	enum from from;
	bool read_only, required;
};

#define CSR_FIELD(profile, usage, id, from, label, read_only, required) \
 { profile, id, label, USAGE_##usage, FROM_##from, read_only, required },
static const struct row ROW[] = {
#include "csr_fields.def"
};

static const char PACKAGE[] = "ee.ria.xroad.common.certificateprofile.impl.";
static const char SUFFIX[] = "CertificateProfileInfoProvider";

static const char *
value_of(struct arena *a, const struct csr_subject *s, enum from from)
{
	const struct client_id *m = &s->member;
	const struct client_id *o = &s->server.owner;

	switch (from) {
	case FROM_INSTANCE: return m->instance;
	case FROM_CLASS: return m->cls;
	case FROM_CODE: return m->code;
	case FROM_NAME: return s->member_name ? s->member_name : m->code;
	case FROM_SERVER: return s->server.server;
	case FROM_SHORT:
		return arena_printf(a, "%s/%s/%s/%s", o->instance, o->cls,
			o->code, s->server.server);
	case FROM_ISC:
		return arena_printf(
			a, "%s/%s/%s", m->instance, s->server.server, m->cls);
	case FROM_FI: return "FI";
	case FROM_FO: return "FO";
	case FROM_IS: return "IS";
	case FROM_NOTHING: break;
	}
	return "";
}

static bool
profile_is(const char *profile, const char *row)
{
	if (str_prefix(profile, PACKAGE))
		profile += strlen(PACKAGE);
	return str_prefix(profile, row) &&
	       str_equal(profile + strlen(row), SUFFIX);
}

size_t
csr_fields(struct arena *a, const struct csr_subject *s,
	struct csr_field out[CSR_FIELDS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(ROW) / sizeof(ROW[0]); i++) {
		const struct row *r = &ROW[i];
		if (r->usage != s->usage || n == CSR_FIELDS_MAX ||
			!profile_is(s->profile, r->profile))
			continue;
		out[n++] = (struct csr_field){
			.id = r->id,
			.value = value_of(a, s, r->from),
			.label_key = r->label_key,
			.read_only = r->read_only,
			.required = r->required,
		};
	}
	return n;
}

int
csr_subject_make(struct arena *a, const struct csr_subject *s,
	const json_t *values, struct cert_request *out, struct err *e)
{
	struct csr_field f[CSR_FIELDS_MAX];
	size_t n = csr_fields(a, s, f);
	struct rdn *rdn = arena_array(a, n + 1, sizeof(*rdn));

	*out = (struct cert_request){ .subject = rdn };
	if (!n)
		return fail(e, FAULT_BAD_REQUEST,
			"the certificate profile '%s' is unknown", s->profile);
	for (size_t i = 0; i < n; i++) {
		const char *given = json_str(values, f[i].id);
		const char *v = f[i].read_only || !given ? f[i].value : given;
		if (!*v && f[i].required)
			return fail(e, FAULT_BAD_REQUEST,
				"the subject field %s is missing", f[i].id);
		if (!*v)
			continue;
		if (str_equal(f[i].id, "subjectAltName"))
			out->dns_name = v;
		else
			rdn[out->subjects++] = (struct rdn){ f[i].id, v };
	}
	out->key_usage = s->usage == USAGE_SIGNING
				 ? KU_NON_REPUDIATION | KU_KEY_CERT_SIGN
				 : KU_DIGITAL_SIGNATURE | KU_DATA_ENCIPHERMENT |
					   KU_KEY_ENCIPHERMENT;
	return 0;
}
