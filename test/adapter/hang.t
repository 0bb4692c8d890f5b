#!/usr/bin/perl
# A PostgreSQL that no longer answers while its callers go away: cancelling
# their statements waits for it, and nobody else's call may wait with it.
use strict;
use warnings;
use utf8;
use FindBin;
use lib $FindBin::Bin;
use Adapter;
use Test::More;
use Time::HiRes qw(time sleep);

plan skip_all => 'sqlite3 is not installed' if system 'command -v sqlite3 >/dev/null 2>&1';
my $a = Adapter->new('127.66.1.1');
$a->sql('CREATE TABLE site (id INTEGER PRIMARY KEY); INSERT INTO site VALUES (1)');
my $pg = $a->postgres('SELECT 1') or plan skip_all => 'PostgreSQL is not installed';
$a->offer($a->sqlite(service('quick', 'SELECT id FROM site'),
    service('lazy', 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000000) SELECT count(*) AS n FROM n', timeLimit => 60000)),
  $pg->source("to'wn", service('long', 'SELECT count(*) AS n FROM generate_series(1, 2000000000) n', timeLimit => 60000)));
$a->start;

my @callers = map { $a->raw('long') } 1 .. 4;
my $running = 0;
for (1 .. 600) {
  $running = $pg->ask(q{SELECT count(*) FROM pg_stat_activity WHERE usename = 'town' AND state = 'active'});
  last if $running == @callers;
  sleep 0.1;
}
is($running, scalar @callers, 'all are asked');

# the postmaster, which takes connections, and with them requests to cancel
my ($postmaster) = slurp("$pg->{dir}/postmaster.pid") =~ /^(\d+)/;
kill 'STOP', $postmaster;
close $_ for @callers;
my $lazy = $a->raw('lazy');
sleep 0.6;    # the four are being cancelled, one after the other
close $lazy;
my $longest = 0;
for (my $until = time + 3; time < $until; sleep 0.02) {
  my $begun = time;
  $a->get('quick');
  fail("status $a->{status}") if $a->{status} != 200;
  $longest = time - $begun if time - $begun > $longest;
}
my $ended = '';
for (1 .. 600) {
  last if ($ended = `sqlite3 $a->{dir}/data/adapter.db "SELECT outcome FROM call WHERE service = 'lazy'"`) =~ /\S/;
  sleep 0.1;
}
kill 'CONT', $postmaster;
cmp_ok($longest, '<', 3, sprintf 'others are answered meanwhile (%.0f ms at most)', $longest * 1000);
like($ended, qr/^\S*statement_cancelled\s*$/, 'and what another database does for nobody is cancelled meanwhile');
for (1 .. 600) {
  $running = $pg->ask(q{SELECT count(*) FROM pg_stat_activity WHERE usename = 'town' AND state = 'active'});
  last if !$running;
  sleep 0.1;
}
is($running, 0, 'and what nobody waits for is cancelled when the database answers');
$a->stop;
done_testing;
