#!/usr/bin/perl
# The words of the pages: both languages, none missing, none left over.
use strict;
use warnings;
use FindBin;
use Test::More;

plan skip_all => "no node" if system("command -v node >/dev/null 2>&1");
plan skip_all => "no node modules: make web" unless -d "$FindBin::Bin/../../web/node_modules";
open(my $t, "-|", "node", "$FindBin::Bin/words.mjs") or die;
while (my $line = <$t>) {
  chomp $line;
  if ($line =~ /^(not )?ok - (.*)/) { ok(!$1, $2); } else { diag($line); }
}
close $t;
is($? >> 8, 0, "words.mjs ended well");
done_testing();
