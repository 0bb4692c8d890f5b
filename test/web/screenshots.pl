#!/usr/bin/perl
# Pictures of the main pages into the folder of the first argument, from a lab
# of its own (127.23.x). MACHILINK_FONTS names a folder with Japanese fonts
# (woff2) where the machine has none.
use strict;
use warnings;
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
done_testing();
