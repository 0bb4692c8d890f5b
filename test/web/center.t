#!/usr/bin/perl
# The center's pages in a real browser, against a lab of its own (127.63.1.x):
# what servers ask for is approved and declined, an application goes back and
# forth, members and groups are kept, an authority's certificate is revoked.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lab";
use JSON::PP;
use Lab ();
use Test::More;
use Web;

Web::need();
my $lab = Web->lab("127.63.1");
if ($lab->{center}) {
  my $state = decode_json(Lab::slurp("$lab->{dir}/lab.json"));
  $lab->browser("center.mjs", 120, @{ $lab->{center} }{qw(url password)}, $lab->{town}{url}, $state->{town}{key});
}
$lab->end;
done_testing();
