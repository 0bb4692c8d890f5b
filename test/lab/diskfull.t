#!/usr/bin/perl
# The message log's disk is full: messages are refused with the right fault by
# the side that cannot log, nothing is damaged, and when space returns the
# service goes on by itself. Over real processes, on a small tmpfs in a mount
# namespace of this test's own. Loopback addresses of its own (127.33.2).
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use HTTP::Tiny;
use Lab;
use Test::More;
use Time::HiRes qw(sleep);

if (!$ENV{MACHILINK_OWN_MOUNTS}) {
  my $probe = "unshare -m sh -c 'mount -t tmpfs -o size=1m none /mnt' 2>&1";
  my $said = `$probe`;
  plan skip_all => "no mount namespace here: $said" if $?;
  $ENV{MACHILINK_OWN_MOUNTS} = 1;
  exec "unshare", "-m", $^X, $0 or die "unshare: $!";
}

my $lab = Lab->new(net => "127.33.2", ini => { "message-log" => { "archive-interval" => 1, "timestamp-interval" => 1,
  "timestamp-retry-delay" => 1 }, "proxy-ui-api" => { tls => "false" } });
my $own = $$;
END {
  local $?;
  if ($lab && $own && $$ == $own) {
    $lab->kill($_) for keys %{ $lab->{pid} };
    system("umount", $_) for grep { -e "$_.disk" } map { "$lab->{m}{$_}{dir}/data" } "town", "company";
  }
}
my %data = map { $_ => "$lab->{m}{$_}{dir}/data" } "town", "company";
for my $d (values %data) {
  system("cp", "-a", $d, "$d.disk") == 0 && system("mount", "-t", "tmpfs", "-o", "size=48m,mode=0750", "none", $d) == 0
    && system("cp", "-a", "$d.disk/.", $d) == 0 or BAIL_OUT("no tmpfs at $d");
}
ok($lab->start($_), "$_ starts") or BAIL_OUT("no $_") for "center", "town", "company";
ok($lab->works($_, 15), "exchanges from $_") or BAIL_OUT("no exchange") for "town", "company";

# Takes all the space that is left, also what a checkpoint frees meanwhile.
sub fill {
  my ($name) = @_;
  open(my $h, ">>", "$data{$name}/ballast") or die "$name: $!";
  for my $size (65536, 4096, 1) { 1 while defined syswrite($h, "x" x $size); }
}
sub id { my ($what, $n) = @_; return "$what-$n"; }

my (@good, %heard);
for my $name ("town", "company") {
  push @good, id("before-$name", $_) for grep { $lab->exchange("town", id("before-$name", $_)) eq "" } 1 .. 5;
  # the log may still hold some records in pages it has: until it cannot
  my ($n, $why) = (0, "");
  for my $try (1 .. 400) {
    fill($name);
    $why = $lab->exchange("town", id("full-$name", ++$n));
    if ($why eq "") { push @good, id("full-$name", $n) } else { $heard{$why}++; last if $why =~ /logging_failed/; }
  }
  my $side = $name eq "town" ? "clientproxy" : "serverproxy";
  is($why, "server.$side.logging_failed", "$name is full: refused after $n exchanges");
  my @more = map { fill($name); $lab->exchange("town", id("still-$name", $_)) } 1 .. 5;
  is((grep { $_ eq "server.$side.logging_failed" } @more), 5, "and stays refused") or diag("@more");
  # a body that would have to be kept there first
  fill($name);
  my $r = HTTP::Tiny->new(timeout => 60)->post($lab->url("town", "/r1/LAB/COM/2010401999001/logistics/emergency-goods"),
    { content => "x" x 2_000_000, headers => { "X-Road-Client" => "LAB/GOV/9000020994014/opendata" } });
  is($r->{headers}{"x-road-error"}, "server.$side.logging_failed", "nor is there room for a large body") or diag(explain($r));
  ok($lab->alive($name), "$name lives");
  sleep 2;
  unlink "$data{$name}/ballast" or die;
  ok($lab->works("town", 10), "$name goes on by itself when there is space");
  push @good, id("after-$name", $_) for grep { $lab->exchange("town", id("after-$name", $_)) eq "" } 1 .. 5;
}
is((grep { /^after-/ } @good), 10, "exchanges afterwards");

# ---- the evidence ----
for my $name ("town", "company") {
  my (%found, @chain);
  my @missing = @{ Lab::until(30, sub { %found = (); @chain = $lab->archives($name, \%found); [Lab::missing(\%found, \@good)] }, sub { !@{ $_[0] } }) };
  ok(!@missing, "$name: every answered exchange is stamped and archived") or diag("@missing[0 .. 3]");
  is($lab->stop($name), 0, "$name stops cleanly");
  my ($code, $out) = $lab->run("verify", "--linking-only", @chain);
  is($code, 0, "$name: the archives chain") or diag($out);
  is(`sqlite3 '$data{$name}/messagelog.db' 'PRAGMA integrity_check' 2>&1`, "ok\n", "$name: the database is whole") if `which sqlite3 2>/dev/null`;
}
done_testing;
