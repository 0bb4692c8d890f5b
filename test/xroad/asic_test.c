/* SPDX-License-Identifier: MIT */
/*
 * Containers: written as X-Road writes them, read as others write them, and
 * broken in every way that matters.
 */
#include <stdio.h>
#include <string.h>

#include "asic.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "tap.h"
#include "text.h"
#include "xml.h"

#include "pki.inl"

static struct arena *a;

enum { TIME = 1698063404 };

static struct bytes
vector(const char *name)
{
	const char *path = vectors_path(name);
	struct bytes b = { 0 };
	struct err e = ERR_INIT;

	if (path)
		file_read(a, path, 64 << 20, &b, &e);
	return b;
}

static struct bytes
zip_of(const struct zip_entry *en, size_t n, int level)
{
	struct err e = ERR_INIT;
	struct bytes out;
	struct buf b;

	buf_init(&b, 64 << 20);
	ok_m(!zip_write(en, n, level, "note", TIME * 1000LL, &b, &e),
		"zip of %zu: %s", n, e.text);
	out = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	return out;
}

static void
zip_round(void)
{
	char *big = arena_alloc(a, 300000);
	struct zip_entry en[3] = { { "a", bytes_str("text") }, { "b/c", { 0 } },
		{ "\xc3\xa4", bytes_of(big, 300000) } };
	struct err e = ERR_INIT;
	struct zip_entry *got;
	struct bytes z;
	size_t n, i;
	int level;

	for (i = 0; i < 300000; i++)
		big[i] = (char)(i * i >> 7);
	for (level = 0; level <= 9; level += 3) {
		z = zip_of(en, 3, level);
		ok(!zip_read(a, z, 1 << 20, &got, &n, &e) && n == 3);
		for (i = 0; i < 3; i++)
			ok(str_equal(got[i].name, en[i].name) &&
				bytes_equal(got[i].data, en[i].data));
	}
	is_int(zip_read(a, z, 300003, &got, &n, &e), -1);
	is_int(e.fault, FAULT_TOO_LARGE);
	z = zip_of(en, 0, 6);
	err_reset(&e);
	ok(!zip_read(a, z, 10, &got, &n, &e) && n == 0);
}

/* Every single changed byte is noticed, or changes nothing that is read. */
static void
zip_bytes(void)
{
	struct zip_entry en[2] = { { "one", bytes_str("first text") },
		{ "two", bytes_str("second") } };
	struct bytes z = zip_of(en, 2, 6);
	uint8_t *copy = arena_memdup(a, z.data, z.len);
	struct zip_entry *got;
	size_t i, k, n, silent = 0, bad = 0;
	bool same;

	for (i = 0; i < z.len; i++) {
		copy[i] ^= 0x15;
		if (!zip_read(a, bytes_of(copy, z.len), 1 << 20, &got, &n,
			    NULL)) {
			same = n == 2;
			for (k = 0; same && k < 2; k++)
				same = str_equal(got[k].name, en[k].name) &&
				       bytes_equal(got[k].data, en[k].data);
			bad += !same;
			silent++;
		}
		copy[i] ^= 0x15;
		/* a truncated file is none */
		bad += !zip_read(a, bytes_of(copy, i), 1 << 20, &got, &n, NULL);
	}
	ok_m(!bad, "%zu of %zu changed bytes do not matter, %zu wrong", silent,
		z.len, bad);
}

static void
zip_refusals(void)
{
	struct zip_entry twice[2] = { { "x", bytes_str("1") },
		{ "x", bytes_str("2") } };
	struct zip_entry bomb[1] = { { "x", { 0 } } };
	struct zip_entry *got;
	struct err e = ERR_INIT;
	struct bytes z;
	struct buf b;
	size_t n;

	z = zip_of(twice, 2, 6);
	is_int(zip_read(a, z, 100, &got, &n, &e), -1);
	is_int(e.fault, FAULT_INVALID_MESSAGE);
	bomb[0].data = bytes_of(arena_alloc(a, 66 << 20), 66 << 20);
	z = zip_of(bomb, 1, 9);
	err_reset(&e);
	is_int(zip_read(a, z, 256 << 20, &got, &n, &e), -1);
	is_int(e.fault, FAULT_TOO_LARGE);
	/* something before, between or behind */
	twice[1].name = "y";
	z = zip_of(twice, 2, 6);
	buf_init(&b, 1 << 20);
	buf_char(&b, '#');
	buf_bytes(&b, z);
	is_int(zip_read(a, bytes_buf(&b), 100, &got, &n, NULL), -1);
	buf_drop(&b, 1);
	is_int(zip_read(a, bytes_buf(&b), 100, &got, &n, NULL), 0);
	buf_char(&b, '#');
	is_int(zip_read(a, bytes_buf(&b), 100, &got, &n, NULL), -1);
	buf_done(&b);
}

static struct asic
sample(void)
{
	static struct bytes att[3];
	struct asic c = {
		.message = bytes_str("<m/>"),
		.signature = { bytes_str("<s/>"), bytes_str("<r/>"),
			bytes_str("<c/>") },
		.ts_result = bytes_str("<tr/>"),
		.ts_chain = bytes_str("<tc/>"),
		.ts_token = bytes_str("token"),
		.attachment = att,
		.attachments = 3,
		.time = TIME * 1000LL,
	};

	att[0] = bytes_str("one");
	att[2] = bytes_of("", 0);
	return c;
}

static void
round_trip(void)
{
	struct asic c = sample(), r;
	struct zip_entry *en;
	struct err e = ERR_INIT;
	struct buf b;
	size_t n, i;
	static const char *const order[] = { "mimetype", "message.xml",
		"META-INF/signatures.xml", "sig-hashchainresult.xml",
		"sig-hashchain.xml", "ts-hashchainresult.xml",
		"ts-hashchain.xml", "META-INF/manifest.xml",
		"META-INF/ASiCManifest.xml", "META-INF/timestamp.tst",
		"attachment1", "attachment3" };

	buf_init(&b, 1 << 20);
	ok(!asic_write(&c, &b, &e));
	ok(!zip_read(a, bytes_buf(&b), 1 << 20, &en, &n, &e));
	is_int(n, 12);
	for (i = 0; i < n && i < 12; i++)
		is_str(en[i].name, order[i]);
	/* method, flags and time as the original writes them */
	is_bytes(b.data, 14, "PK\3\4\x14\0\x08\x08\x08\0\x16\x62\x57\x57", 14);
	is_bytes(b.data + 38, 9, "UT\5\0\1\x2c\x64\x36\x65", 9);
	ok(!asic_read(a, bytes_buf(&b), &r, &e));
	ok(bytes_equal(r.message, c.message));
	ok(bytes_equal(r.signature.xml, c.signature.xml));
	ok(bytes_equal(
		r.signature.hashchain_result, c.signature.hashchain_result));
	ok(bytes_equal(r.signature.hashchain, c.signature.hashchain));
	ok(bytes_equal(r.ts_result, c.ts_result));
	ok(bytes_equal(r.ts_chain, c.ts_chain));
	ok(bytes_equal(r.ts_token, c.ts_token));
	is_int(r.attachments, 3);
	ok(bytes_equal(r.attachment[0], c.attachment[0]));
	ok(!r.attachment[1].data && r.attachment[2].data);
	ok(!asic_manifest_check(a, &r, &e));
	r.ts_result = bytes_str("<other/>");
	is_int(asic_manifest_check(a, &r, &e), -1);
	buf_reset(&b);
	c = sample();
	c.signature.hashchain = c.signature.hashchain_result = c.ts_result =
		c.ts_chain = (struct bytes){ 0 };
	c.attachments = 0;
	err_reset(&e);
	ok(!asic_write(&c, &b, &e));
	ok(!zip_read(a, bytes_buf(&b), 1 << 20, &en, &n, &e));
	is_int(n, 4);
	buf_done(&b);
}

/* Other people's tools read what we write. */
static void
judges(void)
{
	struct asic c = sample();
	struct err e = ERR_INIT;
	char out[8192];
	const char *path = path_join(a, tap_dir(), "x.asice");
	struct buf b;

	buf_init(&b, 1 << 20);
	ok(!asic_write(&c, &b, &e));
	ok(!file_write(path, bytes_buf(&b), FILE_PUBLIC, &e));
	buf_done(&b);
	const char *unzip[] = { "unzip", "-t", path, NULL };
	is_int(tap_run(unzip, out, sizeof(out)), 0);
	ok(strstr(out, "No errors detected") != NULL);
	ok(strstr(out, "mimetype=application/vnd.etsi.asic-e+zip") != NULL);
	const char *python[] = { "python3", "-c",
		"import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); "
		"assert z.testzip() is None; "
		"assert all(i.flag_bits == 0x808 and i.compress_type == 8 "
		"for i in z.infolist()); "
		"assert z.infolist()[0].date_time == (2023,10,23,12,16,44); "
		"assert z.read('message.xml') == b'<m/>'",
		path, NULL };
	is_int(tap_run(python, out, sizeof(out)), 0);
}

static void
names(void)
{
	char *long_id = arena_alloc(a, 301);

	is_str(asic_name(a, "ID 1/2", false, 15), "ID+1%2F2-request-f.asice");
	is_str(asic_name(a, "x", true, 32), "x-response-10.asice");
	is_str(asic_name(a, "x", true, 0), "x-response-0.asice");
	is_str(asic_name(a, "x", true, INT64_MAX),
		"x-response-7vvvvvvvvvvvv.asice");
	memset(long_id, 'q', 300);
	is_int(strlen(asic_name(a, long_id, true, 1)), 226 + 17);
}

static enum fault
read_fault(struct bytes z)
{
	struct err e = ERR_INIT;
	struct asic c;

	asic_read(a, z, &c, &e);
	return e.fault;
}

#define TYPE "application/vnd.etsi.asic-e+zip"

static void
structure(void)
{
	static const struct {
		const char *leave, *change, *into;
		enum fault want;
	} row[] = {
		{ "", "", "", FAULT_NONE },
		{ "mimetype", "", "", FAULT_ASIC_NO_MIMETYPE },
		{ "", "mimetype", "text/plain", FAULT_ASIC_BAD_MIMETYPE },
		{ "", "mimetype", TYPE "\n", FAULT_ASIC_BAD_MIMETYPE },
		{ "", "mimetype", "APPLICATION/vnd.etsi.asic-e+zip",
			FAULT_NONE },
		{ "message.xml", "", "", FAULT_ASIC_NO_MESSAGE },
		{ "", "message.xml", "", FAULT_ASIC_NO_MESSAGE },
		{ "META-INF/my-signatures-1.xml", "", "",
			FAULT_ASIC_NO_SIGNATURE },
		{ "SIG-hashchain.xml", "", "", FAULT_ASIC_NO_HASHCHAIN },
		{ "sig-hashchainresult.xml", "", "",
			FAULT_ASIC_NO_HASHCHAIN_RESULT },
		{ "ts-hashchain.xml", "", "", FAULT_ASIC_NO_HASHCHAIN },
		{ "ts-hashchainresult.xml", "", "",
			FAULT_ASIC_NO_HASHCHAIN_RESULT },
		{ "META-INF/timestamp.tst", "", "", FAULT_ASIC_NO_TIMESTAMP },
	};
	static const struct {
		const char *name, *data;
	} full[] = {
		{ "mimetype", TYPE },
		{ "message.xml", "<m/>" },
		{ "META-INF/", "" },
		{ "META-INF/my-signatures-1.xml", "<s/>" },
		{ "SIG-hashchain.xml", "<c/>" },
		{ "sig-hashchainresult.xml", "<r/>" },
		{ "ts-hashchain.xml", "<c/>" },
		{ "ts-hashchainresult.xml", "<r/>" },
		{ "META-INF/timestamp.tst", "t" },
		{ "README", "unknown entries do not matter" },
		{ "attachment0", "no" },
		{ "attachment01", "no" },
		{ "attachment9999999999999999999999", "no" },
	};
	struct zip_entry en[16];
	size_t i, k, n;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		for (k = n = 0; k < sizeof(full) / sizeof(*full); k++)
			if (!str_equal(full[k].name, row[i].leave))
				en[n++] = (struct zip_entry){ full[k].name,
					bytes_str(str_equal(full[k].name,
							  row[i].change)
							  ? row[i].into
							  : full[k].data) };
		ok_m(read_fault(zip_of(en, n, 6)) == row[i].want,
			"structure %zu", i);
	}
	en[n++] = (struct zip_entry){ "META-INF/signatures.xml",
		bytes_str("<s/>") };
	is_int(read_fault(zip_of(en, n, 6)), FAULT_INVALID_MESSAGE);
	en[n - 1].name = "MimeType";
	is_int(read_fault(zip_of(en, n, 6)), FAULT_INVALID_MESSAGE);
	is_int(read_fault(bytes_str("")), FAULT_ASIC_NO_MIMETYPE);
	is_int(read_fault(bytes_str("<html/>")), FAULT_ASIC_NO_MIMETYPE);
}

#define S "x-road/asic-structure/"
#define C "x-road/asic-containers/"

static void
vectors_structure(void)
{
	static const struct {
		const char *file;
		enum fault want;
	} row[] = {
		{ S "valid-signed-message.asice", FAULT_NONE },
		{ S "valid-signed-message-with-attachments.asice", FAULT_NONE },
		{ S "no-mimetype.asice", FAULT_ASIC_NO_MIMETYPE },
		{ S "not-asic.asice", FAULT_ASIC_NO_MIMETYPE },
		{ S "no-message.asice", FAULT_ASIC_NO_MESSAGE },
		{ S "no-signature.asice", FAULT_ASIC_NO_SIGNATURE },
		{ C "valid-signed-message.asice", FAULT_NONE },
		{ C "valid-signed-hashchain.asice", FAULT_NONE },
		{ C "valid-batch-ts.asice", FAULT_NONE },
		{ C "valid-non-batch-rest.asice", FAULT_NONE },
		{ C "valid-non-batch-soap-attachments.asice", FAULT_NONE },
		{ C "wrong-message.asice", FAULT_NONE },
	};
	struct asic c;
	struct err e = ERR_INIT;
	size_t i;

	if (!vectors_path("x-road")) {
		tap_skip("no vectors");
		return;
	}
	for (i = 0; i < sizeof(row) / sizeof(*row); i++)
		ok_m(read_fault(vector(row[i].file)) == row[i].want, "%s",
			row[i].file);
	ok(!asic_read(
		a, vector(C "valid-non-batch-soap-attachments.asice"), &c, &e));
	is_int(c.attachments, 2);
	ok(c.attachment[0].len && c.attachment[1].len);
	ok(!asic_manifest_check(a, &c, &e));
}

/* The signature without trust: what its CA was does not matter. */
static bool
core_good(const struct asic *c, struct err *e)
{
	struct hashchain_part p = { .uri = "/message.xml" };
	struct signed_message m = { &p, 1, true };
	struct signature_facts f;

	digest_of(DIGEST_SHA512, c->message.data, c->message.len, &p.digest);
	return !signature_verify_core(a, &c->signature, &m, false, &f, e);
}

/* Archives: containers within a ZIP of level 0. */
static void
vectors_archives(void)
{
	static const char *const file[] = {
		"x-road/archive-live/message-archive-0.zip",
		"x-road/archive-live/message-archive-1.zip",
		"x-road/archive-samples/mlog-WITH_LINKINGINFO.zip",
	};
	struct zip_entry *en;
	struct asic c;
	struct err e = ERR_INIT;
	size_t i, k, n, containers = 0;

	if (!vectors_path("x-road")) {
		tap_skip("no vectors");
		return;
	}
	for (i = 0; i < sizeof(file) / sizeof(*file); i++) {
		ok(!zip_read(a, vector(file[i]), 64 << 20, &en, &n, &e));
		for (k = 0; k < n; k++)
			if (str_suffix(en[k].name, ".asice")) {
				containers++;
				ok_m(!asic_read(a, en[k].data, &c, &e) &&
						!asic_manifest_check(
							a, &c, &e) &&
						core_good(&c, &e),
					"%s %s", en[k].name, e.text);
			}
	}
	is_int(containers, 22);
}

/* ---- verification ---- */

static struct globalconf *
conf_of(const char *file, const char *instance, int version)
{
	struct gc_instance_file f = {
		.shared = vector(file), .version = version, .expires = INT64_MAX
	};
	struct globalconf *g = NULL;
	struct err e = ERR_INIT;

	ok_m(!globalconf_new(&g, &f, 1, instance, &e), "%s %s", file, e.text);
	return g;
}

static enum fault
verify(struct bytes zip, const struct globalconf *g, struct asic_report *r,
	struct err *e)
{
	struct asic c;

	memset(r, 0, sizeof(*r));
	if (!asic_read(a, zip, &c, e))
		asic_verify(a, &c, g, r, e);
	return e->fault;
}

static const char *
state_of(const struct asic_report *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->parts; i++)
		if (str_equal(r->part[i].name, name))
			return r->part[i].state;
	return NULL;
}

static void
vectors_verdicts(void)
{
	static const struct {
		const char *file;
		enum fault want;
		const char *code;
	} row[] = {
		{ C "valid-signed-message.asice", FAULT_NONE, "" },
		{ C "valid-signed-hashchain.asice", FAULT_NONE, "" },
		{ C "valid-batch-ts.asice", FAULT_NONE, "" },
		{ C "valid-non-batch-rest.asice", FAULT_NONE, "" },
		{ C "valid-non-batch-soap-attachments.asice", FAULT_NONE, "" },
		{ C "invalid-not-signed-hashchain.asice", FAULT_NONE, "" },
		{ C "wrong-message.asice", FAULT_INVALID_SIGNATURE_VALUE,
			"invalid_signature_value" },
		{ C "invalid-digest.asice", FAULT_INVALID_SIGNATURE_VALUE,
			"invalid_signature_value" },
		{ C "invalid-signed-hashchain.asice",
			FAULT_INVALID_HASH_CHAIN_REF,
			"malformed_signature.invalid_hash_chain_ref" },
		{ C "invalid-hashchain-modified-message.asice",
			FAULT_HASHCHAIN_UNUSED_INPUTS,
			"malformed_signature.hashchain_unused_inputs" },
		{ C "invalid-incorrect-references.asice",
			FAULT_MALFORMED_SIGNATURE, "malformed_signature" },
	};
	struct globalconf *g;
	struct asic_report r;
	struct err e = ERR_INIT;
	size_t i;

	if (!vectors_path("x-road")) {
		tap_skip("no vectors");
		return;
	}
	g = conf_of("x-road/globalconf-core/globalconf_good2_v3/DEV/"
		    "shared-params.xml",
		"DEV", 3);
	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		err_reset(&e);
		ok_m(verify(vector(row[i].file), g, &r, &e) == row[i].want &&
				str_equal(e.code, row[i].code),
			"%s: %s %s", row[i].file, e.code, e.text);
		if (e.fault)
			continue;
		ok(r.stamped_at && r.signing_time && r.ocsp_at &&
			r.tsa_subject && r.signer_subject && r.sender.code);
		is_str(state_of(&r, "message.xml"), "verified");
	}
	/* whatever Java says of the time-stamp chain, this has more faults */
	err_reset(&e);
	ok(verify(vector(C "invalid-ts-hashchainresult.asice"), g, &r, &e));
	ok_m(str_prefix(e.code, "malformed_signature"), "%s", e.code);
	err_reset(&e);
	verify(vector(C "valid-signed-hashchain.asice"), g, &r, &e);
	is_str(state_of(&r, "attachment1"), "not in container");
	is_int(r.batch_signature, true);
	is_int(r.batch_stamp, false);
	verify(vector(C "invalid-not-signed-hashchain.asice"), g, &r, &e);
	is_str(state_of(&r, "sig-hashchain.xml"),
		"hash chain present but not signed");
	verify(vector(C "valid-non-batch-rest.asice"), g, &r, &e);
	is_str(r.kind, "REST response");
	is_str(state_of(&r, "attachment1"), "verified");
	is_int(r.batch_stamp, true);
	globalconf_unref(&g);
}

/* Twenty-one containers of a live system; its CA, OCSP and TSA are those of
   another global configuration in the collection. */
static void
vectors_live(void)
{
	static const char *const file[] = {
		"x-road/archive-live/message-archive-0.zip",
		"x-road/archive-live/message-archive-1.zip",
	};
	struct globalconf *g;
	struct zip_entry *en;
	struct asic_report r;
	struct err e = ERR_INIT;
	size_t i, k, n, good = 0;

	if (!vectors_path("x-road")) {
		tap_skip("no vectors");
		return;
	}
	g = conf_of("x-road/globalconf-signed/V3/20240408142911166434000/"
		    "shared-params.xml",
		"CS", 3);
	for (i = 0; i < 2; i++) {
		ok(!zip_read(a, vector(file[i]), 64 << 20, &en, &n, &e));
		for (k = 0; k < n; k++) {
			if (!str_suffix(en[k].name, ".asice"))
				continue;
			err_reset(&e);
			ok_m(verify(en[k].data, g, &r, &e) == FAULT_NONE,
				"%s: %s %s", en[k].name, e.code, e.text);
			good += !e.fault;
		}
	}
	is_int(good, 21);
	globalconf_unref(&g);
}

/* ---- our own evidence, there and back ---- */

#define ID(n)                                                 \
 "<id:xRoadInstance>XX</id:xRoadInstance><id:memberClass>COM" \
 "</id:memberClass><id:memberCode>" n "</id:memberCode>"
#define SOAP(body)                                                                     \
 "<?xml version=\"1.0\" encoding=\"UTF-8\"?><S:Envelope xmlns:S=\""                    \
 "http://schemas.xmlsoap.org/soap/envelope/\" xmlns:id=\"http://x-road.eu"             \
 "/xsd/identifiers\" xmlns:x=\"http://x-road.eu/xsd/xroad.xsd\">"                      \
 "<S:Header><x:client id:objectType=\"MEMBER\">" ID(                                   \
	 "M1") "</x:client>"                                                           \
	       "<x:service id:objectType=\"SERVICE\">" ID(                             \
		       "M2") "<id:serviceCode>echo</id:serviceCode></x:service><x:id>" \
			     "Q1</x:id><x:protocolVersion>4.0</x:protocolVersion>"     \
			     "</S:Header><S:Body><" body                               \
			     "/></S:Body></S:Envelope>"

/* A container as the message log makes it: part 0 is the message. */
static struct asic
evidence(struct pki *k, const struct bytes *part, size_t parts, bool ec,
	bool batch_stamp, int64_t at)
{
	struct signing by = pki_signing(k, a, ec);
	struct hashchain_part *p = arena_array(a, parts, sizeof(*p));
	struct hashchain_part sig[2] = { { .uri = "/META-INF/signatures.xml" },
		{ .uri = "/META-INF/signatures.xml" } };
	struct hashchain_item item[2] = { { &sig[0], 1 }, { &sig[1], 1 } };
	struct hashchain_out chain;
	struct signature_facts f;
	struct asic c = { .message = part[0],
		.attachment = part + 1,
		.attachments = parts - 1,
		.time = PKI_NOW };
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < parts; i++) {
		p[i].uri = i ? arena_printf(a, "/attachment%zu", i)
			     : "/message.xml";
		digest_of(
			DIGEST_SHA512, part[i].data, part[i].len, &p[i].digest);
	}
	ok_m(!signature_make(a, &by, p, parts, &c.signature, &e), "%s", e.text);
	if (!batch_stamp) {
		signature_read(a, c.signature.xml, &f, &e);
		ok(!signature_add_timestamp(a, c.signature.xml,
			pki_stamp(k, a, f.value, at), &c.signature.xml, &e));
		return c;
	}
	digest_of(DIGEST_SHA512, "other", 5, &sig[0].digest);
	digest_of(DIGEST_SHA512, c.signature.xml.data, c.signature.xml.len,
		&sig[1].digest);
	ok(!hashchain_build(a, "ts-hashchain.xml", item, 2, &chain, &e));
	c.ts_result = chain.result;
	c.ts_chain = chain.chain[1];
	c.ts_token = pki_stamp(k, a, chain.result, at);
	return c;
}

static enum fault
judge(const struct asic *c, struct pki *k, struct asic_report *r)
{
	struct err e = ERR_INIT;
	struct bytes zip;
	struct buf b;

	buf_init(&b, 16 << 20);
	ok(!asic_write(c, &b, &e));
	zip = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	verify(zip, k->conf, r, &e);
	if (e.fault)
		tap_note("%s: %s", e.code, e.text);
	return e.fault;
}

static void
own_evidence(struct pki *k)
{
	struct bytes ask[3] = { bytes_str(SOAP("echo")), bytes_str("one"),
		bytes_str("two") };
	struct bytes answer[1] = { bytes_str(SOAP("echoResponse")) };
	struct asic_report r;
	struct asic c;
	size_t n;
	int batch;

	for (batch = 0; batch < 2; batch++) {
		for (n = 1; n <= 3; n++) {
			c = evidence(k, ask, n, false, batch, PKI_NOW + 5000);
			is_int(judge(&c, k, &r), FAULT_NONE);
			is_str(r.kind, "SOAP request");
			is_str(r.message_id, "Q1");
			is_str(r.sender_text, "MEMBER:XX/COM/M1");
			is_int(r.parts, n);
			is_int(r.batch_stamp, batch);
			is_int(r.batch_signature, n > 1);
			is_int(r.stamped_at, PKI_NOW + 5000);
		}
		c = evidence(k, answer, 1, true, batch, PKI_NOW);
		is_int(judge(&c, k, &r), FAULT_NONE);
		is_str(r.kind, "SOAP response");
		is_str(r.sender_text, "MEMBER:XX/COM/M2");
		/* signed by the other party */
		c = evidence(k, answer, 1, false, batch, PKI_NOW);
		is_int(judge(&c, k, &r), FAULT_INCORRECT_CERTIFICATE);
		ok(r.stamped_at && r.signer_subject);
		/* stamped when the OCSP response was old already */
		c = evidence(k, ask, 1, false, batch, PKI_NOW + 7200000);
		is_int(judge(&c, k, &r), FAULT_INCORRECT_VALIDATION_INFO);
	}
}

static void
own_tampering(struct pki *k)
{
	struct bytes ask[3] = { bytes_str(SOAP("echo")), bytes_str("one"),
		bytes_str("two") };
	struct bytes other[3] = { bytes_str(SOAP("echoes")), bytes_str("one"),
		bytes_str("two") };
	struct bytes swapped[2] = { bytes_str("two"), bytes_str("one") };
	struct asic_report r;
	struct asic c, d, x;

	c = evidence(k, ask, 3, false, true, PKI_NOW);
	d = evidence(k, other, 3, false, true, PKI_NOW);
	x = c;
	x.message = d.message;
	is_int(judge(&x, k, &r), FAULT_INVALID_HASH_CHAIN_REF);
	x = c;
	x.attachment = swapped;
	is_int(judge(&x, k, &r), FAULT_INVALID_HASH_CHAIN_REF);
	x.attachments = 0; /* withheld: tolerated and said */
	is_int(judge(&x, k, &r), FAULT_NONE);
	is_str(state_of(&r, "attachment2"), "not in container");
	x = c;
	x.signature = d.signature; /* replayed on another message */
	is_int(judge(&x, k, &r), FAULT_INVALID_HASH_CHAIN_REF);
	x = c;
	x.signature.hashchain_result = d.signature.hashchain_result;
	ok(judge(&x, k, &r));
	x = c;
	x.signature.hashchain = d.signature.hashchain;
	ok(judge(&x, k, &r));
	x = c;
	x.ts_token = d.ts_token;
	is_int(judge(&x, k, &r), FAULT_TSA_RESPONSE);
	x = c;
	x.ts_chain = d.ts_chain;
	is_int(judge(&x, k, &r), FAULT_INVALID_HASH_CHAIN_REF);
	x = c;
	x.ts_result = d.ts_result;
	x.ts_chain = d.ts_chain;
	x.ts_token = d.ts_token; /* a stamp for something else */
	is_int(judge(&x, k, &r), FAULT_INVALID_HASH_CHAIN_REF);
	x = c;
	x.ts_result = x.ts_chain = x.ts_token = (struct bytes){ 0 };
	is_int(judge(&x, k, &r), FAULT_ASIC_NO_TIMESTAMP);
	/* an attachment that nobody signed */
	d = evidence(k, ask, 1, false, true, PKI_NOW);
	d.attachment = swapped;
	d.attachments = 1;
	is_int(judge(&d, k, &r), FAULT_MALFORMED_SIGNATURE);
	d.attachments = 0;
	d.message = bytes_str("no message");
	ok(judge(&d, k, &r));
}

static int
gather(void *ctx, struct bytes piece, struct err *e)
{
	struct buf *b = ctx;

	(void)e;
	buf_bytes(b, piece);
	return 0;
}

static int
refuse(void *ctx, struct bytes piece, struct err *e)
{
	(void)ctx, (void)piece;
	return fail(e, FAULT_IO, "full");
}

/* Entry by entry gives what all at once gives. */
static void
zip_streaming(void)
{
	static const struct zip_entry en[] = {
		{ "one", { (const uint8_t *)"first", 5 } },
		{ "empty", { (const uint8_t *)"", 0 } },
		{ "three", { (const uint8_t *)"third", 5 } },
	};
	struct err e = ERR_INIT;
	struct zip_stream *z;
	struct buf all, pieces;

	buf_init(&all, 1 << 20);
	buf_init(&pieces, 1 << 20);
	z = zip_stream_new(0, gather, &pieces);
	for (size_t i = 0; i < 3; i++)
		ok(!zip_stream_add(z, &en[i], TIME * 1000LL, &e));
	ok(!zip_stream_end(z, &e));
	is_int((long long)zip_stream_size(z), (long long)pieces.len);
	zip_stream_free(&z);
	ok(!zip_write(en, 3, 0, NULL, TIME * 1000LL, &all, &e));
	is_bytes(pieces.data, pieces.len, all.data, all.len);
	z = zip_stream_new(0, refuse, NULL);
	is_int(zip_stream_add(z, &en[0], 0, &e), -1);
	is_int(e.fault, FAULT_IO);
	zip_stream_free(&z);
	zip_stream_free(&z);
	buf_done(&all);
	buf_done(&pieces);
}

int
main(void)
{
	struct pki pki;

	xml_startup();
	a = arena_new();
	zip_round();
	zip_bytes();
	zip_refusals();
	zip_streaming();
	round_trip();
	judges();
	names();
	structure();
	vectors_structure();
	vectors_archives();
	vectors_verdicts();
	vectors_live();
	pki_start(&pki, a);
	own_evidence(&pki);
	own_tampering(&pki);
	pki_stop(&pki);
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
