#!/usr/bin/perl
# Answers of any length: in constant memory, the first rows before the last is
# known, and an answer that breaks off is never one that looks whole.
use strict;
use warnings;
use utf8;
use FindBin;
use lib $FindBin::Bin;
use Adapter;
use JSON::PP;
use Test::More;
use Time::HiRes qw(time);

plan skip_all => 'sqlite3 is not installed' if system 'command -v sqlite3 >/dev/null 2>&1';
my $a = Adapter->new('127.52.1.1');
$a->sql('CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)');
my $count = sub { "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $_[0])" };
my @services = (
  service('many', $count->(300000) . " SELECT i AS id, '避難所 ' || i AS name FROM n", rowLimit => 1000000, timeLimit => 60000),
  service('breaks', $count->(20000) . " SELECT i AS id, CASE WHEN i = 15000 THEN abs(-9223372036854775807 - 1) ELSE i END AS v FROM n", rowLimit => 100000, timeLimit => 60000),
  service('breaks-early', $count->(20000) . " SELECT i AS id, CASE WHEN i = 10 THEN abs(-9223372036854775807 - 1) ELSE i END AS v FROM n", rowLimit => 100000, timeLimit => 60000),
  # a row at once, the second after a while
  service('lets-wait', "SELECT 1 AS n UNION ALL SELECT (" . $count->(4000000) . " SELECT max(i) FROM n)", timeLimit => 60000),
  service('long', $count->(1000000) . " SELECT i AS id, 'x' || i AS name FROM n", rowLimit => 20000, timeLimit => 60000),
  service('short', $count->(10) . " SELECT i AS id FROM n", rowLimit => 3, result => [param('id', 'LONG')]),
  service('slow', $count->(100000000) . " SELECT i AS id FROM n WHERE i < 10000 OR i > 99999999", rowLimit => 100000, timeLimit => 500),
);
$a->offer($a->sqlite(@services));
$a->start;

# The body as it came, and whether its chunks have an end.
sub chunks {
  my ($s) = @_;
  my $all = do { local $/; <$s> } // '';
  my ($head, $rest) = split /\r\n\r\n/, $all, 2;
  my ($body, $ended) = ('', 0);
  while ($rest =~ s/\A([0-9a-f]+)\r\n//) {
    my $n = hex $1;
    $ended = $rest eq "\r\n" if !$n;
    last if !$n || length $rest < $n + 2;
    $body .= substr $rest, 0, $n + 2, '';
    substr($body, -2) = '';
  }
  return ($head, $body, $ended);
}

$a->get('short?_format=json'); # what it takes to answer anything
my $before = $a->memory('VmHWM');
for my $form (qw(json xml csv csv-bom)) {
  my ($head, $body, $ended) = chunks($a->raw("many?_format=$form"));
  like($head, qr/\AHTTP\/1\.1 200 .*Transfer-Encoding: chunked/s, "$form: in chunks");
  ok($ended, "$form: to its end");
  my $rows = () = $form =~ /csv/ ? $body =~ /\r\n/g : $form eq 'xml' ? $body =~ /<row>/g : $body =~ /\{"id":/g;
  is($rows, $form =~ /csv/ ? 300001 : 300000, "$form: every row");
  is(scalar @{ decode_json($body)->{rows} }, 300000, 'JSON it is') if $form eq 'json';
}
my $grown = $a->memory('VmHWM') - $before;
cmp_ok($grown, '<', $ENV{MACHILINK} && $ENV{MACHILINK} =~ /asan/ ? 400000 : 6000, "in constant memory: $grown kB more");

for my $form (qw(json xml csv)) {
  my ($head, $body, $ended) = chunks($a->raw("breaks?_format=$form"));
  like($head, qr/\AHTTP\/1\.1 200 /, "$form: begun well");
  cmp_ok(length $body, '>', 30000, "$form: some of it came");
  ok(!$ended, "$form: a fault on the way breaks it off");
  ok(!eval { decode_json($body); 1 }, 'no JSON') if $form eq 'json';
  $a->get("breaks-early?_format=$form");
  is($a->{status}, 500, "$form: a fault before the first piece is a refusal");
  ok($a->{answer}{error}{message}, "$form: with words");
}
like(slurp("$a->{dir}/log"), qr/breaks, broken off: the database failed/, 'the log says why');
my ($head, $body, $ended) = chunks($a->raw('slow'));
ok(!$ended, 'the time cap on the way');

# HTTP/1.0 could not see that it broke off
my $s = $a->raw('breaks', '1.0');
my $all = do { local $/; <$s> };
like($all, qr/\AHTTP\/1\.1 500 /, 'HTTP/1.0 has its answer in one piece');

# more rows than the service may give
$a->get('short');
is($a->{text}, '{"rows":[{"id":1},{"id":2},{"id":3}],"truncated":true}', 'JSON says so at its end');
$a->get('short?_format=csv');
is($a->{head}{truncated}, 'true', 'a short CSV in its head');
($head, $body, $ended) = chunks($a->raw('long'));
ok($ended, 'JSON in pieces ends');
like($body, qr/\],"truncated":true\}\z/, 'and says so');
($head, $body, $ended) = chunks($a->raw('long?_format=xml'));
like($body, qr{</rows><truncated>true</truncated></response>\s*\z}, 'XML too');
($head, $body, $ended) = chunks($a->raw('long?_format=csv'));
ok(!$ended, 'CSV cannot: it breaks off');
like(slurp("$a->{dir}/log"), qr/"long" has more than the 20000 rows/, 'and the log says why');

# the first row is sent while the database works on the second
for my $form (qw(json csv)) {
  $s = $a->raw("lets-wait?_format=$form");
  my ($got, $first) = ('');
  while (sysread $s, my $piece, 65536) { $got .= $piece; $first //= time if $got =~ /(?:"n":"|\n)1\b/; }
  cmp_ok(time - $first, '>', 0.15, sprintf '%s: the first row came %.2f s before the last', $form, time - $first);
}
$a->stop;
done_testing();
