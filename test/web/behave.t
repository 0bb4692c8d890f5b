#!/usr/bin/perl
# How the pages behave when things do not go straight, and the main flows by
# keyboard alone, against a lab of its own (127.75.2.x).
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Web;

Web::need();
my $lab = Web->lab("127.75.2");
if ($lab->{center}) {
  my @at = map { ($lab->{$_}{url}, $lab->{$_}{password}) } qw(town center);
  $lab->browser("behave.mjs", 120, @at[0, 1]);
  $lab->browser("keyboard.mjs", 120, @at);
}
$lab->end;
done_testing();
