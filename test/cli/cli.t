#!/usr/bin/perl
# The command line as a person meets it: help, mistakes, parameters, the map,
# configuration errors with file, line and the nearest name.
use strict;
use warnings;
use File::Temp qw(tempdir);
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
