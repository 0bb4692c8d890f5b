#!/usr/bin/perl
# Trust services that know nothing of us: `openssl ca` issues, `openssl ocsp`
# tells the status, `openssl ts` stamps, for a network that is set up from
# nothing. With other kinds of keys, an intermediate CA, a responder of the
# CA's, of its own or the CA itself; revocation and renewal; and the evidence
# checked by openssl and xmlsec1. Loopback addresses of its own (127.16.2.x).
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Bringup;
use HTTP::Tiny;
use MIME::Base64;
use Test::More;
use Time::HiRes qw(time sleep);

my $bin = $ENV{MACHILINK} // "build/release/machilink";
plan skip_all => "$bin is not built" unless -x $bin;
plan skip_all => "openssl is not installed" if system("command -v openssl >/dev/null 2>&1");
binmode(Test::More->builder->$_, ":utf8") for qw(output failure_output);

sub network {
  my ($what, $trust, %ini) = @_;
  my $begun = time;
  my $t = Trust->new(address => "127.16.2.9", name => "Independent CA", %$trust);
  my $net = eval { Bringup->new(net => "127.16.2", trust => $t, ini => \%ini) };
  ok($net, "$what: set up in " . int(1000 * (time - $begun)) . " ms") or do { diag($@); return };
  is($net->exchanges(20), "", "$what: REST and SOAP, both ways");
  return $net;
}
sub run { my ($net, @argv) = @_; local $net->{bin} = shift @argv; return $net->run(@argv); }

# ---- the usual case, in full ----
{
  my $net = network("RSA 2048, responder of the CA", {}, "center/center" => { "ocsp-freshness-seconds" => 60 }) or last;
  evidence($net);
  life($net, "SIGNING", "sign", "cannot_sign");
  life($net, "AUTHENTICATION", "auth", "ssl_auth");
  stamps($net);
}

# ---- other shapes of the same services ----
my @shape = (
  ["intermediate CA, responders of another house, RSA 3072, EC keys of members", { key => "rsa:3072", intermediate => 1, ocsp => "own",
    digest => "sha384" }, "proxy-ui-api" => { "signing-key-algorithm" => "EC" }, "center/admin-service" => { "internal-key-algorithm" => "EC" }],
  ["EC P-256, the CA answers itself, members with RSA 3072", { key => "ec:P-256", ocsp => "ca" }, signer => { "key-length" => 3072 }],
  ["openssl ocsp -port, intermediate CA, RSA 4096, members too", { key => "rsa:4096", intermediate => 1, native => 1, digest => "sha512" },
    signer => { "key-length" => 4096 }],
);
for my $shape (@shape) {
  my $net = network(@$shape) or next;
  my %ini = @$shape[2 .. $#$shape];
  my ($alg, $bits) = $ini{signer} ? ("RSA", $ini{signer}{"key-length"}) : ("EC", 256);
  my ($c) = map { $_->{certificate_details} } $net->certificates("town", "SIGNING");
  is($c->{public_key_algorithm}, $alg, "$alg signs for the town");
  my $text = $net->{trust}->openssl("x509", "-in", $net->{trust}->keep($net->{m}{town}{signing}), "-noout", "-text");
  like($text, qr/Public-Key: \($bits bit\)/, "with $bits bits");
  evidence($net);
}
done_testing();

# A container of an exchange, judged by us, xmlsec1 and openssl.
sub evidence {
  my ($net) = @_;
  my $t = $net->{trust};
  my $id = "proof-$$-" . time;
  is($net->rest("company", $id), "", "an exchange to look at");
  my $at = "http://$net->{m}{company}{address}:8080";
  my $asice = "$net->{dir}/$id.asice";
  my $got = Lab::until(20, sub { $net->{http}->get("$at/asic?queryId=$id&xRoadInstance=LAB&memberClass=COM&memberCode=2010401999001"
    . "&subsystemCode=logistics&requestOnly&unique") }, sub { $_[0]{status} == 200 });
  Trust::spew($asice, $got->{content});
  my ($rc, $out) = $net->run("verify", $asice, "--anchor", anchor_file($net), "--lang", "en");
  is($rc, 0, "machilink verify, from the anchor alone") or diag($out);
  like($out, qr/time-stamped: \d{4}-/, "it is stamped");
SKIP: {
    skip "no unzip", 3 if system("command -v unzip >/dev/null 2>&1");
    my $x = "$net->{dir}/x";
    run($net, "unzip", "-qo", $asice, "-d", $x);
    my $sig = Trust::slurp("$x/META-INF/signatures.xml");
    my $b64 = sub { my ($tag) = @_; $sig =~ m{<$tag\b[^>]*>(.*?)</$tag>}s or return ""; return decode_base64($1 =~ s/&#13;//gr); };
    Trust::spew("$x/signer.der", $b64->("ds:X509Certificate"));
    $t->openssl("x509", "-inform", "DER", "-in", "$x/signer.der", "-out", "$x/signer.pem");
    Trust::spew("$x/ca.pem", join "", map { Trust::slurp($t->file($_)) } qw(ca issuer));
    ($rc, $out) = run($net, "openssl", "verify", "-CAfile", "$x/ca.pem", "$x/signer.pem");
    is($rc, 0, "openssl verify: the signer's certificate") or diag($out);
    my @stamp = -e "$x/META-INF/timestamp.tst" ? ("$x/META-INF/timestamp.tst", "$x/ts-hashchainresult.xml") : ("$x/tst", "$x/value");
    Trust::spew("$x/value", $b64->("ds:SignatureValue"));
    Trust::spew("$x/tst", $b64->("xades:EncapsulatedTimeStamp")) if $stamp[0] eq "$x/tst";
    ($rc, $out) = run($net, "openssl", "ts", "-verify", "-token_in", "-in", $stamp[0], "-data", $stamp[1], "-CAfile", "$x/ca.pem");
    is($rc, 0, "openssl ts -verify: the stamp") or diag($out);
    skip "no xmlsec1", 1 if system("command -v xmlsec1 >/dev/null 2>&1");
    my ($signed) = $sig =~ m{URI="/([^"]+)"};
    ($rc, $out) = run($net, "xmlsec1", "--verify", "--enabled-reference-uris", "same-doc,local,remote", "--url-map:/$signed", "$x/$signed",
      "--id-attr:Id", "SignedProperties", "--pubkey-cert-pem", "$x/signer.pem", "$x/META-INF/signatures.xml");
    is($rc, 0, "xmlsec1: the signature") or diag($out);
  }
}
sub anchor_file { my ($net) = @_; my $f = "$net->{dir}/anchor.xml"; Trust::spew($f, $net->anchor); return $f; }

# The company's certificate is revoked: exchanges stop; renewed: they go on. A
# server asks for new responses after half the time that they are fresh: 30 s.
sub life {
  my ($net, $usage, $use, $fault) = @_;
  my $old = $net->{m}{company}{lc $usage};
  $net->{trust}->revoke($old);
  my $heard = Lab::until(45, sub { $net->rest("company") }, sub { $_[0] ne "" });
  like($heard, qr/$fault/i, "$usage revoked: the company asks in vain");
  # the town may still hold a response that said good
  my $back = Lab::until(70, sub { $net->soap("town") }, sub { $_[0] ne "" });
  isnt($back, "", "nor is it asked: $back");
  my $shown = Lab::until(20, sub { $net->find("company", $usage, $old) }, sub { $_[0]{ocsp_status} =~ /REVOKED/ });
  is($shown->{ocsp_status}, "OCSP_RESPONSE_REVOKED", "its administrators see why");
  my $pem = $net->certificate("company", $usage, "company");
  ok($net->register("company", $pem), "the new one is registered and active") if $usage eq "AUTHENTICATION";
  is($net->exchanges(20), "", "$usage renewed: everybody goes on");
}

# No stamps: records wait, and are stamped once the authority is back.
sub stamps {
  my ($net) = @_;
  my $waiting = sub { $net->health("town")->{timestamping}{waiting} // -1 };
  is(Lab::until(20, $waiting, sub { $_[0] == 0 }), 0, "every record is stamped");
  $net->{trust}->down("tsa");
  is($net->rest("town"), "", "the time-stamping authority is gone: exchanges go on");
  cmp_ok(Lab::until(5, $waiting, sub { $_[0] > 0 }), ">", 0, "and their records wait");
  $net->{trust}->up("tsa");
  is(Lab::until(20, $waiting, sub { $_[0] == 0 }), 0, "it is back: they are stamped");
}
