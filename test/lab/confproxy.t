#!/usr/bin/perl
# A configuration proxy between a center and its security servers: they know the
# proxy's anchor only. Every version verifies; the keys of the proxy and of its
# source change; a tampered source is refused; without source it goes on until
# what it published expires. Loopback addresses of its own (127.16.4.x).
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Bringup;
use Test::More;

my $bin = $ENV{MACHILINK} // "build/release/machilink";
plan skip_all => "$bin is not built" unless -x $bin;
plan skip_all => "openssl is not installed" if system("command -v openssl >/dev/null 2>&1");
binmode(Test::More->builder->$_, ":utf8") for qw(output failure_output);

my ($net, $ini, $at) = (undef, undef, "http://127.16.4.4:8100");
# The command, with a line of standard input.
sub proxy {
  my ($self, $stdin, @argv) = @_;
  Trust::spew("$self->{dir}/stdin", "$stdin\n");
  local $self->{bin} = "/bin/sh";
  my ($rc, $out) = $self->run("-c", 'exec "$@" < "$0"', "$self->{dir}/stdin", $bin, "conf", "proxy", @argv, "--config", $ini, "--lang", "en");
  chomp $out;
  return ($rc, $out);
}
sub good { my ($self, @call) = @_; my ($rc, $out) = proxy($self, @call); is($rc, 0, "$call[1] $call[2]") or diag($out); return $out; }
sub ask { my ($self, $path) = @_; return $self->{http}->get("$at$path"); }
sub hidden { my ($self, $name) = @_; return Lab::until(20, sub { ask($self, "/$name/conf?version=6")->{status} }, sub { $_[0] == 404 }); }
sub shown { my ($self, $name) = @_; return Lab::until(20, sub { ask($self, "/$name/conf?version=6")->{status} }, sub { $_[0] == 200 }); }

# Made when the first server needs an anchor.
sub make {
  my ($self) = @_;
  my $dir = "$self->{dir}/proxy";
  if (!-d $dir) {
    mkdir $dir; mkdir "$dir/data";
    $ini = "$dir/machilink.ini";
    $self->{m}{proxy} = { name => "proxy", dir => $dir, address => "127.16.4.4" };
    Trust::spew("$dir/pin", "Secret1234");
    Trust::spew($ini, "[machilink]\nroles = configuration-proxy\ndata-dir = $dir/data\nlog-file = $dir/machilink.log\naddress = 127.16.4.4\n"
      . "[signer]\nautologin-file = $dir/pin\n[configuration-client]\nupdate-interval = 1\n[configuration-proxy]\nlisten-address = 127.16.4.4\n"
      . "listen-port = 8100\n");
    Trust::spew("$self->{dir}/source.xml", $self->anchor);
    good($self, "", "create", "main", "--anchor", "$self->{dir}/source.xml", "--validity", 120);
    good($self, "", "create", "short", "--anchor", "$self->{dir}/source.xml", "--validity", 4);
    isnt((proxy($self, "", "create", "main", "--anchor", "$self->{dir}/source.xml"))[0], 0, "a name is taken once");
    isnt((proxy($self, "", "create", "../x", "--anchor", "$self->{dir}/source.xml"))[0], 0, "a path is no name");
    isnt((proxy($self, "", "anchor", "main"))[0], 0, "no anchor without a key");
    $self->{key} = good($self, "Secret1234", "add-key", "main");
    isnt((proxy($self, "Secret1235", "add-key", "short"))[0], 0, "no key with another PIN");
    good($self, "Secret1234", "add-key", "short");
    ok($self->start("proxy"), "the role starts") or diag(Trust::slurp("$dir/machilink.log"));
    is(shown($self, $_), 200, "$_ is published") for qw(main short);
  }
  return good($self, "", "anchor", "main");
}

my $trust = Trust->new(address => "127.16.4.9");
$net = eval { Bringup->new(net => "127.16.4", trust => $trust, anchor => \&make) } or BAIL_OUT($@);
is($net->exchanges(20), "", "servers with the proxy's anchor exchange as usual");
my $state = $net->say_to("town", "GET", "/diagnostics/globalconf");
is("$state->{status_class} $state->{last_successful_url}", "OK $at/main/conf", "from the proxy");
Trust::spew("$net->{dir}/proxy.xml", good($net, "", "anchor", "main"));
for my $v (2 .. 6) {
  my ($rc, $out) = $net->run("conf", "verify", "--anchor", "$net->{dir}/proxy.xml", "--url", "$at/main/conf?version=$v", "--lang", "en");
  is($rc, 0, "version $v verifies") or diag($out);
  like($out, qr/version: $v\b/, "as that version");
}
is(ask($net, "/main/conf")->{content} =~ /^Version: (\d)/m && $1, 2, "without a word it is version 2");
is(ask($net, $_)->{status}, 404, "$_: not found") for "/other/conf", "/main/conf?version=7", "/main/1/LAB/shared-params.xml",
  "/main/%2e%2e/LAB/x", "/main/proxy.json", "/main/1/%2e%2e/source.xml";

# ---- keys change ----
my $first = $net->{key};
isnt((proxy($net, "Secret1234", "add-key", "main"))[0], 0, "the key store of a running service is left alone");
$net->stop("proxy");
my $second = good($net, "Secret1234", "add-key", "main");
isnt((proxy($net, "Secret1234", "add-key", "main"))[0], 0, "two keys are enough");
isnt((proxy($net, "Secret1234", "delete-key", "main", $first))[0], 0, "the active one stays");
$net->start("proxy");
my $told = sub {
  my $path = (ask($net, "/main/conf?version=6")->{content} // "") =~ m{Content-location: (\S+shared-params.xml)} ? $1 : return 0;
  return scalar(() = ask($net, $path)->{content} =~ /<internalVerificationCert>/g);
};
is(Lab::until(20, $told, sub { $_[0] == 2 }), 2, "the new key is announced");
my $seen = sub { my $f = "$net->{m}{town}{dir}/data/globalconf/LAB/shared-params.xml"; return scalar(() = Trust::slurp($f) =~ /<internalVerificationCert>/g) };
is(Lab::until(20, $seen, sub { $_[0] == 2 }), 2, "the servers know it");
good($net, "", "activate-key", "main", $second);
like(good($net, "", "show", "main"), qr/$second \(active\)/, "the new one signs");
$net->stop("proxy");
good($net, "Secret1234", "delete-key", "main", $first);
$net->start("proxy");
is(Lab::until(20, $seen, sub { $_[0] == 1 }), 1, "the old one goes; servers follow without another anchor");
is($net->exchanges(20), "", "exchanges go on");

# the source's keys change
my $key = $net->say_to("center", "POST", "/configuration-sources/INTERNAL/signing-keys", { key_label => "next", token_id => "0" });
my $known = sub { my $t = Trust::slurp("$net->{m}{proxy}{dir}/data/confproxy/main/known-params.xml"); return scalar(() = $t =~ /<internalVerificationCert>/g) };
is(Lab::until(80, $known, sub { $_[0] == 2 }), 2, "a new key of the source is known");
$net->say_to("center", "PUT", "/signing-keys/$key->{id}/activate");
sleep 2;
my $published = sub { ask($net, "/short/conf?version=6")->{content} =~ m{Content-location: /short/(\d+)/} ? $1 : 0 };
my $stamp = $published->();
cmp_ok(Lab::until(20, $published, sub { $_[0] > $stamp }), ">", $stamp, "it is followed");

# ---- a source that is not what it says ----
my $evil = Evil->new("127.16.4.6", $net->{m}{center}{address});
my $anchor = $net->anchor =~ s{(<downloadURL>)[^<]*}{$1 . $evil->url("internalconf")}er;
Trust::spew("$net->{dir}/evil.xml", $anchor);
Trust::spew("$net->{dir}/foreign.xml", $net->say_to("center", "GET", "/configuration-sources/EXTERNAL/anchor/download") =~ s/externalconf/internalconf/r);
$net->stop("proxy");
for (qw(evil foreign)) {
  good($net, "", "create", $_, "--anchor", "$net->{dir}/$_.xml");
  good($net, "Secret1234", "add-key", $_);
}
$net->start("proxy");
is(shown($net, "main"), 200, "the others are published");
Lab::until(20, sub { $evil->asked("/internalconf") }, sub { $_[0] > 5 });
is(ask($net, "/$_/conf?version=6")->{status}, 404, "$_: nothing of it is published") for qw(evil foreign);
my $log = sub { Trust::slurp("$net->{m}{proxy}{dir}/machilink.log") };
like(Lab::until(10, $log, sub { $_[0] =~ /evil: nothing new/ }), qr/evil: nothing new is published: .*signature/i, "a changed directory: the log says why");
like(Lab::until(10, $log, sub { $_[0] =~ /foreign: nothing new/ }), qr/foreign: nothing new is published: .*certificate/i, "another's key too");

# ---- no source ----
is(shown($net, "short"), 200, "all is well");
$net->kill("center");
is(hidden($net, "short"), 404, "what was valid for 4 s is no longer offered");
is(ask($net, "/main/conf?version=6")->{status}, 200, "what is still valid is");
is($net->rest("company"), "", "exchanges go on meanwhile");
is($net->stop("proxy"), 0, "it ends cleanly");
done_testing();

# A source that changes what it hands on.
package Evil;
BEGIN { our @ISA = ("Trust") }
sub new {
  my ($class, $address, $center) = @_;
  my $self = bless { address => $address, port => 0, owner => $$, pid => [], center => $center,
    dir => File::Temp::tempdir("machilink-evil-XXXXXX", TMPDIR => 1, CLEANUP => 1) }, $class;
  $self->serve;
  return $self;
}
sub answer {
  my ($self, $path, $head) = @_;
  my ($target) = $head =~ /^GET (\S+)/;
  my $r = HTTP::Tiny->new->get("http://$self->{center}:8000$target");
  return ($r->{status}, "application/octet-stream", $r->{content} =~ s/^(Expire-date: \d{3})(\d)/$1 . (($2 + 1) % 10)/mer);
}
