/* SPDX-License-Identifier: MIT */
/*
 * Which subject fields of a request say who it is for, by the certificate
 * profile of our authority. Rule: interop/xroad-center-admin.md 3.2. Reading
 * the member back from a certificate is profile_decode() of xroad/.
 */
#include "center_int.h"

#include <string.h>

#include "key.h"
#include "mem.h"
#include "text.h"

#define PROFILES "ee.ria.xroad.common.certificateprofile.impl."

static const char *const offered[] = {
	PROFILES "BasicCertificateProfileInfoProvider",
	PROFILES "EjbcaCertificateProfileInfoProvider",
};
enum { BASIC, EJBCA };

/* Further ones that members' certificates of other authorities may have. */
static const char *const others[] = {
	PROFILES "BasicACMECertificateProfileInfoProvider",
	PROFILES "FiVRKCertificateProfileInfoProvider",
	PROFILES "FoCertificateProfileInfoProvider",
	PROFILES "IsCertificateProfileInfoProvider",
	PROFILES "SkKlass3CertificateProfileInfoProvider",
	PROFILES "SkEsteIdCertificateProfileInfoProvider",
};

bool
profile_known(const char *name)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (str_equal(name, others[i]))
			return true;
	for (size_t i = 0; i < sizeof(offered) / sizeof(*offered); i++)
		if (str_equal(name, offered[i]))
			return true;
	return false;
}

enum part { PART_INSTANCE, PART_CLASS, PART_CODE, PART_SERVER };

static const struct field {
	int profile; /* index of offered[] */
	bool auth;
	const char *oid, *name;
	enum part part;
} fields[] = {
	{ BASIC, false, "2.5.4.15", "businessCategory", PART_CLASS },
	{ BASIC, false, "2.5.4.5", "serialNumber", PART_CODE },
	{ BASIC, true, "2.5.4.5", "serialNumber", PART_CODE },
	{ EJBCA, false, "2.5.4.6", "C", PART_INSTANCE },
	{ EJBCA, false, "2.5.4.10", "O", PART_CLASS },
	{ EJBCA, false, "2.5.4.3", "CN", PART_CODE },
	{ EJBCA, true, "2.5.4.6", "C", PART_INSTANCE },
	{ EJBCA, true, "2.5.4.3", "CN", PART_SERVER },
};

const char *
profile_name(const char *name)
{
	for (size_t i = 0; i < sizeof(offered) / sizeof(offered[0]); i++)
		if (str_equal(name, offered[i]) ||
			str_equal(name, offered[i] + strlen(PROFILES)))
			return offered[i];
	return NULL;
}

static const char *
part_of(const struct issue_order *o, enum part p)
{
	const char *const value[] = {
		[PART_INSTANCE] = o->member.instance,
		[PART_CLASS] = o->member.cls,
		[PART_CODE] = o->member.code,
		[PART_SERVER] = o->server,
	};

	return value[p];
}

int
profile_check(struct arena *a, const char *profile, const struct csr *csr,
	const struct issue_order *o, struct err *e)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct field *f = &fields[i];
		const char *got, *want = part_of(o, f->part);

		if (f->auth != o->auth ||
			!str_equal(offered[f->profile], profile))
			continue;
		got = csr_subject_get(csr, a, f->oid);
		if (!str_equal(got, want))
			return refuse(e, FAULT_BAD_REQUEST,
				"csr_subject_mismatch",
				"the subject's %s is '%s', not '%s'", f->name,
				got ? got : "", want ? want : "");
	}
	return 0;
}
