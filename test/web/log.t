#!/usr/bin/perl
# The message log's pages, against a lab of its own (127.62.x): an exchange is
# found, its steps are seen, its container verified in place and downloaded.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Web;

Web::need();
my $lab = Web->lab("127.62.2");
if ($lab->{company}) {
  my ($port) = $lab->{company}{url} =~ /:(\d+)$/;
  my $server = sprintf("http://127.62.2.3:%d", 8080 + $port - 4000);
  $lab->browser("log.mjs", 90, $lab->{company}{url}, $lab->{company}{password}, $server);
}
$lab->end;
done_testing();
