/* SPDX-License-Identifier: MIT */
/*
 * Linking information: archives that a real server made, and everything that
 * can be wrong with one.
 */
#include <string.h>

#include "err.h"
#include "file.h"
#include "linking.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

static struct arena *a;

/* A file's linkinginfo and containers. */
struct archive {
	struct zip_entry *en;
	size_t n;
	struct bytes info;
};

static bool
open_archive(const char *name, struct archive *out)
{
	const char *path = vectors_path(name);
	struct err e = ERR_INIT;
	struct bytes zip;
	size_t n, kept = 0;

	memset(out, 0, sizeof(*out));
	if (!path)
		return false;
	if (file_read(a, path, 64 << 20, &zip, &e) ||
		zip_read(a, zip, 64 << 20, &out->en, &n, &e)) {
		ok_m(false, "%s: %s", name, e.text);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (str_equal(out->en[i].name, LINKING_NAME))
			out->info = out->en[i].data;
		else
			out->en[kept++] = out->en[i];
	out->n = kept;
	return true;
}

static enum fault
verdict(const struct archive *z, struct linking *l)
{
	struct err e = ERR_INIT;

	if (!linking_read(a, z->info, l, &e))
		linking_verify(a, l, z->en, z->n, &e);
	return e.fault;
}

/* What we write for the same containers is what the file has. */
static void
same_again(const struct archive *z, const struct linking *l)
{
	char digest[LINKING_HEX_MAX + 1];
	struct buf b;

	buf_init(&b, LINKING_SIZE_MAX);
	memcpy(digest, l->previous, strlen(l->previous) + 1);
	linking_head(&b, l->previous, l->previous_file, l->alg);
	for (size_t i = 0; i < z->n; i++) {
		linking_next(l->alg, digest, z->en[i].data, digest);
		linking_line(&b, digest, z->en[i].name);
	}
	is_bytes(b.data, b.len, z->info.data, z->info.len);
	buf_done(&b);
}

static void
test_live(void)
{
	struct linking first, second;
	struct archive z;

	if (!open_archive("x-road/archive-live/message-archive-0.zip", &z)) {
		tap_skip("no shared vectors");
		return;
	}
	is_int(verdict(&z, &first), FAULT_NONE);
	is_str(first.previous, "");
	is_str(first.previous_file, "");
	is_int(first.alg, DIGEST_SHA512);
	is_int((long long)first.n, 1);
	ok(str_prefix(linking_last(&first), "9011ab557706b505"));
	same_again(&z, &first);
	if (!open_archive("x-road/archive-live/message-archive-1.zip", &z))
		return;
	is_int(verdict(&z, &second), FAULT_NONE);
	is_str(second.previous, linking_last(&first));
	is_int((long long)second.n, 20);
	ok(str_prefix(linking_last(&second), "1bdf9efbf998d9c1"));
	same_again(&z, &second);
	/* a container changed, taken out, exchanged */
	z.en[3].data.len--;
	is_int(verdict(&z, &second), FAULT_INVALID_HASH_CHAIN);
	z.en[3].data.len++;
	z.n--;
	is_int(verdict(&z, &second), FAULT_INVALID_REFERENCE);
	z.n++;
	z.en[4].data = z.en[3].data;
	is_int(verdict(&z, &second), FAULT_INVALID_HASH_CHAIN);
}

static void
test_samples(void)
{
	static const struct {
		const char *name;
		enum fault want;
	} row[] = {
		{ "WITH_LINKINGINFO", FAULT_NONE },
		{ "NO_LINKINGINFO", FAULT_INVALID_MESSAGE },
		{ "NO_ASIC_CONTAINERS", FAULT_INVALID_REFERENCE },
		{ "WITH_INVALID_LINKINGINFO", FAULT_INVALID_MESSAGE },
		{ "EXCESSIVE_FILES_IN_LINKINGINFO", FAULT_INVALID_REFERENCE },
	};
	struct archive z;
	struct linking l;

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		const char *name = arena_printf(
			a, "x-road/archive-samples/mlog-%s.zip", row[i].name);

		if (!open_archive(name, &z)) {
			tap_skip("no shared vectors");
			continue;
		}
		ok_m(verdict(&z, &l) == row[i].want, "%s", row[i].name);
	}
}

/* Two containers of our own, chained. */
static const struct zip_entry ours[] = {
	{ "one.asice", { (const uint8_t *)"one", 3 } },
	{ "two.asice", { (const uint8_t *)"two", 3 } },
};

static enum fault
judge(const char *text, const struct zip_entry *en, size_t n)
{
	struct archive z = { .n = n, .info = bytes_str(text) };
	struct linking l;

	z.en = arena_memdup(a, en, n * sizeof(*en));
	return verdict(&z, &l);
}

static void
test_rules(void)
{
	char d1[LINKING_HEX_MAX + 1], d2[LINKING_HEX_MAX + 1];
	const char *good, *upper;
	struct linking l;

	linking_next(DIGEST_SHA512, "", ours[0].data, d1);
	linking_next(DIGEST_SHA512, d1, ours[1].data, d2);
	good = arena_printf(
		a, "- - SHA-512\n%s one.asice\n%s two.asice\n", d1, d2);
	is_int(judge(good, ours, 2), FAULT_NONE);
	is_int(judge(arena_printf(a, "- - SHA-512\n%s one.asice", d1), ours, 1),
		FAULT_NONE);
	upper = arena_printf(
		a, "- - sha-512\r\n%s one.asice\r\n%s two.asice\r\n", d1, d2);
	is_int(judge(upper, ours, 2), FAULT_NONE);
	/* order, doubles, strangers */
	is_int(judge(arena_printf(a,
			     "- - SHA-512\n%s two.asice\n%s one.asice\n", d2,
			     d1),
		       ours, 2),
		FAULT_INVALID_HASH_CHAIN);
	is_int(judge(arena_printf(a,
			     "- - SHA-512\n%s one.asice\n%s one.asice\n", d1,
			     d2),
		       ours, 1),
		FAULT_INVALID_REFERENCE);
	is_int(judge(arena_printf(a, "- - SHA-512\n%s one.asice\n", d1), ours,
		       2),
		FAULT_INVALID_REFERENCE);
	is_int(judge(good, ours, 1), FAULT_INVALID_REFERENCE);
	/* another beginning: every digest is another */
	is_int(judge(arena_printf(a, "%s before.zip SHA-512\n%s one.asice\n",
			     d2, d1),
		       ours, 1),
		FAULT_INVALID_HASH_CHAIN);
	is_int(linking_read(a, bytes_str(good), &l, NULL), 0);
	is_str(linking_last(&l), d2);
}

static void
test_malformed(void)
{
	static const char *const text[] = {
		"",
		"\n",
		"- - SHA-512\n",
		"- - SHA-512\n\n",
		"- -\n00 x\n",
		"- - SHA-512 more\n",
		"-  - SHA-512\n",
		"- name.zip SHA-512\n",
		"00 name.zip SHA-512\n",
		"- - SHA-512\n00 one.asice\n",
		"- - SHA-512\none.asice\n",
		"- - SHA-256\n"
		"zz4334053a96e0e1209d342514b5d890aeaeee8f0659da69688a3eeac03048"
		"56"
		" one.asice\n",
	};
	struct linking l;
	struct err e;

	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		e = (struct err)ERR_INIT;
		ok_m(linking_read(a, bytes_str(text[i]), &l, &e) &&
				e.fault == FAULT_INVALID_MESSAGE,
			"malformed %zu: %s", i, e.text);
	}
	e = (struct err)ERR_INIT;
	is_int(linking_read(a, bytes_str("- - MD5\n00 x\n"), &l, &e), -1);
	is_int(e.fault, FAULT_UNSUPPORTED_ALGORITHM);
	is_int(linking_read(a, bytes_of("- - SHA-512\n0\0 x\n", 18), &l, NULL),
		-1);
}

int
main(void)
{
	a = arena_new();
	test_live();
	test_samples();
	test_rules();
	test_malformed();
	arena_free(&a);
	return tap_done();
}
