/* SPDX-License-Identifier: MIT */
/* Tests of params_read.c, params_private.c and anchor.c. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "globalconf.h"
#include "mem.h"
#include "tap.h"
#include "text.h"
#include "xml.h"

#define HEAD                                            \
 "<x:conf xmlns:x='" NS_XROAD "' xmlns:id='" NS_ID "'>" \
 "<instanceIdentifier>T</instanceIdentifier>"
#define SOURCE "<source><address>cs</address></source>"
#define MEMBER                                                 \
 "<member id='m0'><memberClass><code>COM</code><description>d" \
 "</description></memberClass><memberCode>1</memberCode>"      \
 "<name>N &amp; N</name><subsystem id='s0'><subsystemCode>sub" \
 "</subsystemCode></subsystem></member>"
#define SERVER(inside)                                                 \
 "<securityServer><owner>m0</owner><serverCode>ss</serverCode>" inside \
 "</securityServer>"
#define TAIL                                                         \
 "<globalSettings><ocspFreshnessSeconds> 60 </ocspFreshnessSeconds>" \
 "</globalSettings>"
#define END "</x:conf>"
/* Certificates: one with Ed25519, which the TLS library has no code for; one
   with P-256. */
#define ED25519                                                         \
 "MIIBODCB66ADAgECAhROwCrjoMy5y+XyaYWiT1YSEzNjIDAFBgMrZXAwETEPMA0GA1UE" \
 "AwwGdW5yZWFkMCAXDTI2MTEyMTEwMjQ1MloYDzIxMjYxMDI4MTAyNDUyWjARMQ8wDQYD" \
 "VQQDDAZ1bnJlYWQwKjAFBgMrZXADIQDH9QIj3teJHUx3+f4rjJemrSBFyETQgYApKa+W" \
 "oNuhmKNTMFEwHQYDVR0OBBYEFFbNSpBrGeXwvjPBo6F5FcQnj0gqMB8GA1UdIwQYMBaA" \
 "FFbNSpBrGeXwvjPBo6F5FcQnj0gqMA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EA8NIa" \
 "uQQ3NXLlCPC3Q0pWieYga531CBiaS0dKvaMLTJTR/DsUm2E8MCuFI9gODsHGQC5takdY" \
 "MHeYvFBoH7M0Cw=="
#define P256                                                            \
 "MIIBdTCCARugAwIBAgIUbjtNEuhX4xxA5wvKx68WH13IBIcwCgYIKoZIzj0EAwIwDzEN" \
 "MAsGA1UEAwwEcmVhZDAgFw0yNjExMjExMDI0NTJaGA8yMTI2MTAyODEwMjQ1MlowDzEN" \
 "MAsGA1UEAwwEcmVhZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKSOwqe/XDbGbsLQ" \
 "Lizp7u39OgZb/rKeatKBHvd/hVdcSRTV9z0LfLbebQdh7Bxd1KjlG6kqrUK8RDzcVyRH" \
 "87ejUzBRMB0GA1UdDgQWBBQwXmEGnDcxnMAQli6f+Ced7mwAFjAfBgNVHSMEGDAWgBQw" \
 "XmEGnDcxnMAQli6f+Ced7mwAFjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gA" \
 "MEUCICQzJHqVVTRxO3FtbNhGR0kQVa4+qV8vLEdK4Aag9AQmAiEAtiVLsoRcPoo+WNXS" \
 "uwAYNTFLpgpSPapNpwKFhlkdZcs="

static int
parse(struct arena *a, const char *text, int version, struct shared_params *p,
	struct err *e)
{
	return shared_params_parse(a, bytes_str(text), version, p, e);
}

static void
test_model(struct arena *a)
{
	struct shared_params p;
	struct err e = ERR_INIT;

	ok(parse(a,
		   HEAD SOURCE MEMBER SERVER("<address>a</address>"
					     "<authCertHash>AAE=</authCertHash>"
					     "<client> s0\n</client>"
					     "<client>m0</client>") TAIL
		   "<future><deep>1</deep></future>" END,
		   2, &p, &e) == 0);
	is_str(e.text, "");
	is_str(p.instance, "T");
	is_int(p.version, 2);
	is_int(p.members, 1);
	is_str(p.member[0].name, "N & N");
	is_str(p.member[0].subsystem[0].code, "sub");
	is_int(p.servers, 1);
	is_str(p.server[0].id.server, "ss");
	is_str(p.server[0].id.owner.code, "1");
	is_int(p.server[0].auth_certs, 1);
	is_int(p.server[0].auth_cert[0].alg, DIGEST_SHA1);
	is_int(p.server[0].auth_cert[0].len, 2);
	is_int(p.server[0].clients, 2);
	is_str(p.server[0].client[0].subsystem, "sub");
	ok(p.server[0].client[1].subsystem == NULL);
	is_int(p.ocsp_freshness_s, 60);
	ok(!p.server[0].maintenance);
	ok(parse(a,
		   HEAD SOURCE MEMBER SERVER(
			   "<inMaintenanceMode><message>x</message>"
			   "</inMaintenanceMode>") TAIL END,
		   6, &p, &e) == 0);
	ok(p.server[0].maintenance);
	is_str(p.server[0].maintenance_text, "x");
}

#define CERT(c) "<cert>" c "</cert>"
#define OCSP(c) "<ocsp><url>http://o/" c "</ocsp>"
#define TSA(name, c)        \
 "<approvedTSA><name>" name \
 "</name><url>http://t/</url>" CERT(c) "</approvedTSA>"
#define CA(name, rest)                           \
 "<approvedCA><name>" name "</name><topCA>" rest \
 "<certificateProfileInfo>p</certificateProfileInfo></approvedCA>"

/* What cannot be read is left out, alone; the rest is used. */
static void
test_unreadable(struct arena *a)
{
	struct shared_params p;
	struct err e = ERR_INIT;

	ok_m(!parse(a,
		     HEAD SOURCE CA("gone", CERT(ED25519) "</topCA>") CA("kept",
			     CERT(P256) OCSP("1</url>" CERT(ED25519)) OCSP(
				     "2</url>" CERT(P256))
				     OCSP("3</url>") "</topCA>"
						     "<intermediateCA>" CERT(ED25519) OCSP(
							     "4</url>") "</intermediateCA>"
									"<intermediateCA>" CERT(
										P256)
										OCSP("5</url>") "</intermediateCA>")
			     TSA("gone", ED25519) TSA("kept", P256) TAIL END,
		     3, &p, &e),
		"%s", e.text);
	is_int(p.cas, 1);
	is_str(p.ca[0].name, "kept");
	is_int(p.ca[0].top.ocsps, 2);
	is_str(p.ca[0].top.ocsp[0].url, "http://o/2");
	ok(p.ca[0].top.ocsp[0].cert && !p.ca[0].top.ocsp[1].cert);
	is_int(p.ca[0].intermediates, 1);
	is_int(p.ca[0].intermediate[0].ocsps, 1);
	is_str(p.ca[0].intermediate[0].ocsp[0].url, "http://o/5");
	is_int(p.tsas, 1);
	is_str(p.tsa[0].name, "kept");
}

static void
test_malformed(struct arena *a)
{
	static const struct {
		const char *why, *text;
	} bad[] = {
		{ "empty", "" },
		{ "not XML", "xxx\n" },
		{ "DOCTYPE", "<!DOCTYPE a><a/>" },
		{ "root", "<conf/>" },
		{ "no settings", HEAD SOURCE END },
		{ "no instance", "<x:conf xmlns:x='" NS_XROAD "'>" TAIL END },
		{ "dangling client",
			HEAD MEMBER SERVER("<client>zz</client>") TAIL END },
		{ "dangling owner", HEAD SERVER("") TAIL END },
		{ "owner is a subsystem",
			HEAD MEMBER "<securityServer><owner>s0</owner>"
				    "<serverCode>s</serverCode>"
				    "</securityServer>" TAIL END },
		{ "id twice", HEAD MEMBER MEMBER TAIL END },
		{ "hash", HEAD MEMBER SERVER("<authCertHash>*"
					     "</authCertHash>") TAIL END },
		{ "no class",
			HEAD "<member><memberCode>1</memberCode><name>n</name>"
			     "</member>" TAIL END },
		{ "CA certificate", HEAD
			"<approvedCA><name>n</name><topCA><cert>AAAA"
			"</cert></topCA><certificateProfileInfo>p"
			"</certificateProfileInfo></approvedCA>" TAIL END },
		{ "CA without certificate", HEAD
			"<approvedCA><name>n</name><topCA/>"
			"<certificateProfileInfo>p"
			"</certificateProfileInfo></approvedCA>" TAIL END },
		{ "TSA without url", HEAD
			"<approvedTSA><name>n</name></approvedTSA>" TAIL END },
		{ "freshness",
			HEAD "<globalSettings><ocspFreshnessSeconds>x"
			     "</ocspFreshnessSeconds></globalSettings>" END },
		{ "group member without type", HEAD
			"<globalGroup><groupCode>g</groupCode>"
			"<description/><groupMember/></globalGroup>" TAIL END },
	};
	struct shared_params p;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err e = ERR_INIT;

		ok_m(parse(a, bad[i].text, 6, &p, &e) == -1 &&
				e.fault == FAULT_MALFORMED_GLOBAL_CONF,
			"malformed: %s (%s)", bad[i].why, e.text);
	}
	ok(parse(a, HEAD TAIL END, 1, &p, NULL) == -1);
	ok(parse(a, HEAD TAIL END, 7, &p, NULL) == -1);
}

static const struct {
	const char *dir;
	int version;
} trees[] = {
	{ "globalconf_good_v2/EE", 2 },
	{ "globalconf_good_v2/foo", 2 },
	{ "globalconf_good_v2/bar", 2 },
	{ "globalconf_good_v3/EE", 3 },
	{ "globalconf_good_v3/foo_v2", 2 },
	{ "globalconf_good_v3/bar", 2 },
	{ "globalconf_good2_v3/DEV", 3 },
	{ "globalconf_good_v4/EE", 4 },
	{ "globalconf_good_v4/baz_v3", 3 },
	{ "globalconf_good_v5/EE", 5 },
	{ "globalconf_good_v5/qux_v4", 4 },
	{ "globalconf_good_v6/EE", 6 },
	{ "globalconf_good_v6/quux_v5", 5 },
	{ "globalconf_good_v6/qux_v4", 4 },
	{ "globalconf_good_v6/baz_v3", 3 },
	{ "globalconf_good_v6/foo_v2", 2 },
	{ "globalconf_good_v6/bar", 3 },
};

static int
vector(struct arena *a, const char *name, struct bytes *out)
{
	const char *path = vectors_path(arena_printf(a, "x-road/%s", name));

	return path ? file_read(a, path, GC_PART_MAX, out, NULL) : -1;
}

static void
test_trees(struct arena *a)
{
	size_t i;

	for (i = 0; i < sizeof(trees) / sizeof(*trees); i++) {
		struct shared_params p;
		struct private_params q;
		struct err e = ERR_INIT;
		struct bytes x;

		ok(vector(a,
			   arena_printf(a, "globalconf-core/%s/%s",
				   trees[i].dir, "shared-params.xml"),
			   &x) == 0);
		ok_m(shared_params_parse(a, x, trees[i].version, &p, &e) == 0,
			"%s shared: %s", trees[i].dir, e.text);
		ok_m(p.members > 0, "%s has members", trees[i].dir);
		if (vector(a,
			    arena_printf(a, "globalconf-core/%s/%s",
				    trees[i].dir, "private-params.xml"),
			    &x) != 0)
			continue;
		ok_m(private_params_parse(a, x, &q, &e) == 0, "%s private: %s",
			trees[i].dir, e.text);
		is_str(q.instance, p.instance);
	}
}

static void
test_v6(struct arena *a)
{
	struct shared_params p;
	struct private_params q;
	struct err e = ERR_INIT;
	struct bytes x;
	const char *d = "globalconf-signed/V6/20251110170000548026000";

	ok(vector(a, arena_printf(a, "%s/shared-params.xml", d), &x) == 0);
	ok(shared_params_parse(a, x, 6, &p, &e) == 0);
	is_str(p.instance, "DEV");
	is_int(p.cas, 2);
	is_str(p.ca[1].csr_format, "PEM");
	is_str(p.ca[0].top.ocsp[0].cost, "FREE");
	is_int(p.tsas, 1);
	is_int(p.servers, 2);
	is_str(p.member[0].subsystem[0].name, "Management services");
	is_int(p.server[0].auth_cert[0].alg, DIGEST_SHA256);
	is_int(p.server[0].auth_cert[0].len, 32);
	is_int(p.groups, 1);
	is_int(p.group[0].members, 2);
	is_int(p.classes, 3);
	is_int(p.ocsp_freshness_s, 3600);
	is_int(p.source[0].internal_certs, 1);
	ok(vector(a, arena_printf(a, "%s/private-params.xml", d), &x) == 0);
	ok(private_params_parse(a, x, &q, &e) == 0);
	is_str(client_id_text(a, &q.management),
		"SUBSYSTEM:DEV/COM/1234/MANAGEMENT");
	ok(q.timestamp_interval_s == 60);
	ok(q.auth_reg_cert != NULL);
}

static void
test_bad_vectors(struct arena *a)
{
	struct shared_params p;
	struct private_params q;
	struct bytes x;

	ok(vector(a,
		   "globalconf-core/globalconf_malformed/foo/"
		   "shared-params.xml",
		   &x) == 0);
	ok(shared_params_parse(a, x, 2, &p, NULL) == -1);
	ok(vector(a,
		   "globalconf-core/globalconf_malformed/foo/"
		   "private-params.xml",
		   &x) == 0);
	ok(private_params_parse(a, x, &q, NULL) == -1);
}

static void
test_anchors(struct arena *a)
{
	static const struct {
		const char *file, *instance;
		size_t sources;
	} good[] = {
		{ "globalconf-core/configuration-anchor1.xml", "EE", 3 },
		{ "globalconf-core/configuration-anchor2.xml", "EE", 0 },
		{ "globalconf-client/configuration-anchor1.xml", "EE", 0 },
		{ "anchors/configuration_anchor_CS_internal.xml", "DEV", 2 },
		{ "anchors/internal-configuration-anchor.xml", "CS", 0 },
		{ "anchors/external-configuration-anchor.xml", "CS", 0 },
	};
	struct gc_anchor an;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct err e = ERR_INIT;
		struct bytes x;

		ok(vector(a, good[i].file, &x) == 0);
		ok_m(anchor_parse(a, x, &an, &e) == 0, "%s: %s", good[i].file,
			e.text);
		ok(an.sources > 0 && an.source[0].certs > 0);
		if (good[i].sources)
			is_int(an.sources, good[i].sources);
		is_str(an.instance, good[i].instance);
	}
}

static void
test_bad_anchors(struct arena *a)
{
#define A(inside)                                        \
 "<x:configurationAnchor xmlns:x='" NS_XROAD "'>" inside \
 "</x:configurationAnchor>"
	static const char *const bad[] = {
		"",
		"<a/>",
		A(""),
		A("<instanceIdentifier>I"
		  "</instanceIdentifier>"),
		A("<instanceIdentifier>I</instanceIdentifier><source>"
		  "<downloadURI>http://x</downloadURI><verificationCert>AA=="
		  "</verificationCert></source>"),
		A("<instanceIdentifier>I</instanceIdentifier><source>"
		  "<downloadURL>http://x</downloadURL></source>"),
		A("<generatedAt>x</generatedAt><instanceIdentifier>I"
		  "</instanceIdentifier><source><downloadURL>http://x"
		  "</downloadURL><verificationCert>AA==</verificationCert>"
		  "</source>"),
	};
	struct gc_anchor an;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err e = ERR_INIT;

		ok(anchor_parse(a, bytes_str(bad[i]), &an, &e) == -1);
		is_int(e.fault, FAULT_MALFORMED_ANCHOR);
	}
}

static void
test_options(struct arena *a)
{
#define C(inside) "<x:conf xmlns:x='" NS_XROAD "'>" inside "</x:conf>"
	static const struct {
		const char *identifier, *text;
		int64_t fetch;
		bool verify, good;
	} row[] = {
		{ "FETCHINTERVAL", C(""), 1200, true, true },
		{ "FETCHINTERVAL",
			C("<ocspFetchInterval>500"
			  "</ocspFetchInterval>"),
			500, true, true },
		{ "FETCHINTERVAL",
			C("<ocspFetchInterval>5"
			  "</ocspFetchInterval>"),
			60, true, true },
		{ "FETCHINTERVAL",
			C("<ocspFetchInterval>x"
			  "</ocspFetchInterval>"),
			0, true, false },
		{ "FETCHINTERVAL", C("<a/>"), 0, true, false },
		{ "NEXTUPDATE",
			C("<verifyNextUpdate>false"
			  "</verifyNextUpdate>"),
			1200, false, true },
		{ "NEXTUPDATE", C("<verifyNextUpdate>no</verifyNextUpdate>"), 0,
			true, false },
		{ "NEXTUPDATE", "<a/>", 0, true, false },
		{ "MONITORING", C(""), 1200, true, true },
		{ "OTHER", "rubbish", 1200, true, true },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct gc_options o;
		int r;

		gc_options_default(&o);
		r = gc_options_read(
			a, row[i].identifier, bytes_str(row[i].text), &o, NULL);
		ok_m((r == 0) == row[i].good, "option %zu", i);
		if (r != 0)
			continue;
		is_int(o.ocsp_fetch_s, row[i].fetch);
		ok(o.verify_next_update == row[i].verify);
		ok(!o.has_monitoring);
	}
}

static void
test_option_vectors(struct arena *a)
{
	static const struct {
		const char *file, *identifier;
		bool good;
	} row[] = {
		{ "valid-fetchinterval", "FETCHINTERVAL", true },
		{ "invalid-fetchinterval", "FETCHINTERVAL", false },
		{ "empty-fetchinterval", "FETCHINTERVAL", true },
		{ "valid-nextupdate", "NEXTUPDATE", true },
		{ "invalid-nextupdate", "NEXTUPDATE", false },
		{ "empty-nextupdate", "NEXTUPDATE", true },
		{ "valid-monitoring", "MONITORING", true },
		{ "invalid-monitoring", "MONITORING", false },
		{ "empty-monitoring", "MONITORING", true },
	};
	struct gc_options o;
	struct bytes x;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct err e = ERR_INIT;

		ok(vector(a,
			   arena_printf(a, "globalconf-core/%s-params.xml",
				   row[i].file),
			   &x) == 0);
		gc_options_default(&o);
		ok_m((gc_options_read(a, row[i].identifier, x, &o, &e) == 0) ==
				row[i].good,
			"%s %s", row[i].file, e.text);
		if (str_equal(row[i].file, "valid-monitoring"))
			is_str(client_id_text(a, &o.monitoring),
				"MEMBER:fdev/GOV/66655666");
		ok(o.has_monitoring ==
			str_equal(row[i].file, "valid-monitoring"));
	}
}

int
main(void)
{
	struct arena *a = arena_new();

	xml_startup();
	test_model(a);
	test_unreadable(a);
	test_malformed(a);
	test_bad_anchors(a);
	test_options(a);
	if (vectors_path("x-road/globalconf-core")) {
		test_trees(a);
		test_v6(a);
		test_bad_vectors(a);
		test_anchors(a);
		test_option_vectors(a);
	} else {
		tap_skip("no vectors");
	}
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
