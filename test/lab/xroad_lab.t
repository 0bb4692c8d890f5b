#!/usr/bin/perl
# The closed laboratory of X-Road's own tests (../shared/vectors/x-road): its
# software token is taken over by `machilink import`, its anchor uploaded, its
# V6 configuration served where the anchor says, its CA's keys answer by openssl
# under the names the configuration gives. Then messages are exchanged with these
# keys. Host names and port 80 are those of a network name space of our own.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use FindBin;
use lib $FindBin::Bin;

my $bin;
BEGIN {
  # once more, alone: other names, other network
  $bin = $ENV{MACHILINK} // "build/release/machilink";
  if (!$ENV{XROAD_LAB_INSIDE} && -x $bin) {
    my @alone = ("unshare", $> ? ("--user", "--map-root-user") : (), "--mount", "--net");
    if (!system("@alone sh -c 'ip link set lo up' >/dev/null 2>&1")) {
      $ENV{XROAD_LAB_INSIDE} = 1;
      exec @alone, $^X, $0;
    }
  }
}
use Bringup;
use Test::More;

my $vectors = abs_path(($ENV{MACHILINK_VECTORS} // "$FindBin::Bin/../../../shared/vectors") . "/x-road") // "";
plan skip_all => "$bin is not built" unless -x $bin;
plan skip_all => "the laboratory (../shared/vectors/x-road) is not here" unless -d "$vectors/lab-keys";
plan skip_all => "no network name space of our own (unshare, ip)" unless $ENV{XROAD_LAB_INSIDE};
binmode(Test::More->builder->$_, ":utf8") for qw(output failure_output);

my $dir = tempdir("machilink-xroad-XXXXXX", TMPDIR => 1, CLEANUP => 1);
Trust::spew("$dir/hosts", "127.0.0.1 localhost\n127.0.0.2 cs\n127.0.0.3 testca\n127.0.0.4 ss0\n");
system("mount", "--bind", "$dir/hosts", "/etc/hosts") == 0 or plan skip_all => "no mount name space of our own";
system("ip", "link", "set", "lo", "up");

# ---- the laboratory's services ----
my $ca = "$vectors/lab-keys/ca";
my %part = ("root.index" => "index.txt", "root.pem" => "certs/ca.cert.pem", "ocsp-root.pem" => "certs/ocsp.cert.pem",
  "ocsp-root.key" => "private/ocsp.key.pem", "tsa.pem" => "certs/tsa.cert.pem", "tsa.key" => "private/tsa.key.pem");
copy("$ca/$part{$_}", "$dir/$_") or die "$_: $!" for keys %part;
Trust::spew("$dir/tsa.serial", "01\n");
Trust::spew("$dir/tsa.cnf", Trust::tsa_conf({ dir => $dir, digest => "sha256" }));
Trust::spew("$dir/root.index.attr", "unique_subject = no\n");
my $cs = Service->new(dir => $dir, address => "127.0.0.2", port => 80, path => "$vectors/globalconf-signed");
my @other = (Service->new(dir => $dir, address => "127.0.0.3", port => 8888, as => "ocsp"),
  Service->new(dir => $dir, address => "127.0.0.3", port => 8899, as => "tsa"));
my $backend = Backend->new("127.0.0.5");

# ---- the software token ----
my $net = bless { bin => $bin, dir => $dir, owner => $$, pid => {}, shift => 0, http => HTTP::Tiny->new(timeout => 60) }, "Bringup";
$net->machine("ss0", "127.0.0.4");
$net->edit("ss0", machilink => { address => "ss0" });
my $ini = "$net->{m}{ss0}{dir}/machilink.ini";
my $token = "$vectors/lab-keys/signer-predefined";
my $data = "$net->{m}{ss0}{dir}/data";
sub import_from {
  my ($from, $pin) = @_;
  Trust::spew("$dir/stdin", "$pin\n");
  local $net->{bin} = "/bin/sh";
  return $net->run("-c", 'exec "$@" < "$0"', "$dir/stdin", $bin, "import", "x-road", $from, "--config", $ini, "--lang", "en");
}
# A copy of the token, changed by the code; then refused with these words, and
# nothing of it is here.
sub refused {
  my ($what, $words, $change, $pin) = @_;
  my $copy = tempdir("machilink-token-XXXXXX", TMPDIR => 1, CLEANUP => 1);
  system("cp", "-r", "$token/.", $copy);
  system("chmod", "-R", "u+w", $copy);
  $change->($copy);
  my ($rc, $out) = import_from($copy, $pin // "Secret1234");
  is($rc, 1, "$what: refused");
  like($out, $words, "with the reason");
  ok(!-e "$data/keys" && !-e "$data/keys.import", "and no key is left here");
}
my ($auth, $sign) = qw(DF9242D3CBDE6DAC8058D2878340C3B527041FD0 1342B84B4829BB79226AB268B4D8E70B01068613);
my $edit = sub { my ($from, $to) = @_; return sub { my $f = "$_[0]/keyconf.xml"; my $t = Trust::slurp($f); $t =~ s/$from/$to/ or die; Trust::spew($f, $t) } };
refused("a wrong PIN", qr/PIN does not open/, sub { }, "Secret1235");
refused("an empty PIN", qr/PIN is empty/, sub { }, "");
refused("a key file is missing", qr/$auth\.p12/, sub { unlink "$_[0]/softtoken/$auth.p12" });
refused("the token's own file is missing", qr/\.softtoken\.p12/, sub { unlink "$_[0]/softtoken/.softtoken.p12" });
refused("no key configuration", qr/keyconf\.xml/, sub { unlink "$_[0]/keyconf.xml" });
refused("the key of somebody else", qr/holds another key/, sub { rename "$_[0]/softtoken/$sign.p12", "$_[0]/softtoken/$auth.p12" });
refused("half a file", qr/./, sub { my $f = "$_[0]/softtoken/$auth.p12"; Trust::spew($f, substr(Trust::slurp($f), 0, 900)) });
refused("a path for an id", qr/proper id/, $edit->(qr/<keyId>$auth/, "<keyId>../softtoken/$auth"));
refused("an unknown status", qr/status/, $edit->(qr/<status>registered/, "<status>lost"));
refused("another document", qr/no key configuration/, sub { copy("$vectors/anchors/internal-configuration-anchor.xml", "$_[0]/keyconf.xml") });

my ($rc, $out) = import_from($token, "Secret1234");
is($rc, 0, "the real one is taken over") or diag($out);
like($out, qr/3 keys, 3 certificates/, "all of it");
my @before = map { Trust::slurp($_) } sort glob "$data/keys/*";
($rc, $out) = import_from($token, "Secret1234");
is($rc, 1, "a second time it is not: $out");
is(join("", map { Trust::slurp($_) } sort glob "$data/keys/*"), join("", @before), "the keys are as they were");
($rc, $out) = $net->run("import", "x-road", "--lang", "ja");
is($rc, 64, "used wrongly");
like($out, qr/引き継ぐ/, "help in Japanese");

# ---- configuration valid, keys usable ----
my @ss = ("ss0");
ok($net->start(@ss), "the server starts with them") or BAIL_OUT(Trust::slurp("$net->{m}{ss0}{dir}/machilink.log"));
($rc, $out) = import_from($token, "Secret1234");
like($out, qr/service of this machine runs/, "no import into a running service");
my $anchor = Trust::slurp("$vectors/anchors/configuration_anchor_CS_internal.xml");
eval { $net->say_to(@ss, "POST", "/system/anchor", $anchor, "application/octet-stream") };
is($@, "", "the anchor is taken: the configuration of http://cs/internalconf verifies");
eval { $net->say_to(@ss, "POST", "/initialization", { owner_member_class => "COM", owner_member_code => "1234", security_server_code => "SS0",
  software_token_pin => "Secret1235", ignore_warnings => JSON::PP::true }) };
like($@, qr/: 4\d\d .*pin/i, "the token keeps its PIN");
eval { $net->say_to(@ss, "POST", "/initialization", { owner_member_class => "COM", owner_member_code => "1234", security_server_code => "SS0",
  software_token_pin => "Secret1234", ignore_warnings => JSON::PP::true }) };
is($@, "", "initialised as DEV/COM/1234/SS0");
my $globalconf = $net->say_to(@ss, "GET", "/diagnostics/globalconf");
is($globalconf->{status_class}, "OK", "configuration valid") or diag(JSON::PP::encode_json($globalconf));
my %good;
Lab::until(30, sub {
  %good = map { ($_->{name} || $_->{label} => join " ", map { "$_->{status} $_->{ocsp_status} " . ($_->{active} ? "active" : "off") } @{ $_->{certificates} }) }
    @{ $net->say_to(@ss, "GET", "/tokens/0")->{keys} };
  \%good }, sub { 3 == grep { /GOOD/ } values %{ $_[0] } });
is_deeply([sort values %good], [("REGISTERED OCSP_RESPONSE_GOOD active") x 3], "keys usable: every certificate is registered, active, good");
is_deeply([sort keys %good], ["Auth key", "FA73509F9E9DFB7A3D92B3D34DA6BD20374A24B0", "Sign key"], "by their names");

# ---- and used: a message from one member to the other ----
my ($tsa) = @{ $net->say_to(@ss, "GET", "/timestamping-services") };
$net->say_to(@ss, "POST", "/system/timestamping-services", $tsa);
for (["1234", "TestService"], ["4321", "TestClient"]) {
  my ($code, $subsystem) = @$_;
  $net->say_to(@ss, "POST", "/clients", { client => { member_class => "COM", member_code => $code, subsystem_code => $subsystem,
    connection_type => "HTTP" }, ignore_warnings => JSON::PP::true });
  my $c = $net->wait_for(@ss, "/clients/DEV:COM:$code:$subsystem", sub { $_[0]{status} eq "REGISTERED" });
  is($c->{status}, "REGISTERED", "$subsystem is registered: the configuration says so");
}
my $service = "DEV:COM:1234:TestService";
my $d = $net->say_to(@ss, "POST", "/clients/$service/service-descriptions", { url => $backend->url("rest"), type => "REST", rest_service_code => "echo",
  ignore_warnings => JSON::PP::true });
$net->say_to(@ss, "PUT", "/service-descriptions/$d->{id}/enable");
$net->say_to(@ss, "POST", "/services/$service:echo/service-clients", { items => [{ id => "DEV:COM:4321:TestClient", service_client_type => "SUBSYSTEM" }] });
my $id = "closed-lab-$$";
my $r = Lab::until(30, sub { $net->{http}->get("http://127.0.0.4:8080/r1/DEV/COM/1234/TestService/echo/x", { headers =>
  { "X-Road-Client" => "DEV/COM/4321/TestClient", "X-Road-Id" => $id } }) }, sub { $_[0]{status} == 200 });
is("$r->{status} $r->{content}", "200 GET /rest/x HTTP/1.1", "an exchange with these keys") or diag($r->{headers}{"x-road-error"});
my $asice = Lab::until(20, sub { $net->{http}->get("http://127.0.0.4:8080/asic?queryId=$id&xRoadInstance=DEV&memberClass=COM&memberCode=4321"
  . "&subsystemCode=TestClient&requestOnly&unique") }, sub { $_[0]{status} == 200 });
is($asice->{status}, 200, "its container is ready") or diag(substr($asice->{content}, 0, 300));
Trust::spew("$dir/proof.asice", $asice->{content});
($rc, $out) = $net->run("verify", "$dir/proof.asice", "--anchor", "$vectors/anchors/configuration_anchor_CS_internal.xml", "--lang", "en");
is($rc, 0, "its container verifies against the same anchor") or diag($out);
like($out, qr{signing certificate: \S*CN=4321}, "signed with X-Road's key of that member") or diag($out);
is($net->stop(@ss), 0, "it ends cleanly");
done_testing();

# The laboratory's hosts: a central server that serves files, responder, TSA.
package Service;
BEGIN { our @ISA = ("Trust") }
sub new {
  my ($class, %o) = @_;
  my $self = bless { digest => "sha256", as => "files", %o, owner => $$, pid => [] }, $class;
  $self->serve;
  return $self;
}
sub answer {
  my ($self, $path, $head, $body) = @_;
  if ($self->{as} eq "files") {
    $path = "/V$1$path" if $path =~ m{^/\w+$} && $head =~ m{^\w+ /\w+\?version=(\d+)};
    my $file = "$self->{path}$path";
    return $path !~ /\.\./ && -f $file ? (200, "application/octet-stream", Trust::slurp($file)) : (404, "text/plain", "");
  }
  my $at = "$self->{dir}/call-$$";
  Trust::spew("$at.q", $body);
  $self->{as} eq "ocsp" ? $self->ocsp_reply("root", "$at.q", "$at.r") : $self->tsa_reply("$at.q", "$at.r");
  return (200, $self->{as} eq "ocsp" ? "application/ocsp-response" : "application/timestamp-reply", Trust::slurp("$at.r"));
}
