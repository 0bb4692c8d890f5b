#!/usr/bin/perl
# People in a browser, against a lab of its own (127.64.x): an account is made,
# its password changed, its second factor set up from the picture on the page;
# sessions end, keys are made and revoked, a role sees what it may, and the
# audit has it all.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Web;

Web::need();
my $lab = Web->lab("127.64.1");
$lab->browser("account.mjs", 150, $lab->{company}{url}, $lab->{company}{password}, "$FindBin::Bin/../../appliance/console/audit_event.def")
  if $lab->{company};
$lab->end;
done_testing();
