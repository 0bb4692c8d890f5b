#!/usr/bin/perl
# The command line as a person meets it: help, mistakes, parameters, the map,
# configuration errors with file, line and the nearest name.
use strict;
use warnings;
use File::Temp qw(tempdir);
use POSIX ();
use Test::More;

my $bin = $ENV{MACHILINK} // "build/release/machilink";
my $dir = tempdir("machilink-cli-XXXXXX", TMPDIR => 1, CLEANUP => 1);
$ENV{LC_ALL} = "C.UTF-8";

sub run {
  pipe(my $r, my $w) or die;
  my $pid = fork() // die;
  if (!$pid) { open(STDIN, "<", "/dev/null"); open(STDOUT, ">&", $w); open(STDERR, ">&", $w); close $r; exec @_ or exit 127; }
  close $w;
  my $out = do { local $/; <$r> } // "";
  waitpid($pid, 0);
  return ($? >> 8, $out);
}
sub conf { my ($text) = @_; open(my $h, ">", "$dir/c.ini") or die; print $h $text; close $h; return "$dir/c.ini"; }

my ($code, $out) = run($bin, "help");
is($code, 0, "help");
like($out, qr/machilink $_ /, "help tells $_") for qw(serve lab verify conf user param map bench);
($code, $out) = run($bin, "version");
like($out, qr/^machilink \d+\.\d+\.\d+/, "version");
($code, $out) = run($bin, "verfy");
is($code, 64, "an unknown command");
like($out, qr/did you mean "verify"/, "gets the nearest name");
($code, $out) = run($bin, "serve", "--confg", "x");
is($code, 64, "an unknown option");
like($out, qr/did you mean --config/, "gets the nearest name");

($code, $out) = run($bin, "param", "list");
is($code, 0, "param list");
like($out, qr/server-listen-port.*5500/s, "has X-Road's names and defaults");
($code, $out) = run($bin, "param", "list", "--lang", "ja");
is($code, 0, "param list in Japanese");
like($out, qr/セキュリティサーバのメッセージが届くポート/, "explains in Japanese");

# numbers of public bodies
($code, $out) = run($bin, "code", "131016");
is($code, 0, "a municipality code");
like($out, qr/Tokyo.*right.*8000020131016/, "and the corporate number proposed");
($code, $out) = run($bin, "code", "131017", "--lang", "ja");
is($code, 1, "a wrong check digit");
like($out, qr/\Q検査数字が合いません(6\E/, "in Japanese, with the right one");
($code, $out) = run($bin, "code", "0170368015672");
is($code, 2, "another network's numbers are neither");
($code, $out) = run($bin, "code", "9000020072028", "--json");
like($out, qr/"municipality_code":"072028"/, "as JSON");

# every call has a server, every database one owner
($code, $out) = run($bin, "map");
is($code, 0, "map");
my (%serves, %calls, %owner);
for (split /\n/, $out) {
  $serves{$1}++ if /^  serves +(.+?)  /;
  $calls{$1}++ if /^  calls +(.+?)  /;
  if (/^  owns +(.*)/) { $owner{$_}++ for split / /, $1; }
}
ok(%serves && %calls && %owner, "map has serves, calls and owns");
ok($serves{$_}, "somebody serves: $_") for sort keys %calls;
is($owner{$_}, 1, "$_ has one owner") for sort keys %owner;

my $f = conf("[proxy]\nserver-listen-prt = 5500\n");
($code, $out) = run($bin, "serve", "--config", $f);
isnt($code, 0, "an unknown key stops the start");
like($out, qr/c\.ini:2.*server-listen-port/s, "with file, line and the nearest name");
($code, $out) = run($bin, "serve", "--config", conf("[proxy]\nserver-listen-port = 99999\n"));
like($out, qr/c\.ini:2/, "a value out of range too");
($code, $out) = run($bin, "serve", "--config", conf("[machilink]\ndata-dir = $dir/d\n"));
isnt($code, 0, "no role");
like($out, qr/roles/, "is said");
($code, $out) = run($bin, "serve", "--config", "$dir/none.ini");
isnt($code, 0, "no file");
like($out, qr/none\.ini/, "is said with its name");

# a running service: one process a data directory; no life without the signer
{
  my $own = conf("[machilink]\nroles = center, dashboard\ndata-dir = $dir/live\ninstance = T\n"
    . "[center]\nlisten-address = 127.23.1.1\nhttp-port = 28080\nregistration-port = 24001\nmanagement-port = 0\n"
    . "[proxy-ui-api]\nlisten-address = 127.23.1.1\nlisten-port = 24000\n");
  pipe(my $ready, my $tell) or die;
  my $pid = fork() // die;
  if (!$pid) {
    open(STDOUT, ">", "/dev/null"); open(STDERR, ">", "$dir/live.log");
    POSIX::dup2(fileno($tell), 9);
    exec $bin, "serve", "--config", $own, "--ready-fd", "9" or exit 127;
  }
  close $tell;
  is(scalar(<$ready>), "ready\n", "the service tells when it is ready");
  ($code, $out) = run($bin, "serve", "--config", $own);
  isnt($code, 0, "a second one on the same data directory");
  like($out, qr/another machilink runs with the data directory/, "is refused in one sentence");
  open(my $h, "<", "/proc/$pid/task/$pid/children") or die;
  my ($signer) = split ' ', <$h> // "";
  ok($signer, "the signer is a process of its own");
  kill "KILL", $signer;
  waitpid($pid, 0);
  is($? >> 8, 70, "when it dies, the service ends, to be started again");
  open($h, "<", "$dir/live.log") or die;
  like(join("", <$h>), qr/the signer process has ended/, "and says why");
}

# verdicts over real containers, when the shared vectors are there
my $v = $ENV{MACHILINK_VECTORS} // "../shared/vectors";
SKIP: {
  my $asic = "$v/x-road/asic-containers";
  my ($trust) = grep { -d } "$v/x-road/globalconf-core/globalconf_good2_v3";
  skip "no shared vectors beside the checkout", 1 unless $trust && -d $asic;
  my %want = (
    "valid-signed-message" => 0, "valid-signed-hashchain" => 0, "valid-batch-ts" => 0, "valid-non-batch-rest" => 0,
    "valid-non-batch-soap-attachments" => 0, "wrong-message" => 1, "invalid-digest" => 1, "invalid-signed-hashchain" => 1,
    "invalid-hashchain-modified-message" => 1, "invalid-incorrect-references" => 1, "invalid-ts-hashchainresult" => 1,
  );
  for my $name (sort keys %want) {
    ($code, $out) = run($bin, "verify", "$asic/$name.asice", "--globalconf", $trust);
    is($code, $want{$name}, "verify $name.asice") or diag($out);
  }
}
done_testing();
