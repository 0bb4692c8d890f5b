#!/usr/bin/perl
# kill -9 at random moments under load: of either security server, of either
# signer. Whoever is gone is started again, as a service manager would, and
# nothing else is done. Then every exchange that an information system saw
# answered has its records at both servers, signed, stamped, and in archives
# that chain. Ten times here, 200 times in `make soak`. MACHILINK_SEED repeats
# a run's choices.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Lab;
use Test::More;
use Time::HiRes qw(time sleep);

my $times = $ENV{MACHILINK_SOAK} ? 200 : 10;
my $seed = $ENV{MACHILINK_SEED} // time * 1000 % 1_000_000;
srand $seed;
diag("seed $seed, $times kills");

my $lab = Lab->new(net => "127.36.1", ini => { "message-log" => { "archive-interval" => 1, "archive-max-filesize" => 300_000,
  "timestamp-interval" => 1, "timestamp-retry-delay" => 1 }, "proxy-ui-api" => { tls => "false" } });
my @servers = qw(town company);
ok($lab->start($_), "$_ starts") or BAIL_OUT("no $_") for "center", @servers;
ok($lab->works($_, 15), "exchanges from $_") or BAIL_OUT("no exchange") for @servers;

$lab->load(2);
my ($slow, $failed, $stuck, %killed) = (0, 0, 0);
for my $n (1 .. $times) {
  # three times of four in the middle of work, else while it starts
  if ($n % 4) {
    $lab->works($_, 30) or $stuck++ for @servers;
    sleep rand(0.5);
  } else {
    sleep rand(0.5);
  }
  my $name = $servers[rand @servers];
  my $signer = rand() < 0.25 ? $lab->signer($name) : undef;
  my $begun = time;
  if ($signer) {
    kill "KILL", $signer;
    $lab->wait_end($name, 10) or do { fail("$name ends without its signer"); $lab->kill($name) };
    $killed{"signer of $name"}++;
  } else {
    $lab->kill($name);
    $killed{$name}++;
  }
  $lab->restart($name) or $failed++;
  my $took = time - $begun;
  $slow = $took if $took > $slow;
}
is($failed, 0, "every start succeeded; the slowest took " . int($slow * 1000) . " ms");
is($stuck, 0, "exchanges were possible again after each of them");
ok($lab->works($_, 30), "exchanges from $_ afterwards, with nobody's help") for @servers;
my ($good, $bad) = $lab->load_end;
note("killed: " . join(", ", map { "$_ $killed{$_} times" } sort keys %killed));
note("answered: " . @$good . "; refused: " . join(", ", map { "$_ ($bad->{$_})" } sort keys %$bad));
ok(@$good > 3 * $times, "there was load: " . @$good . " exchanges were answered");

# ---- the evidence ----
for my $name (@servers) {
  my (%found, @chain);
  my @missing = @{ Lab::until(30, sub { %found = (); @chain = $lab->archives($name, \%found); [Lab::missing(\%found, $good)] }, sub { !@{ $_[0] } }) };
  ok(!@missing, "$name: both records of every answered exchange are stamped and archived")
    or diag(@missing . " are missing, as " . join(" ", grep { defined } @missing[0 .. 5]));
  ok(!(grep { $_ > 1 } values %found), "$name: none twice");
  my $state = Lab::until(20, sub { $lab->health($name)->{timestamping}{waiting} }, sub { !($_[0] // 1) });
  is($state, 0, "$name: nothing waits for its stamp");
  my ($rc, $out) = $lab->run("verify", "--lang", "en", "--globalconf", $lab->{globalconf}, @chain);
  is($rc, 0, "$name: " . keys(%found) . " containers in a chain of " . @chain . " archives are valid") or diag(substr($out, 0, 2000));
  is($lab->stop($name), 0, "$name: stops cleanly");
}
is($lab->stop("center"), 0, "the center too");
done_testing();
