#!/usr/bin/perl
# Pictures of the main pages into the folder of the first argument, from a lab
# of its own (127.23.x), and of the first run from its test. MACHILINK_FONTS names
# a folder with Japanese fonts (woff2) where the machine has none.
use strict;
use warnings;
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Web;

my $out = shift // die "usage: screenshots.pl DIR\n";
Web::need();
mkdir $out;
my $lab = Web->lab("127.23.1");
$lab->browser("screenshots.mjs", 300, $out, map { ($_, $lab->{$_}{url}, $lab->{$_}{password}) } qw(town center)) if $lab->{center};
$lab->end;

# What the test of the first run sees: the four pictures that tell the way.
my $seen = tempdir(CLEANUP => 1);
{
  local @ENV{qw(MACHILINK_SHOT MACHILINK_SHOT_WHOLE)} = ($seen, 0);
  is(system($^X, "$FindBin::Bin/first_run.t"), 0, "the first run");
}
my %way = ("set-up-1" => "token", "set-up-2" => "initial", "set-up-3" => "csr", "set-up-4" => "done");
ok(copy("$seen/first-run-$way{$_}.png", "$out/$_.png"), $_) for sort keys %way;
done_testing();
