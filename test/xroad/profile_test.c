/* SPDX-License-Identifier: MIT */
/* Tests of profile.c: member identifiers in subjects of certificates. */
#include <string.h>

#include "cert.h"
#include "err.h"
#include "globalconf.h"
#include "key.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

#define PACKAGE "ee.ria.xroad.common.certificateprofile.impl."
#define CLS(n)  PACKAGE n "CertificateProfileInfoProvider"

enum { RDN_MAX = 6 };

static const struct {
	const char *profile;
	struct rdn rdn[RDN_MAX];
	const char *want; /* NULL: refused */
} cases[] = {
	{ CLS("Ejbca"), { { "C", "EE" }, { "O", "COM" }, { "CN", "1" } },
		"MEMBER:EE/COM/1" },
	{ CLS("Ejbca"), { { "C", "EE" }, { "CN", "1" } }, NULL },
	{ CLS("Ejbca"), { { "C", "EE" }, { "O", "COM" } }, NULL },
	{ CLS("Basic"),
		{ { "C", "XX" }, { "O", "Name" }, { "businessCategory", "COM" },
			{ "serialNumber", "1" }, { "CN", "Name" } },
		"MEMBER:CTX/COM/1" },
	{ CLS("BasicACME"),
		{ { "businessCategory", "GOV" }, { "serialNumber", "2" } },
		"MEMBER:CTX/GOV/2" },
	{ CLS("Basic"), { { "businessCategory", "GOV" }, { "CN", "x" } },
		NULL },
	{ CLS("Basic"), { { "serialNumber", "1" } }, NULL },
	{ CLS("FiVRK"),
		{ { "C", "FI" }, { "O", "Name" },
			{ "serialNumber", "DEV/SS0/COM" }, { "CN", "1234" } },
		"MEMBER:DEV/COM/1234" },
	{ CLS("FiVRK"),
		{ { "C", "FI" }, { "O", "DEV" }, { "OU", "COM" },
			{ "CN", "1234" } },
		"MEMBER:DEV/COM/1234" },
	{ CLS("FiVRK"), { { "C", "FI" }, { "O", "COM" }, { "CN", "1234" } },
		"MEMBER:FI/COM/1234" },
	{ CLS("FiVRK"),
		{ { "C", "SE" }, { "O", "Name" },
			{ "serialNumber", "DEV/SS0/COM" }, { "CN", "1234" } },
		NULL },
	{ CLS("FiVRK"),
		{ { "C", "FI" }, { "O", "Name" }, { "serialNumber", "DEV/SS0" },
			{ "CN", "1234" } },
		NULL },
	{ CLS("FiVRK"),
		{ { "C", "FI" }, { "O", "Name" },
			{ "serialNumber", "DEV/SS0/COM/x" }, { "CN", "1234" } },
		NULL },
	{ CLS("FiVRK"),
		{ { "C", "FI" }, { "serialNumber", "DEV/SS0/COM" },
			{ "CN", "1234" } },
		NULL },
	{ CLS("Fo"),
		{ { "C", "FO" }, { "O", "DEV" }, { "OU", "COM" }, { "CN", "1" },
			{ "serialNumber", "s" } },
		"MEMBER:DEV/COM/1" },
	{ CLS("Fo"),
		{ { "C", "FO" }, { "O", "DEV" }, { "OU", "COM" },
			{ "CN", "1" } },
		NULL },
	{ CLS("Fo"),
		{ { "C", "FI" }, { "O", "DEV" }, { "OU", "COM" }, { "CN", "1" },
			{ "serialNumber", "s" } },
		NULL },
	{ CLS("Is"),
		{ { "C", "IS" }, { "O", "DEV" }, { "OU", "COM" }, { "CN", "1" },
			{ "serialNumber", "s" } },
		"MEMBER:DEV/COM/1" },
	{ CLS("Is"), { { "C", "IS" }, { "O", "COM" }, { "CN", "1" } },
		"MEMBER:IS/COM/1" },
	{ CLS("Is"),
		{ { "C", "IS" }, { "O", "DEV" }, { "OU", "COM" },
			{ "CN", "1" } },
		NULL },
	{ CLS("SkKlass3"), { { "organizationIdentifier", "NTREE-12345678" } },
		"MEMBER:CTX/COM/12345678" },
	{ CLS("SkKlass3"), { { "organizationIdentifier", "GO:EE-70000001" } },
		"MEMBER:CTX/GOV/70000001" },
	{ CLS("SkKlass3"), { { "organizationIdentifier", "NP:EE-80000001" } },
		"MEMBER:CTX/NGO/80000001" },
	{ CLS("SkKlass3"), { { "organizationIdentifier", "VATFI-1" } },
		"MEMBER:CTX/NEE/VATFI-1" },
	{ CLS("SkKlass3"), { { "serialNumber", "12345678" } },
		"MEMBER:CTX/COM/12345678" },
	{ CLS("SkKlass3"), { { "serialNumber", "70000001" } },
		"MEMBER:CTX/GOV/70000001" },
	{ CLS("SkKlass3"), { { "serialNumber", "90000001" } },
		"MEMBER:CTX/NGO/90000001" },
	{ CLS("SkKlass3"), { { "serialNumber", "02345678" } }, NULL },
	{ CLS("SkKlass3"), { { "serialNumber", "1234567" } }, NULL },
	{ CLS("SkKlass3"), { { "serialNumber", "1234567a" } }, NULL },
	{ CLS("SkKlass3"), { { "organizationIdentifier", "NTREE-" } }, NULL },
	{ CLS("SkEsteId"), { { "serialNumber", "37702211234" } },
		"MEMBER:CTX/PERSON/37702211234" },
	{ "BasicCertificateProfileInfoProvider",
		{ { "businessCategory", "GOV" }, { "serialNumber", "2" } },
		"MEMBER:CTX/GOV/2" },
	{ CLS("Unknown"), { { "CN", "x" } }, NULL },
	{ "", { { "CN", "x" } }, NULL },
	{ NULL, { { "CN", "x" } }, NULL },
};

static struct cert *
issue(struct key *key, const struct rdn *rdn)
{
	struct cert_template t = {
		.subject = rdn,
		.key = key,
		.serial = 1,
		.not_after = 4000000000000,
		.path_len = -1,
	};
	struct cert *c = NULL;

	while (t.subjects < RDN_MAX && rdn[t.subjects].type)
		t.subjects++;
	ok(cert_issue(&c, &t, NULL, key, NULL) == 0);
	return c;
}

int
main(void)
{
	struct arena *a = arena_new();
	struct key *key = NULL;
	size_t i;

	ok(key_generate(&key, KEY_EC, 0, NULL) == 0);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct cert *c = issue(key, cases[i].rdn);
		struct client_id id;
		struct err e = ERR_INIT;
		int r = profile_decode(a, cases[i].profile, c, "CTX", &id, &e);

		if (cases[i].want)
			is_str(r == 0 ? client_id_text(a, &id) : e.text,
				cases[i].want);
		else
			ok_m(r == -1 && err_set(&e), "case %zu: %s", i, e.text);
		cert_unref(&c);
	}
	key_unref(&key);
	arena_free(&a);
	return tap_done();
}
