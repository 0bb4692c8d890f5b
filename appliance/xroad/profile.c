/* SPDX-License-Identifier: MIT */
/*
 * Certificate profiles: how a CA's signing certificates name the member. The
 * profile is a class name in the shared parameters; here it is a row.
 * Rule: interop/xroad-center-admin.md 3.2.
 */
#include <string.h>

#include "cert.h"
#include "err.h"
#include "globalconf.h"
#include "mem.h"
#include "text.h"

#define OID_CN       "2.5.4.3"
#define OID_C        "2.5.4.6"
#define OID_O        "2.5.4.10"
#define OID_OU       "2.5.4.11"
#define OID_SERIAL   "2.5.4.5"
#define OID_CATEGORY "2.5.4.15"
#define OID_ORG_ID   "2.5.4.97"

enum { SK_PREFIX = 6, SK_SERIAL = 8 };

/* What a decoder looks at. */
struct subject {
	struct arena *a;
	const struct cert *cert;
	const char *instance; /* of the context; may be NULL */
	struct err *e;
};

static const char *
subject_opt(const struct subject *s, const char *oid)
{
	return cert_subject_get(s->cert, s->a, oid);
}

/* The attribute, or a fault naming it. */
static int
subject_get(const struct subject *s, const char *oid, const char *name,
	const char **out)
{
	*out = subject_opt(s, oid);
	if (*out && **out)
		return 0;
	return fail(s->e, FAULT_INCORRECT_CERTIFICATE,
		"the certificate's subject has no %s", name);
}

static int
country_check(const struct subject *s, const char *want)
{
	if (str_equal(subject_opt(s, OID_C), want))
		return 0;
	return fail(s->e, FAULT_INCORRECT_CERTIFICATE,
		"the certificate's country is not %s", want);
}

static int
context_get(const struct subject *s, const char **out)
{
	*out = arena_strdup(s->a, s->instance);
	if (*out)
		return 0;
	return fail(s->e, FAULT_INCORRECT_CERTIFICATE,
		"the certificate's profile needs the instance");
}

/* C / O / CN */
static int
ejbca_decode(const struct subject *s, struct client_id *out)
{
	if (subject_get(s, OID_C, "country", &out->instance) != 0 ||
		subject_get(s, OID_O, "organisation", &out->cls) != 0)
		return -1;
	return subject_get(s, OID_CN, "common name", &out->code);
}

/* businessCategory / serialNumber; the instance comes from the context */
static int
basic_decode(const struct subject *s, struct client_id *out)
{
	if (context_get(s, &out->instance) != 0 ||
		subject_get(s, OID_CATEGORY, "businessCategory", &out->cls) !=
			0)
		return -1;
	return subject_get(s, OID_SERIAL, "serialNumber", &out->code);
}

/* O / OU / CN */
static int
unit_decode(const struct subject *s, struct client_id *out)
{
	if (subject_get(s, OID_O, "organisation", &out->instance) != 0 ||
		subject_get(s, OID_OU, "organisational unit", &out->cls) != 0)
		return -1;
	return subject_get(s, OID_CN, "common name", &out->code);
}

/* serialNumber instance/server/class + CN */
static int
fi_serial_decode(
	const struct subject *s, const char *serial, struct client_id *out)
{
	const char *org, *one = strchr(serial, '/');
	const char *two = one ? strchr(one + 1, '/') : NULL;

	if (subject_get(s, OID_O, "organisation", &org) != 0 ||
		subject_get(s, OID_CN, "common name", &out->code) != 0)
		return -1;
	if (!two || one == serial || two[1] == '\0' || strchr(two + 1, '/'))
		return fail(s->e, FAULT_INCORRECT_CERTIFICATE,
			"the certificate's serialNumber is not "
			"instance/server/class");
	out->instance = arena_strndup(s->a, serial, (size_t)(one - serial));
	out->cls = arena_strdup(s->a, two + 1);
	return 0;
}

static int
fi_decode(const struct subject *s, struct client_id *out)
{
	const char *serial = subject_opt(s, OID_SERIAL);

	if (!serial && !subject_opt(s, OID_OU))
		return ejbca_decode(s, out);
	if (country_check(s, "FI") != 0)
		return -1;
	return serial ? fi_serial_decode(s, serial, out) : unit_decode(s, out);
}

static int
fo_decode(const struct subject *s, struct client_id *out)
{
	const char *serial;

	if (country_check(s, "FO") != 0 ||
		subject_get(s, OID_SERIAL, "serialNumber", &serial) != 0)
		return -1;
	return unit_decode(s, out);
}

static int
is_decode(const struct subject *s, struct client_id *out)
{
	const char *serial;

	if (!subject_opt(s, OID_SERIAL) && !subject_opt(s, OID_OU))
		return ejbca_decode(s, out);
	if (country_check(s, "IS") != 0 ||
		subject_get(s, OID_SERIAL, "serialNumber", &serial) != 0)
		return -1;
	return unit_decode(s, out);
}

static const struct sk_prefix {
	const char *prefix, *cls;
} sk_prefixes[] = {
	{ "NTREE-", "COM" },
	{ "GO:EE-", "GOV" },
	{ "NP:EE-", "NGO" },
};

static void
sk_org_decode(const struct subject *s, const char *org, struct client_id *out)
{
	size_t i;

	for (i = 0; i < sizeof(sk_prefixes) / sizeof(*sk_prefixes); i++) {
		if (!str_prefix(org, sk_prefixes[i].prefix))
			continue;
		out->cls = arena_strdup(s->a, sk_prefixes[i].cls);
		out->code = arena_strdup(s->a, org + SK_PREFIX);
		return;
	}
	/* the whole identifier, so that member codes stay unique */
	out->cls = arena_strdup(s->a, "NEE");
	out->code = org;
}

static int
sk_serial_decode(const struct subject *s, struct client_id *out)
{
	static const char *const by_digit[10] = { NULL, "COM", "COM", "COM",
		"COM", "COM", "COM", "GOV", "NGO", "NGO" };

	if (subject_get(s, OID_SERIAL, "serialNumber", &out->code) != 0)
		return -1;
	if (strlen(out->code) != SK_SERIAL ||
		strspn(out->code, "0123456789") != SK_SERIAL ||
		!by_digit[out->code[0] - '0'])
		return fail(s->e, FAULT_INCORRECT_CERTIFICATE,
			"the certificate's serialNumber is not a register "
			"code of 8 digits");
	out->cls = arena_strdup(s->a, by_digit[out->code[0] - '0']);
	return 0;
}

static int
sk_decode(const struct subject *s, struct client_id *out)
{
	const char *org = subject_opt(s, OID_ORG_ID);

	if (context_get(s, &out->instance) != 0)
		return -1;
	if (!org || *org == '\0')
		return sk_serial_decode(s, out);
	sk_org_decode(s, org, out);
	if (*out->code == '\0')
		return fail(s->e, FAULT_INCORRECT_CERTIFICATE,
			"the certificate's organizationIdentifier is empty");
	return 0;
}

static int
person_decode(const struct subject *s, struct client_id *out)
{
	if (context_get(s, &out->instance) != 0)
		return -1;
	out->cls = arena_strdup(s->a, "PERSON");
	return subject_get(s, OID_SERIAL, "serialNumber", &out->code);
}

static const struct profile {
	const char *name; /* class name without its package and suffix */
	int (*decode)(const struct subject *s, struct client_id *out);
} profiles[] = {
	{ "Basic", basic_decode },
	{ "BasicACME", basic_decode },
	{ "Ejbca", ejbca_decode },
	{ "FiVRK", fi_decode },
	{ "Fo", fo_decode },
	{ "Is", is_decode },
	{ "SkKlass3", sk_decode },
	{ "SkEsteId", person_decode },
};

#define PROFILE_PACKAGE "ee.ria.xroad.common.certificateprofile.impl."
#define PROFILE_SUFFIX  "CertificateProfileInfoProvider"

static bool
profile_is(const struct profile *p, const char *cls)
{
	size_t n = strlen(p->name);

	if (str_prefix(cls, PROFILE_PACKAGE))
		cls += strlen(PROFILE_PACKAGE);
	return strncmp(cls, p->name, n) == 0 &&
	       str_equal(cls + n, PROFILE_SUFFIX);
}

int
profile_decode(struct arena *a, const char *profile, const struct cert *sign,
	const char *instance, struct client_id *out, struct err *e)
{
	struct subject s = { a, sign, instance, e };
	size_t i;

	*out = (struct client_id){ 0 };
	for (i = 0; profile && i < sizeof(profiles) / sizeof(*profiles); i++)
		if (profile_is(&profiles[i], profile))
			return profiles[i].decode(&s, out);
	return fail(e, FAULT_INTERNAL, "unknown certificate profile '%.200s'",
		profile ? profile : "");
}
