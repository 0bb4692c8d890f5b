#!/usr/bin/perl
# What the pages compute without a service: codes of towns, dates and numbers,
# addresses, refusals in words, the order of tables; in a real browser.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Web;

Web::need();
plan(skip_all => "no node modules: make web") unless -d "$FindBin::Bin/../../web/node_modules/esbuild";
Web::browser({}, "lib.mjs", 60);
done_testing();
