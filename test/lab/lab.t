#!/usr/bin/perl
# The lab end to end: from nothing, again from its state, and every way it must
# refuse. Also shows how the container it leaves is checked step by step with
# xmlsec1 and openssl. Loopback addresses of its own (127.21.x).
use strict;
use warnings;
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use POSIX qw(:sys_wait_h);
use Test::More;

my $bin = $ENV{MACHILINK} // "build/release/machilink";
my $dir = tempdir("machilink-lab-XXXXXX", TMPDIR => 1, CLEANUP => 1);
$ENV{LC_ALL} = "C.UTF-8";

# Runs without a shell; (exit code, output of both streams).
sub run {
  my @argv = @_;
  pipe(my $r, my $w) or die;
  my $pid = fork() // die;
  if (!$pid) {
    open(STDOUT, ">&", $w); open(STDERR, ">&", $w); close $r;
    exec @argv or exit 127;
  }
  close $w;
  my $out = do { local $/; <$r> } // "";
  waitpid($pid, 0);
  return ($? >> 8, $out);
}
sub slurp { my ($f) = @_; open(my $h, "<:raw", $f) or die "$f: $!"; local $/; return scalar <$h>; }
sub spew { my ($f, $t) = @_; open(my $h, ">:raw", $f) or die "$f: $!"; print $h $t; close $h; }
# Processes of this lab that still run.
sub left {
  my @found;
  for my $p (glob "/proc/[0-9]*/cmdline") {
    open(my $h, "<", $p) or next;
    local $/; my $c = <$h> // "";
    push @found, $p if index($c, $dir) >= 0 && $c =~ /machilink/;
  }
  return scalar @found;
}
sub report { my ($out) = @_; return $out =~ /(\{.*\})/s ? eval { decode_json($1) } : undef; }

# ---- from nothing ----
my ($code, $out) = run($bin, "lab", "--once", "--json", "--dir", "$dir/lab", "--net", "127.21.1");
is($code, 0, "lab from nothing") or diag($out);
my $first = report($out);
ok($first && $first->{ok} && $first->{fresh}, "the report says so") or BAIL_OUT("no lab: $out");
my %step = map { $_->{name} => $_->{ms} } @{ $first->{steps} };
ok(exists $step{$_}, "step $_") for qw(start-center trust-services register await-registration services rights
  rest-company-to-town soap-company-to-town rest-town-to-company soap-town-to-company refused container verify tampered);
ok(exists $step{$_}, "step $_") for qw(garbage-days);
ok($first->{residents}, "with a resident");
ok(exists $step{$_}, "step $_") for qw(declarations needs-consent cache resident-link consent-ask consent-give consent-exchange consent-withdraw
  consent-refused consent-history);
is(scalar(grep { slurp($_) =~ /海野|Hanako/ } grep { -f } glob "$dir/lab/*/data/*.db* $dir/lab/*/data/*.sqlite* $dir/lab/*/machilink.log"), 0,
  "the resident's name is kept nowhere");
# the town's second database, where PostgreSQL is installed
my $postgres = () = glob "/usr/lib/postgresql/*/bin/initdb";
is($first->{postgresql} ? 1 : 0, $postgres ? 1 : 0, "PostgreSQL takes part where it is installed");
is(exists $step{$_} ? 1 : 0, $postgres ? 1 : 0, "step $_") for qw(postgresql nursery-places);
unlike(slurp("$dir/lab/town/services.json"), qr/POSTGRESQL/, "its service ends with it");
ok(!-e "$dir/lab/town/postgresql", "and its folder is gone");
ok(exists $step{$_}, "step $_") for qw(management-provider client-requests await-clients);
SKIP: {
  skip "no sqlite3", 2 if system("command -v sqlite3 >/dev/null 2>&1");
  my (undef, $rows) = run("sqlite3", "$dir/lab/center/data/center.sqlite",
    "SELECT type, origin, status, client_subsystem, message IS NOT NULL FROM management_request ORDER BY type, client_subsystem");
  like($rows, qr{^CLIENT_REGISTRATION_REQUEST\|SECURITY_SERVER\|APPROVED\|$_\|1$}m, "$_ came as a signed management request")
    for qw(logistics opendata);
}
diag("cold: $first->{total_ms} ms; " . join(", ", map { "$_->{name} $_->{rss_kb} kB, ready in $_->{start_ms} ms" } @{ $first->{processes} }));
is(left(), 0, "no process is left");

# ---- the container, step by step with other people's tools ----
my $asice = $first->{container};
($code, $out) = run($bin, "verify", $asice, "--globalconf", $first->{globalconf}, "--lang", "en");
is($code, 0, "machilink verify accepts it");
like($out, qr/valid/, "and says so");
like($out, qr/time-stamped: \d{4}-/, "with the moment of the time stamp");
like($out, qr{sender: SUBSYSTEM:LAB/GOV/9000020994014/opendata}, "and who sent it");
like($out, qr/signing certificate: CN=海風町/, "and who signed");
($code, $out) = run($bin, "verify", $asice, "--globalconf", $first->{globalconf}, "--lang", "ja");
like($out, qr/有効/, "in Japanese too");
($code, $out) = run($bin, "verify", "$dir/lab/tampered.asice", "--globalconf", $first->{globalconf});
is($code, 1, "the tampered one is invalid");
($code, $out) = run($bin, "verify", "$dir/lab/none.asice", "--globalconf", $first->{globalconf});
is($code, 2, "a missing file: cannot tell");
($code, $out) = run($bin, "verify", $asice);
is($code, 2, "without trust data: cannot tell");

SKIP: {
  my ($have) = run("sh", "-c", "command -v xmlsec1 && command -v openssl && command -v unzip");
  skip "xmlsec1, openssl or unzip are not installed", 7 if $have;
  my $x = "$dir/x";
  mkdir $x;
  ($code, $out) = run("unzip", "-q", $asice, "-d", $x);
  is($code, 0, "unzip reads the container") or diag($out);
  is(slurp("$x/mimetype"), "application/vnd.etsi.asic-e+zip", "mimetype");
  my $sig = slurp("$x/META-INF/signatures.xml");
  my ($b64) = $sig =~ m{<ds:X509Certificate>(.*?)</ds:X509Certificate>}s;
  $b64 =~ s/&#13;//g; $b64 =~ s/\s//g;
  spew("$x/signer.pem", "-----BEGIN CERTIFICATE-----\n" . join("\n", unpack("(A64)*", $b64)) . "\n-----END CERTIFICATE-----\n");
  # xmlsec1: references and signature value; the key is taken from the
  # certificate (its path is machilink verify's matter, as is OCSP)
  my $signed = $sig =~ m{URI="(/[^"]+)"} ? $1 : "";
  (my $file = $signed) =~ s{^/}{};
  my @map = ("--url-map:$signed", "$x/$file");
  ($code, $out) = run("xmlsec1", "--verify", "--enabled-reference-uris", "same-doc,local,remote", @map,
    "--id-attr:Id", "SignedProperties", "--pubkey-cert-pem", "$x/signer.pem", "--print-debug",
    "--store-signatures", "--store-references", "$x/META-INF/signatures.xml");
  is($code, 0, "xmlsec1 accepts the signature") or diag($out);
  # openssl: the signature value over the canonical SignedInfo
  my ($info) = $out =~ m{== PreSigned data - start buffer:\n(.*?)\n== PreSigned data - end buffer}s;
  ok($info, "canonical SignedInfo from xmlsec1");
  my ($value) = $sig =~ m{<ds:SignatureValue[^>]*>(.*?)</ds:SignatureValue>}s;
  $value =~ s/&#13;|\s//g;
  spew("$x/info", $info // "");
  require MIME::Base64;
  spew("$x/value", MIME::Base64::decode_base64($value));
  run("openssl", "x509", "-in", "$x/signer.pem", "-pubkey", "-noout", "-out", "$x/signer.pub");
  ($code, $out) = run("openssl", "dgst", "-sha512", "-verify", "$x/signer.pub", "-signature", "$x/value", "$x/info");
  is($code, 0, "openssl accepts the signature value") or diag($out);
  # the digest of what was signed stands in SignedInfo
  my ($digest) = $sig =~ m{URI="\Q$signed\E".*?<ds:DigestValue>(.*?)</ds:DigestValue>}s;
  $digest =~ s/&#13;|\s//g;
  ($code, $out) = run("sh", "-c", 'openssl dgst -sha512 -binary "$1" | base64 -w0', "sh", "$x/$file");
  is($out, $digest, "openssl's digest of $file is the one that is signed");
  # the time stamp: openssl verifies the token against the network's TSA
  my ($tsa) = slurp("$first->{globalconf}/LAB/shared-params.xml") =~ m{<approvedTSA>.*?<cert>(.*?)</cert>}s;
  $tsa =~ s/\s//g;
  spew("$x/tsa.pem", "-----BEGIN CERTIFICATE-----\n" . join("\n", unpack("(A64)*", $tsa)) . "\n-----END CERTIFICATE-----\n");
  my @over;
  if (-e "$x/META-INF/timestamp.tst") {
    @over = ("$x/META-INF/timestamp.tst", "$x/ts-hashchainresult.xml");
  } else {
    my ($tst) = $sig =~ m{<xades:EncapsulatedTimeStamp[^>]*>(.*?)</xades:EncapsulatedTimeStamp>}s;
    $tst =~ s/&#13;|\s//g;
    spew("$x/tst", MIME::Base64::decode_base64($tst));
    @over = ("$x/tst", "$x/value");
  }
  ($code, $out) = run("openssl", "ts", "-verify", "-token_in", "-in", $over[0], "-data", $over[1],
    "-CAfile", "$x/tsa.pem", "-partial_chain");
  is($code, 0, "openssl accepts the time stamp") or diag($out);
}

# ---- the configuration source, while the network runs; Ctrl-C ends it ----
{
  pipe(my $r, my $w) or die;
  my $pid = fork() // die;
  if (!$pid) {
    open(STDOUT, ">&", $w); open(STDERR, ">&", $w); close $r;
    exec $bin, "lab", "--dir", "$dir/lab", "--net", "127.21.1", "--lang", "ja" or exit 127;
  }
  close $w;
  my $text = "";
  my $watch = IO::Select->new($r);
  while ($text !~ /Ctrl-C/ && $watch->can_read(60)) { sysread($r, $text, 4096, length $text) or last; }
  like($text, qr/前回の続き/, "the second start continues");
  like($text, qr/Ctrl-C/, "and stays");
  like($text, qr{https://127\.21\.1\.2:\d+/ +admin / \w+}, "it says where to go and how to sign in");
  my ($is) = $text =~ m{(http://127\.21\.1\.3:\d+/r1/LAB/\S+/)evacuation-sites} or diag($text);
  my $ask = sub { my (undef, $answer) = run("curl", "-s", "-H", "X-Road-Client: LAB/COM/2010401999001/logistics", "$is$_[0]"); return $answer };
  like($ask->("garbage-days?area=%E6%B8%AF&from=2027-03-01"), qr/"収集日":"2027-03-0\d"/, "days of March in one quarter");
  like($ask->("public-facilities"), qr/access_denied/, "what was not granted is refused");
  SKIP: {
    skip "no PostgreSQL", 5 unless $postgres;
    like($ask->("nursery-places?age=0"), qr/"名称":"本町保育所".*"年齢":0,"空き":[1-3],"更新日":"2026-11-16"/, "places in nurseries");
    like($ask->("nursery-places?age=7"), qr/age/, "of no age that there is: refused");
    my $of = decode_json(slurp("$dir/lab/town/services.json"))->{dbSources}[1];
    like($of->{password}, qr/^sealed:/, "its password is sealed");
    my $place = slurp("$dir/lab/town/postgresql");
    my ($postmaster) = slurp("$place/data/postmaster.pid") =~ /^(\d+)/;
    is(slurp("/proc/$postmaster/status") =~ /^Uid:\s+(\d+)/m ? $1 : -1, (stat $place)[4], "the server is its folder's owner");
    isnt((stat $place)[4], 0, "who is not root") if $> == 0;
    ok(1) if $> != 0;
  }
  # the lab's provider is the lab's alone
  my ($site, $pages) = $text =~ m{(https://127\.21\.1\.4:\d+)/\n.*\n\s+(https://127\.21\.1\.1:\d+)/} or diag($text);
  my $web = sub { my (undef, $answer) = run("curl", "-sk", "-w", "\n%{http_code}", @_); return $answer };
  like($web->("$site/"), qr/<html lang="ja">.*action="\/company\/ask".*\n200$/s, "the portals are there");
  like($web->("$pages/ja/"), qr{href="/ja/login/lab".*\n200$}s, "the resident's pages too");
  my $auth = "$site/authorize?response_type=code&client_id=machilink-lab&scope=openid&state=s&nonce=n&code_challenge_method=S256&code_challenge=" . "c" x 43;
  like($web->("$auth&redirect_uri=$pages/callback/lab"), qr/name="who" value="resident-1".*\n200$/s, "it asks who one is");
  like($web->("$auth&redirect_uri=https://127.0.0.1/callback/lab"), qr/\n403$/, "but signs in nowhere else");
  like($web->($auth =~ s/S256/plain/r . "&redirect_uri=$pages/callback/lab"), qr/\n400$/, "nor without PKCE S256");
  like($web->("-d", "grant_type=authorization_code&code=x", "$site/token"), qr/invalid_client.*\n401$/s, "and gives no token to strangers");
  like($web->("-H", "Origin: https://evil.example", "-d", "", "$site/company/ask"), qr/\n403$/, "forms of other sites are refused");
  my ($conf, $said) = run($bin, "conf", "verify", "--anchor", "$dir/lab/anchor.xml", "--lang", "en");
  is($conf, 0, "conf verify accepts the source") or diag($said);
  like($said, qr/SHARED-PARAMETERS/, "and tells the parts");
  # another lab on the same addresses is refused in one sentence
  ($conf, $said) = run($bin, "lab", "--once", "--dir", "$dir/second", "--net", "127.21.1");
  isnt($conf, 0, "taken ports: refused");
  like($said, qr/port \d+ of 127\.21\.1\.\d is taken/, "with the port and the address");
  ok(!-e "$dir/second", "and nothing half-made");
  kill "INT", $pid;
  waitpid($pid, 0);
  is($? >> 8, 0, "Ctrl-C ends it cleanly");
  is(left(), 0, "no process is left");
}

# ---- a lab that was killed: the next one tidies up ----
{
  pipe(my $r, my $w) or die;
  my $pid = fork() // die;
  if (!$pid) { open(STDOUT, ">&", $w); open(STDERR, ">&", $w); close $r; exec $bin, "lab", "--dir", "$dir/lab", "--net", "127.21.1" or exit 127; }
  close $w;
  my ($text, $watch) = ("", IO::Select->new($r));
  while ($text !~ /Ctrl-C/ && $watch->can_read(60)) { sysread($r, $text, 4096, length $text) or last; }
  my $place = $postgres ? slurp("$dir/lab/town/postgresql") : "";
  kill "KILL", $pid;
  waitpid($pid, 0);
  for (1 .. 500) { last if !left() && !grep { -l $_ && (readlink // "") =~ m{^\Q$place/} } $place ? glob "/proc/[0-9]*/cwd" : (); select undef, undef, undef, 0.02; }
  is(left(), 0, "everything ends with it");
  ($code, $out) = run($bin, "lab", "--once", "--json", "--dir", "$dir/lab", "--net", "127.21.1");
  is($code, 0, "the next one starts") or diag($out);
  ok(!$place || !-e $place, "without remains");
  ($code, $out) = run($bin, "lab", "--once", "--json", "--dir", "$dir/lab", "--net", "127.21.1", "--without-postgresql");
  ok($code == 0 && !report($out)->{postgresql}, "and without PostgreSQL when told so");
  ok((grep { $_->{name} eq "consent-history" } @{ report($out)->{steps} }), "the resident comes again");
  ok(!(grep { $_->{name} eq "resident-link" } @{ report($out)->{steps} }), "linked from before");
  ($code, $out) = run($bin, "lab", "--once", "--json", "--dir", "$dir/lab", "--net", "127.21.1", "--without-postgresql", "--without-residents");
  ok($code == 0 && !(grep { $_->{name} =~ /^consent/ } @{ report($out)->{steps} }), "and stays away when told so");
}

# ---- refusals that leave nothing behind ----
spew("$dir/file", "x");
($code, $out) = run($bin, "lab", "--once", "--dir", "$dir/file/lab", "--net", "127.21.2");
isnt($code, 0, "a directory that cannot be made");
like($out, qr/machilink: .*\Q$dir\E.*/, "one sentence with the path");
mkdir "$dir/other"; spew("$dir/other/precious", "x");
($code, $out) = run($bin, "lab", "--once", "--dir", "$dir/other", "--net", "127.21.2");
isnt($code, 0, "a directory with other files");
is(slurp("$dir/other/precious"), "x", "which are left alone");
SKIP: {
  mkdir "$dir/small";
  my ($no) = run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", "$dir/small");
  skip "no right to mount a small disk", 3 if $no;
  ($code, $out) = run($bin, "lab", "--once", "--dir", "$dir/small/lab", "--net", "127.21.2");
  isnt($code, 0, "a full disk");
  like($out, qr/MB free/, "is said in one sentence");
  is(scalar(grep { -f } glob "$dir/small/lab/* $dir/small/lab/*/*"), 0, "nothing half-made");
  run("umount", "$dir/small");
}
# an unfinished first start is thrown away and made anew
mkdir "$dir/broken"; mkdir "$dir/broken/center"; spew("$dir/broken/.incomplete", ""); spew("$dir/broken/center/junk", "x");
($code, $out) = run($bin, "lab", "--once", "--dir", "$dir/broken", "--net", "127.21.2");
is($code, 0, "after an interrupted first start") or diag($out);
ok(!-e "$dir/broken/center/junk", "the remains are gone");
is(left(), 0, "no process is left");
done_testing();
