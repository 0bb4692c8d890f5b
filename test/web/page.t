#!/usr/bin/perl
# The pages in a real browser, against a lab of its own (127.22.x): signing in,
# exchanges and their evidence, session expiry; every page of every machine in
# both languages and both themes; settings, diagnostics and backups.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Web;

Web::need();
my $lab = Web->lab("127.22.1");
if ($lab->{center}) {
  my @at = map { ($lab->{$_}{url}, $lab->{$_}{password}) } qw(company center);
  $lab->browser("page.mjs", 300, @at);
  $lab->browser("every.mjs", 600, @at);
  $lab->browser("machine.mjs", 300, @at[0, 1], $lab->pin("company"));
}
$lab->end;
done_testing();
