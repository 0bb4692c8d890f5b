#!/usr/bin/perl
# Outages one by one, over real processes that are never restarted: only the
# time-stamping service is gone, only the OCSP responder, only the source of
# the configuration, each until what it gave has run out, and back. Before both
# servers suffer, one alone does: as provider it refuses with its own fault, as
# consumer with its own. Meanwhile the diagnostics of whoever suffers name the
# one thing that is wrong, and nothing else. (survive_outage.t takes everything
# away at once, and moves clocks.)
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use IO::Socket::INET;
use Lab;
use Test::More;
use Time::HiRes qw(time sleep);

my $lab = Lab->new(net => "127.36.7", ini => { machilink => { "test-clock" => "true" }, "proxy-ui-api" => { tls => "false" },
  "message-log" => { "timestamp-interval" => 1, "timestamp-retry-delay" => 1, "acceptable-timestamp-failure-period" => 600 },
  "signer" => { "ocsp-retry-delay" => 1 } });
my @servers = qw(town company);

# ---- a gate in front of the center's port: services are cut off by path ----
my $gate = fork() // die;
if (!$gate) { eval { gate() }; POSIX::_exit(0); }
END { local $?; kill "KILL", $gate if $gate && $lab && $$ == $lab->{owner}; }

sub behind { return $lab->{m}{center}{address} =~ s/\d+$/250/r; }
sub gate {
  my $l;
  my %at = (LocalAddr => $lab->{m}{center}{address}, LocalPort => 80 + $lab->{shift}, Listen => 64, ReuseAddr => 1);
  sleep 0.05 until -e "$lab->{dir}/moved" && ($l = IO::Socket::INET->new(%at));
  $SIG{CHLD} = "IGNORE";
  while (getppid() == $lab->{owner}) {
    my $c = $l->accept or next;
    my $pid = fork();
    if (defined $pid && !$pid) { eval { one($c) }; POSIX::_exit(0); }
    close $c;
  }
}
sub one {
  my ($c) = @_;
  my ($got, $end) = ("", -1);
  while (($end = index($got, "\r\n\r\n")) < 0) { sysread($c, $got, 65536, length $got) or return; }
  $end += 4 + ($got =~ /\r\nContent-Length: (\d+)/i ? $1 : 0);
  while (length $got < $end) { sysread($c, $got, 65536, length $got) or return; }
  my $what = $got =~ m{^\S+ /tsa} ? "tsa" : $got =~ m{^\S+ /ocsp} ? "ocsp" : "conf";
  return if -e "$lab->{dir}/no-$what";
  my $s = IO::Socket::INET->new(PeerAddr => behind(), PeerPort => 80 + $lab->{shift}, Timeout => 60) or return;
  $got =~ s/\r\nConnection: [^\r]*//i;
  $got =~ s/\r\n/\r\nConnection: close\r\n/;
  print $s $got;
  $s->flush;
  my $n;
  while ($n = sysread($s, my $piece, 65536)) { syswrite($c, $piece); }
}
sub cut { Lab::spew("$lab->{dir}/no-$_[0]", ""); }
sub mend { unlink "$lab->{dir}/no-$_[0]"; }

# ---- asking ----
my $ini = "$lab->{m}{center}{dir}/machilink.ini";
Lab::spew($ini, Lab::slurp($ini) =~ s/\[center\]\nlisten-address = \S+/"[center]\nglobal-configuration-generation-rate-in-seconds = 1\nlisten-address = " . behind()/er);
Lab::spew("$lab->{dir}/moved", "");
# Time only goes on; $lead is how far these are in front of the others.
my $now = 0;
sub clock {
  my ($lead, @ahead) = @_;
  my %ahead = map { $_ => $lead } @ahead;
  Lab::spew("$lab->{dir}/clock-$_", $now + ($ahead{$_} // 0) . "\n") for @servers, "center";
}
clock(0);
$lab->{env}{$_} = { MACHILINK_CLOCK_FILE => "$lab->{dir}/clock-$_" } for @servers, "center";
ok($lab->start($_), "$_ starts") or BAIL_OUT("no $_") for "center", @servers;
my %pid = %{ $lab->{pid} };

sub other { return $_[0] eq "town" ? "company" : "town"; }
sub diagnosis {
  my ($name) = @_;
  my $d = sub { $lab->api($name, "/api/v1/diagnostics/$_[0]") };
  my ($ts, $ocsp, $conf) = ($d->("timestamping-services"), $d->("ocsp-responders"), $d->("globalconf"));
  return join " ", map { $_ // "?" } $ts->[0]{status_class}, $ocsp->[0]{ocsp_responders}[0]{status_class}, $conf->{status_class};
}
sub diagnosis_is {
  my ($want, $what, @who) = @_;
  is(Lab::until(15, sub { diagnosis($_) }, sub { $_[0] eq $want }), $want, "$_: $what: stamps, OCSP, configuration are $want") for @who;
}
sub health_is {
  my ($want, $what, @who) = @_;
  is(Lab::until(15, sub { $lab->health($_)->{ok} ? 1 : 0 }, sub { $_[0] == $want }), $want, "$_: $what: health is " . ($want ? "ok" : "not ok")) for @who;
}
my $n = 0;
sub code_is {
  my ($from, $want, $what) = @_;
  my $got = Lab::until(15, sub { $lab->exchange($from, "each-" . $n++) }, sub { $_[0] =~ /^$want$/ });
  like($got, qr/^$want$/, "from $from: $what: " . ($want || "answered"));
}
sub all_well {
  my ($what) = @_;
  code_is($_, "", $what) for @servers;
  diagnosis_is("OK OK OK", $what, @servers);
  health_is(1, $what, @servers);
}

# what is cut off, how long until it has run out, diagnoses before and after,
# faults of the one that suffers: as consumer, as provider. Without a valid
# configuration nobody is asked for OCSP answers, as in X-Road.
my @outage = (
  ["tsa", 660, "FAIL OK OK", "FAIL OK OK", "timestamping_failed", "timestamping_failed"],
  ["ocsp", 3700, "(OK|FAIL) OK", "OK FAIL OK", "ssl_authentication_failed", "service_failed\\.signer\\.cannot_sign"],
  ["conf", 90000, "OK OK FAIL", "OK FAIL FAIL", "global_conf_outdated", "global_conf_outdated"],
);
all_well("everything is there");
for my $o (@outage) {
  my ($what, $seconds, $early, $late, $own, $provider) = @$o;
  cut($what);
  code_is($_, "", "no $what yet") for @servers;
  diagnosis_is($early, "no $what", @servers) if $what ne "ocsp";
  for my $one (@servers) {
    clock($seconds, $one, "center"); # the center's other answers are of today
    code_is($one, "server\\.clientproxy\\.$own", "no $what for $one");
    code_is(other($one), "server\\.serverproxy\\.$provider", "no $what for $one");
    diagnosis_is($late, "no $what", $one);
    health_is(0, "no $what", $one);
    clock(0);
    code_is($_, "", "$one is back in time") for @servers;
  }
  $now += $seconds;
  clock(0);
  code_is($_, "server\\.clientproxy\\.$own", "no $what for both") for @servers;
  mend($what);
  all_well("$what is back");
}
is(Lab::until(15, sub { $lab->health($_)->{timestamping}{waiting} }, sub { $_[0] == 0 }), 0, "$_: everything is stamped") for @servers;
is($lab->{pid}{$_}, $pid{$_}, "$_ was never restarted") for @servers, "center";
is($lab->stop($_), 0, "$_ stops cleanly") for @servers, "center";
done_testing();
