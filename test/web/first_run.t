#!/usr/bin/perl
# The first run through the browser alone, against the center of a lab (127.63.2.x):
# a new security server goes from the token that its service prints to a signed
# exchange; the operator of the center does their part on the center's pages.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lab";
use Lab;
use Test::More;
use Web;

Web::need();
my $net = "127.63.2";
my $lab = Lab->new(net => $net, ini => { "configuration-client" => { "update-interval" => 1 } });
my ($address, $dir) = ("$net.9", "$lab->{dir}/fresh");
my ($s, $port) = ($lab->{shift}, 4000 + $lab->{shift});
$lab->{m}{fresh} = { name => "fresh", dir => $dir, address => $address };
mkdir $_ for $dir, "$dir/data";
my %at = ("server-listen-port" => 5500, "server-port" => 5500, "client-http-port" => 8080, "client-https-port" => 8443, "ocsp-responder-port" => 5577);
Lab::spew("$dir/machilink.ini", "[machilink]\nroles = security-server, dashboard\ndata-dir = $dir/data\nlog-file = $dir/machilink.log\naddress = $address\n"
    . "[signer]\nocsp-retry-delay = 1\n[proxy-ui-api]\nlisten-address = $address\nlisten-port = $port\n[configuration-client]\nupdate-interval = 1\n"
    . "[message-log]\ntimestamp-interval = 1\n[proxy]\nconnector-host = $address\nserver-listen-address = $address\nocsp-responder-listen-address = $address\n"
    . join("", map { "$_ = " . ($at{$_} + $s) . "\n" } sort keys %at));
ok($lab->start($_), "$_ is ready") or BAIL_OUT(Lab::slurp("$lab->{m}{$_}{dir}/output")) for qw(center town fresh);
my ($token) = Lab::slurp("$dir/output") =~ /^\s+([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})$/m;
ok($token, "the service prints a token");
my $center = $lab->{m}{center};
Web::browser($lab, "first_run.mjs", 180, "https://$address:$port", $token // "", "https://$center->{address}:$port", $center->{password});
is($lab->stop("fresh"), 0, "it ends cleanly");
done_testing();
