#!/usr/bin/perl
# The pages of a security server in a real browser, against a lab of its own
# (127.61.x): a subsystem, a service with rights and an exchange through it,
# keys and certificates, names full of markup, a reader without permission.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Web;

Web::need();
my $net = "127.61.1";
my $lab = Web->lab($net, "residents");
my @at = map { ($lab->{$_}{url}, $lab->{$_}{password}) } qw(town center);
$lab->browser("server.mjs", 200, @at, $net, $lab->{dir}) if $lab->{center};
$lab->end;
done_testing();
