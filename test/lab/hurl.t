#!/usr/bin/perl
# X-Road's own scenario scripts against a center and two security servers, by
# the `hurl` tool, as they are: they bring a network up from nothing through the
# administration APIs, then exchange REST and SOAP messages in it. The scripts
# are not ours: MACHILINK_HURL_SCENARIOS names the folder that holds them
# (setup.hurl, test-proxy-rest.hurl, test-proxy-soap.hurl, vars.env; also
# perftest-ss0.hurl and single-ss.hurl when they are there), HURL the tool
# when it is not in the PATH.
# Host names and ports are those of the scripts, in a network of this test's own.
# One of the servers has a token in hardware: SoftHSM's, whose module only an
# executable with the system's C library loads (make dynamic), which then runs
# that server.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use IO::Select;
use POSIX qw(:sys_wait_h);
use Socket;
use Test::More;
use lib $FindBin::Bin;
use Sample;
use Trust;

my $scripts = $ENV{MACHILINK_HURL_SCENARIOS} // "";
plan skip_all => "MACHILINK_HURL_SCENARIOS does not name the folder of X-Road's scenario scripts" unless -r "$scripts/setup.hurl";
my ($hurl) = grep { -x } $ENV{HURL} // (), map { "$_/hurl" } split /:/, $ENV{PATH};
plan skip_all => "hurl is not here (cargo install hurl --locked)" unless $hurl;
my $bin = $ENV{MACHILINK} // "build/release/machilink";
plan skip_all => "$bin is not built" unless -x $bin;
my $module = "/usr/lib/softhsm/libsofthsm2.so";
plan skip_all => "SoftHSM is not here (Debian: softhsm2)" unless -r $module;
my ($dynamic) = grep { loads_modules($_) } $bin, $ENV{MACHILINK_DYNAMIC} // "build/dynamic/machilink";
plan skip_all => "no executable that loads modules is built (make dynamic)" unless $dynamic;
if (!$ENV{MACHILINK_HURL_INSIDE}) {
  plan skip_all => "no network of our own can be made here (unshare)" if system("unshare -rnm true 2>/dev/null");
  $ENV{MACHILINK_HURL_INSIDE} = 1;
  exec "unshare", "-rnm", $^X, $0 or die $!;
}

my $dir = tempdir("machilink-hurl-XXXXXX", TMPDIR => 1, CLEANUP => !$ENV{MACHILINK_KEEP});
my %at = (cs => 1, ss0 => 2, ss1 => 3, testca => 4, ss2 => 9, issoap => 5, isrest => 6, isopenapi => 7, payloadgen => 8);
my (%pid, $owner);
$owner = $$;
$_ = "127.13.0.$_" for values %at;

# ---- the place ----

# Does it have an interpreter, which static executables have not?
sub loads_modules {
  my ($file) = @_;
  open(my $h, "<:raw", $file) or return 0;
  read($h, my $head, 4096);
  return $head =~ m{/lib\S*/ld-linux};
}

sub spew { my ($f, $t) = @_; open(my $h, ">", $f) or die "$f: $!"; print $h $t; close $h or die "$f: $!"; }
sub slurp { my ($f) = @_; open(my $h, "<", $f) or die "$f: $!"; local $/; return scalar <$h>; }
sub network {
  socket(my $s, AF_INET, SOCK_DGRAM, 0) or die $!;
  my $lo = pack("Z16 s x14", "lo", 0x41);      # IFF_UP | IFF_RUNNING
  ioctl($s, 0x8914, $lo) or die "lo: $!";      # SIOCSIFFLAGS
  spew("$dir/hosts", "127.0.0.1 localhost\n" . join("", map { "$at{$_} $_\n" } sort keys %at));
  !system("mount", "--bind", "$dir/hosts", "/etc/hosts") or die "mount";
}

my $common = <<'END';
[machilink]
data-dir = %1$s/data
log-file = %1$s/log
address = %2$s
language = en
[proxy-ui-api]
listen-address = %3$s
password-min-length = 6
END
my $center = <<'END';
[center]
listen-address = %3$s
public-address = %2$s
management-listen-address = %3$s
global-configuration-generation-rate-in-seconds = 10
END
my $server = <<'END';
[signer]
autologin-file = %1$s/pin
[configuration-client]
update-interval = 1
[proxy]
connector-host = %3$s
server-listen-address = %3$s
ocsp-responder-listen-address = %3$s
END

# Tokens with a PIN, as their maker's tools make them: [slot, serial number]
# each. Two, because there may be several, and because some versions of hurl
# take the only element of a list for the list.
sub tokens {
  my ($d) = @_;
  mkdir "$d/tokens";
  spew("$d/softhsm2.conf", "directories.tokendir = $d/tokens\nlog.level = ERROR\n");
  local $ENV{SOFTHSM2_CONF} = "$d/softhsm2.conf";
  for my $label ("x-road-softhsm2", "second") {
    system("softhsm2-util --init-token --free --label $label --so-pin 12345678 --pin Secret1234 >$d/softhsm2.out 2>&1")
      and die slurp("$d/softhsm2.out");
  }
  my @found = `softhsm2-util --show-slots` =~ /^Slot (\d+)(?:(?!^Slot ).)*?Serial number: +(\w+)/msg;
  return map { [@found[2 * $_, 2 * $_ + 1]] } 0 .. $#found / 2;
}

sub machine {
  my ($name) = @_;
  my $d = "$dir/$name";
  mkdir $d or die $!;
  spew("$d/pin", "Secret1234\n");
  my $text = sprintf($common . ($name eq "cs" ? $center : $server), $d, $name, $at{$name});
  my $roles = $name eq "cs" ? "center, dashboard" : "security-server, dashboard";
  $text =~ s/^\[machilink\]\n/$&roles = $roles\n/;
  if ($name eq "ss1") {
    my @token = tokens($d);
    my $slots = join(", ", map { $_->[0] } @token);
    $text =~ s/^\[signer\]\n/$&token-module = $module\ntoken-slots = $slots\n/m;
    spew("$d/pin", join("", map { "$_:Secret1234\n" } 0, map { $_->[1] } @token));
  }
  spew("$d/ini", $text);
  open(my $in, "|-", $bin, "user", "add", "xrd", "--config", "$d/ini") or die $!;
  print $in "secret\n";
  close $in or die "no account";
  start($name);
}
sub start {
  my ($name) = @_;
  my $d = "$dir/$name";
  pipe(my $r, my $w) or die;
  my $pid = fork() // die;
  if (!$pid) {
    POSIX::dup2(fileno($w), 9);
    open(STDIN, "<", "/dev/null"); open(STDOUT, ">>", "$d/output"); open(STDERR, ">&", \*STDOUT);
    $ENV{SOFTHSM2_CONF} = "$d/softhsm2.conf";
    exec $name eq "ss1" ? $dynamic : $bin, "serve", "--config", "$d/ini", "--ready-fd", "9" or POSIX::_exit(127);
  }
  close $w;
  $pid{$name} = $pid;
  ok(IO::Select->new($r)->can_read(20) && sysread($r, my $word, 16), "$name starts") or diag(slurp("$d/output"));
}
END {
  if (defined $owner && $$ == $owner) {
    local $?;
    kill "TERM", $_ for values %pid;
    waitpid($_, 0) for values %pid;
  }
}

# ---- the scripts ----

# What was said; undef when it stopped before its end.
sub script {
  my ($name, @more) = @_;
  my $out = "$dir/$name.out";
  my $pid = fork() // die;
  if (!$pid) {
    open(STDIN, "<", "/dev/null"); open(STDOUT, ">", $out); open(STDERR, ">&", \*STDOUT);
    exec $hurl, "--insecure", "--variables-file", "$scripts/vars.env", "--file-root", $dir, "$scripts/$name", "--test", "--no-color",
      "--very-verbose", "--retry", 12, "--retry-interval", 1000, @more or POSIX::_exit(127);
  }
  waitpid($pid, 0);
  my $said = slurp($out);
  my $all = () = slurp("$scripts/$name") =~ /^(?:GET|POST|PUT|PATCH|DELETE) /mg;
  my %done = map { $_ => 1 } $said =~ /Executing entry (\d+)/g;
  my $reached = keys %done;
  my $good = ok(!$?, "$name: " . ($? ? "stopped at request $reached" : "$reached requests") . " of $all");
  diag(join("\n", grep { defined && /\S/ && !/^[*<>] / } (split /\n/, $said)[-30 .. -1])) unless $good;
  return $good ? $said : undef;
}

# One more server, of one more member. The script is older than X-Road 7.8: its
# last request names no cost_type, which 7.8 demands.
sub single {
  my %is = (ss_host => "ss2", ss_server_code => "SS2", ss_member_class => "ORG", ss_member_code => "5678",
    ss_member_name => "Third", ss_token_pin => "Secret1234");
  machine("ss2");
  script("single-ss.hurl", "--to-entry", 23, map { ("--variable", "$_=$is{$_}") } sort keys %is);
}

network();
my $trust = Trust->new(address => $at{testca}, port => 8888);
mkdir "$dir/ca";
for my $what (qw(ca ocsp tsa)) { spew("$dir/ca/$what.pem", slurp($trust->file($what))); }
{ local $trust->{port} = 8899; $trust->serve; }
my @services = map { Sample->new(address => $at{$_}, port => 8080) } qw(issoap isrest isopenapi);
machine($_) for qw(cs ss0 ss1);
if (script("setup.hurl")) {
  script("test-proxy-rest.hurl");
  # the script takes any answer without a number for one: NaN
  like(script("test-proxy-soap.hurl") // "", qr{getRandomResponse.*<\w+:data>[\d.]+<}s, "it is the service's answer");
  script("perftest-ss0.hurl") if -r "$scripts/perftest-ss0.hurl";
  single() if -r "$scripts/single-ss.hurl";
}
done_testing();
