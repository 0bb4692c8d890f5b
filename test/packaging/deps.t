#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The third-party libraries: both prefixes are complete, each library links
# into a static musl program that runs, and a build that fails or is broken
# off never looks finished. Needs a finished "make deps"; no network.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(time);

my $root = dirname(abs_path($0)) . "/../..";
my $deps = abs_path("$root/packaging/deps");
my $dir = tempdir("machilink-deps-XXXXXX", TMPDIR => 1, CLEANUP => 1);
$ENV{LC_ALL} = "C.UTF-8";
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};

sub slurp {
	open(my $in, "<", $_[0]) or return "";
	local $/;
	return <$in> // "";
}

sub spew {
	my ($path, $text) = @_;
	open(my $to, ">", $path) or die "$path: $!";
	print $to $text;
	close $to or die "$path: $!";
}

sub run {
	my $text = `@_ 2>&1`;
	return ($? >> 8, $text);
}

# --- what make deps left ----------------------------------------------------

my @libraries = qw(sqlite mbedtls libpq libxml2 jemalloc curl jansson zlib civetweb);
my @archives = qw(sqlite3 mbedtls mbedx509 mbedcrypto pq pgcommon pgport xml2
    jemalloc curl jansson z);
my %prefix;
for my $chain (qw(musl gcc)) {
	chomp($prefix{$chain} = `$deps/where prefix $chain`);
	my $at = $prefix{$chain};
	ok(-f "$at/VERSIONS", "$chain: the prefix is there, versions recorded")
	    or BAIL_OUT("no libraries: run make deps first");
	my $versions = slurp("$at/VERSIONS");
	like($versions, qr/^$_ \d\S* \S+$/m, "$chain: version of $_")
	    for @libraries;
	ok(-s "$at/lib/lib$_.a", "$chain: lib$_.a") for @archives;
	ok(-s "$at/$_", "$chain: $_") for qw(include/civetweb.h
	    src/civetweb/civetweb.c src/civetweb/handle_form.inl);
	is(() = glob("$at/lib/*.so*"), 0, "$chain: static libraries only");
}

my $begin = (times)[2] + (times)[3];
my ($status) = run("$deps/libraries gcc musl");
is($status, 0, "nothing is missing");
cmp_ok((times)[2] + (times)[3] - $begin, "<", 1,
    "and saying so takes less than a second of the processor");

my ($made, $printed) = run("make -s -C $root deps-prefix");
like($printed, qr/^musl \Q$prefix{musl}\E$/m, "make deps-prefix: musl");
like($printed, qr/^gcc \Q$prefix{gcc}\E$/m, "make deps-prefix: gcc");

# --- each library in a static program ---------------------------------------

my @programs = (
	["sqlite", "-lsqlite3", <<'C'],
#include <sqlite3.h>
int main(void)
{
	sqlite3 *db;
	const char *sql = "create table t (a integer) strict;"
	    "insert into t values (json_extract('[7]', '$[0]'));";
	return sqlite3_open(":memory:", &db) ||
	    sqlite3_exec(db, sql, 0, 0, 0) ||
	    sqlite3_exec(db, "select \"text\"", 0, 0, 0) == SQLITE_OK ||
	    !sqlite3_threadsafe() ||
	    !sqlite3_compileoption_used("ENABLE_COLUMN_METADATA") ||
	    !sqlite3_compileoption_used("OMIT_LOAD_EXTENSION");
}
C
	["mbedtls", "-lmbedtls -lmbedx509 -lmbedcrypto", <<'C'],
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/x509_csr.h>
#include <psa/crypto.h>
#include <stddef.h>
#if !defined(MBEDTLS_THREADING_C) || !defined(MBEDTLS_THREADING_PTHREAD) || \
    !defined(MBEDTLS_PK_RSA_ALT_SUPPORT) || \
    !defined(MBEDTLS_X509_CRT_WRITE_C) || !defined(MBEDTLS_SSL_PROTO_TLS1_3)
#error configuration
#endif
int main(void)
{
	static const int suites[] = {
		MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
		MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
		MBEDTLS_TLS_DHE_RSA_WITH_AES_256_CBC_SHA256,
		MBEDTLS_TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
	};
	mbedtls_x509write_csr csr;
	mbedtls_x509write_csr_init(&csr);
	for (size_t i = 0; i < sizeof(suites) / sizeof(*suites); i++)
		if (!mbedtls_ssl_ciphersuite_from_id(suites[i]))
			return 1;
	return psa_crypto_init() != PSA_SUCCESS;
}
C
	["libxml2", "-lxml2 -lm", <<'C'],
#include <libxml/c14n.h>
#include <libxml/encoding.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>
#include <string.h>
int main(void)
{
	const char *text =
	    "<?xml version='1.0' encoding='Shift_JIS'?><a c='\x92\xac' b=''/>";
	const char *want = "<a b=\"\" c=\"\xe7\x94\xba\"></a>";
	xmlChar *got = NULL;
	xmlDocPtr doc = xmlReadMemory(text, strlen(text), "x", NULL,
	    XML_PARSE_NONET);
	return !doc || !xmlHasFeature(XML_WITH_THREAD) ||
	    xmlHasFeature(XML_WITH_HTTP) || xmlHasFeature(XML_WITH_FTP) ||
	    !xmlXPathNewContext(doc) || !xmlSchemaNewDocParserCtxt(doc) ||
	    xmlC14NDocDumpMemory(doc, NULL, 2, NULL, 0, &got) < 0 ||
	    strcmp((char *)got, want);
}
C
	["curl", "-lcurl -lmbedtls -lmbedx509 -lmbedcrypto", <<'C'],
#include <curl/curl.h>
#include <string.h>
int main(void)
{
	curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
	static const char *const want[] = { "http", "https", "smtp", "smtps" };
	size_t n = 0;
	while (v->protocols[n] && n < 4 && !strcmp(v->protocols[n], want[n]))
		n++;
	return curl_global_init(CURL_GLOBAL_ALL) || !curl_easy_init() ||
	    n != 4 || v->protocols[n] || strncmp(v->ssl_version, "mbedTLS/", 8) ||
	    (v->features & (CURL_VERSION_LIBZ | CURL_VERSION_HTTP2));
}
C
	["jansson", "-ljansson", <<'C'],
#include <jansson.h>
int main(void)
{
	json_error_t err;
	json_t *j = json_loads("{\"a\": [1, 2]}", 0, &err);
	return json_array_size(json_object_get(j, "a")) != 2;
}
C
	["jemalloc", "-ljemalloc", <<'C'],
#include <stdlib.h>
#include <string.h>
#include <jemalloc.h>
int main(void)
{
	const char *conf = NULL;
	size_t n = sizeof conf;
	char *p = malloc(100000);
	if (!p || mallctl("config.malloc_conf", &conf, &n, NULL, 0))
		return 1;
	n = malloc_usable_size(p);
	free(p);
	return !strstr(conf, "narenas:4") || n < 100000;
}
C
	["zlib", "-lz", <<'C'],
#include <zlib.h>
int main(void)
{
	unsigned char to[64];
	uLongf n = sizeof to;
	return compress(to, &n, (const Bytef *)"aaaaaaaa", 8) != Z_OK;
}
C
	["libpq", "-lpq -lpgcommon -lpgport -lm", <<'C'],
#include <libpq-fe.h>
int main(void)
{
	PGconn *c = PQconnectdb("host=/nowhere connect_timeout=1");
	return PQlibVersion() / 10000 != 17 || PQstatus(c) != CONNECTION_BAD;
}
C
	["linux headers", "", <<'C'],
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
int main(void)
{
	return AUDIT_ARCH_X86_64 == 0;
}
C
	["civetweb", "", <<'C'],
#define NO_SSL
#define NO_CGI
#include <civetweb.c>
int main(void)
{
	return mg_init_library(0) != 0;
}
C
);

for my $program (@programs) {
	my ($name, $libs, $text) = @$program;
	my $at = $prefix{musl};
	(my $base = "$dir/$name") =~ tr/ /-/;
	spew("$base.c", $text);
	my ($failed, $says) = run("musl-gcc -std=gnu11 -w -static",
	    "-isystem $at/include -I$at/src/civetweb -o $base $base.c",
	    "-L$at/lib $libs -lpthread");
	is($failed, 0, "$name: links statically with musl") or diag($says);
	my ($ldd, $kind) = run("ldd $base");
	like($kind, qr/not a dynamic executable|statically linked/,
	    "$name: ldd finds nothing dynamic");
	is(system($base), 0, "$name: runs");
}

# --- builds that do not finish ----------------------------------------------

# A cache and recipes of our own, with one library and its fetched source.
my $mine = "$dir/deps";
my $cache = "$dir/cache";
system("cp -r $deps $mine && mkdir -p $cache/source &&" .
    " cp -r `$deps/where cache`/source/zlib $cache/source/") == 0 or die;
$ENV{MACHILINK_CACHE} = $cache;
my $mk = slurp("$mine/libraries.mk");
$mk =~ s/^LIBRARIES := .*/LIBRARIES := zlib/m;
$mk =~ s/^\$\(CHAINS:%=%\/curl\).*//m;
spew("$mine/libraries.mk", $mk);
my $recipe = slurp("$mine/recipes/zlib.sh");

spew("$mine/recipes/zlib.sh", $recipe =~ s/make libz\.a/make no-such-goal/r);
my ($bad, $why) = run("$mine/libraries musl");
isnt($bad, 0, "a failing build fails");
like($why, qr/No rule to make target 'no-such-goal'/, "shows the log's end");
like($why, qr/zlib \S+ \(musl\) failed at 'compile'/, "names the library");
my ($log) = $why =~ m{log: (\S+)};
ok(-s $log, "and its log") or diag($why);
ok(!-e `$mine/where prefix musl` =~ s/\n//r, "no prefix is left behind");
is(() = glob("$cache/library/*"), 0, "no library is left behind");

spew("$mine/recipes/zlib.sh",
    $recipe =~ s/make libz\.a/make libz.a; kill -9 \$PPID; sleep 9/r);
($bad, $why) = run("$mine/libraries musl");
isnt($bad, 0, "a killed build fails");
is(() = glob("$cache/library/*"), 0, "and leaves no library behind");

spew("$mine/recipes/zlib.sh", $recipe);
$ENV{MAKEFLAGS} = " -- CFLAGS=-no-such-flag";
my $other = fork() // die;
if (!$other) {
	open(STDERR, ">", "$dir/other") or die;
	exec "$mine/libraries", "musl";
}
my ($good, $how) = run("$mine/libraries musl");
waitpid($other, 0);
delete $ENV{MAKEFLAGS};
is($?, 0, "two makes at once: one finishes");
is($good, 0, "and so does the other");
my $both = $how . slurp("$dir/other");
is(() = $both =~ /zlib \S+: unpack/g, 1, "the library was built once");
ok(-s (`$mine/where prefix musl` =~ s/\n//r) . "/lib/libz.a",
    "the caller's CFLAGS did not get in the way");

# --- refusals ---------------------------------------------------------------

# With a network the answer is the version, without one it is the network.
spew("$mine/recipes/zlib.sh", $recipe =~ s/^minimum=\S+/minimum=1.9/mr);
($bad, $why) = run("$mine/libraries musl");
isnt($bad, 0, "a version that will not do is not built");
like($why, qr/at least 1\.9 and below 2 is needed|cannot be fetched|no Debian/,
    "and the range is named");

($bad, $why) = run("$mine/where prefix nonsense && $mine/libraries nonsense");
isnt($bad, 0, "an unknown tool chain is refused");

done_testing();
