#!/usr/bin/perl
# The first run of a center through the browser alone, from an empty machine
# (127.63.4.1) to where it waits for its first server.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lab";
use File::Temp qw(tempdir);
use Lab ();
use Test::More;
use Web;

Web::need();
my $address = "127.63.4.1";
my $dir = tempdir("machilink-first-XXXXXX", TMPDIR => 1, CLEANUP => 1);
my $box = bless { bin => $ENV{MACHILINK} // "build/release/machilink", pid => {}, owner => $$,
  m => { box => { name => "box", dir => $dir, address => $address } } }, "Lab";
mkdir "$dir/data";
Lab::spew("$dir/machilink.ini", "[machilink]\nroles = center, dashboard\ndata-dir = $dir/data\nlog-file = $dir/machilink.log\naddress = $address\n"
    . "[center]\nlisten-address = $address\nhttp-port = 8080\n[proxy-ui-api]\nlisten-address = $address\n");
ok($box->start("box"), "an empty center is ready") or BAIL_OUT(Lab::slurp("$dir/output"));
my ($token) = Lab::slurp("$dir/output") =~ /^\s+([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})$/m;
ok($token, "it prints a token");
Web::browser($box, "first_center.mjs", 90, "https://$address:4000", $token // "");
is($box->stop("box"), 0, "it ends cleanly");
done_testing();
