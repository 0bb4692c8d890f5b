#!/usr/bin/perl
# Over real processes that are never restarted for it: the center (time stamps,
# OCSP, global configuration) gone for so long that one after the other runs
# out, and back (survive_each.t takes them away one by one); either server's
# clock moved by ten minutes each way; either server killed while a message is
# under way. Meanwhile each server says
# truthfully what is wrong, and afterwards everything works again by itself.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Lab;
use Test::More;
use Time::HiRes qw(time sleep);

my $lab = Lab->new(net => "127.36.3", ini => { machilink => { "test-clock" => "true" }, "proxy-ui-api" => { tls => "false" },
  "message-log" => { "timestamp-interval" => 1, "timestamp-retry-delay" => 1, "acceptable-timestamp-failure-period" => 600 },
  "signer" => { "ocsp-retry-delay" => 1 } });
my @servers = qw(town company);
# Everybody lives 20 minutes later than the network was made, so that its
# certificates are valid on a clock that is behind.
my $now = 1200;
sub clock { my ($by, @who) = @_; Lab::spew("$lab->{dir}/clock-$_", $now + $by . "\n") for @who ? @who : @servers; }
clock(0, @servers, "center");
$lab->{env}{$_} = { MACHILINK_CLOCK_FILE => "$lab->{dir}/clock-$_" } for @servers, "center";
ok($lab->start($_), "$_ starts") or BAIL_OUT("no $_") for "center", @servers;
my %pid = %{ $lab->{pid} };

# What it says of each service: OK, FAIL or WAITING.
sub diagnosis {
  my ($name) = @_;
  my $d = sub { $lab->api($name, "/api/v1/diagnostics/$_[0]") };
  my ($ts, $ocsp, $conf) = ($d->("timestamping-services"), $d->("ocsp-responders"), $d->("globalconf"));
  return join " ", map { $_ // "?" } $ts->[0]{status_class}, $ocsp->[0]{ocsp_responders}[0]{status_class}, $conf->{status_class};
}
sub diagnosis_is {
  my ($want, $what) = @_;
  is(Lab::until(15, sub { diagnosis($_) }, sub { $_[0] =~ /^$want$/ }) =~ s/^$want$//r, "", "$_: $what: stamps, OCSP, configuration are $want") for @servers;
}
sub healthy {
  my ($want, $what) = @_;
  is(Lab::until(15, sub { $lab->health($_)->{ok} ? 1 : 0 }, sub { $_[0] == $want }), $want, "$_: $what: health is " . ($want ? "ok" : "not ok")) for @servers;
}
my $n = 0;
sub code_is {
  my ($want, $what) = @_;
  for my $from (@servers) {
    my $got = Lab::until(15, sub { $lab->exchange($from, "outage-" . $n++) }, sub { $_[0] =~ /^$want$/ });
    like($got, qr/^$want$/, "from $from: $what: " . ($want || "answered"));
  }
}

code_is("", "everything is there");
diagnosis_is("OK OK OK", "everything is there");
healthy(1, "everything is there");

# ---- the center is gone ----
$lab->kill("center");
code_is("", "the center is gone");
diagnosis_is("FAIL OK FAIL", "the center is gone");
healthy(0, "the center is gone");
clock(660);
code_is("server.clientproxy.timestamping_failed", "no stamps for longer than acceptable");
clock(3700);
code_is("server.clientproxy.ssl_authentication_failed", "OCSP answers too old");
diagnosis_is("FAIL FAIL FAIL", "OCSP answers too old");
clock(90000);
code_is("server.clientproxy.global_conf_outdated", "the configuration has ended");
is(Lab::until(5, sub { $lab->health($_)->{globalconf}{state} }, sub { $_[0] eq "expired" }), "expired", "$_: health says so") for @servers;
clock(0);
ok($lab->restart("center"), "the center is back");
code_is("", "the center is back");
diagnosis_is("OK OK OK", "the center is back");
healthy(1, "the center is back");
is(Lab::until(15, sub { $lab->health($_)->{timestamping}{waiting} }, sub { $_[0] == 0 }), 0, "$_: everything is stamped") for @servers;

# ---- one clock goes wrong ----
for my $one (@servers) {
  clock(600, $one);
  code_is("", "the clock of $one ten minutes ahead");
  diagnosis_is("OK OK OK", "the clock of $one ten minutes ahead");
  clock(-600, $one);
  sleep 2.5; # it looks at its clock every 2 s
  code_is("", "the clock of $one ten minutes behind");
  diagnosis_is("OK OK OK", "the clock of $one ten minutes behind");
  clock(0, $one);
}
code_is("", "the clock is right again");
diagnosis_is("OK OK OK", "the clock is right again");
healthy(1, "the clock is right again");

is($lab->{pid}{$_}, $pid{$_}, "$_ was never restarted") for @servers;

# ---- the provider is killed with a message in its hands ----
for my $provider (@servers) {
  my $consumer = $provider eq "town" ? "company" : "town";
  my $out = "$lab->{dir}/answer";
  $lab->signal($provider, "STOP");
  my $asker = fork() // die;
  if (!$asker) { Lab::spew($out, $lab->exchange($consumer, "mid-$provider")); POSIX::_exit(0); }
  sleep 0.2; # either side of the handshake will do
  my $begun = time;
  $lab->kill($provider);
  waitpid($asker, 0);
  like(Lab::slurp($out), qr/^server\.clientproxy\.(network_error|io_error)$/, "$provider is killed: $consumer says so");
  cmp_ok(time - $begun, "<", 20, "and soon");
  ok($lab->restart($provider), "$provider is started again");
  ok($lab->works($_, 15), "exchanges from $_") for @servers;
}
is($lab->{pid}{center} ? 1 : 0, 1, "the center still runs");
is($lab->stop($_), 0, "$_ stops cleanly") for @servers, "center";
done_testing();
