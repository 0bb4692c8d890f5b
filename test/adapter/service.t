#!/usr/bin/perl
# What a data service takes and gives beyond single values: lists, rules and
# their sentences, forms of the answer, pages, writes, My Numbers.
use strict;
use warnings;
use utf8;
use Encode qw(decode encode);
use Fcntl qw(F_SETFD);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/..";
use Port qw(free_port);
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP;
use Test::More;
use Time::HiRes qw(time sleep);

binmode $_, ':utf8' for Test::More->builder->output, Test::More->builder->failure_output;
my $bin = $ENV{MACHILINK} // 'build/release/machilink';
plan skip_all => "$bin is not built" unless -x $bin;
plan skip_all => 'sqlite3 is not installed' if system 'command -v sqlite3 >/dev/null 2>&1';

my $dir = tempdir('machilink-service-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $ip = '127.19.1.1';
my $json = JSON::PP->new->utf8->allow_nonref->canonical;
my ($pid, $port, $status, $text, $answer, $head);

sub spew { my ($f, $t) = @_; open my $h, '>:raw', "$f.new" or die "$f: $!"; print $h encode('UTF-8', $t); close $h or die "$f: $!"; rename "$f.new", $f or die; }
sub slurp { open my $h, '<:raw', $_[0] or return ''; local $/; return decode('UTF-8', scalar <$h> // ''); }
sub sql { open my $p, '|-', 'sqlite3', "$dir/data.db" or die; print $p encode('UTF-8', $_[0]); close $p or die "sqlite3 failed"; }
sub ask { open my $p, '-|', 'sqlite3', "$dir/data.db", $_[0] or die; local $/; my $t = <$p> // ''; $t =~ s{\n\z}{}; return decode('UTF-8', $t); }

sql(<<'END');
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, kana TEXT, born TEXT, town TEXT, note TEXT, big INTEGER);
INSERT INTO person VALUES (1, '𠮷田 髙子', 'ヨシダ タカコ', '1989-01-07', '272035', NULL, 5);
INSERT INTO person VALUES (2, '葛󠄀城ｱｷﾗ①', 'カツラギ アキラ', '2019-05-01', '011002', '', 6);
INSERT INTO person VALUES (3, 'a "q", b', '', '2000-02-29', '011002', '番号 1234-5678-9018 と 123456789018', 123456789018);
CREATE TABLE much (i INTEGER PRIMARY KEY, t TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) INSERT INTO much SELECT i, printf('row %d of the table', i) FROM n;
END

my ($yes, $no) = (JSON::PP::true, JSON::PP::false);
sub service { my ($name, $template, %more) = @_; return { name => $name, sqlTemplate => $template, %more }; }
sub param { my ($name, $type, %more) = @_; return { name => $name, type => $type, %more }; }
my @services = (
  service('people', 'SELECT id, name, note FROM person WHERE id <= :most ORDER BY id', category => 'residents', version => 'v2',
    params => [param('most', 'LONG', default => 3, minimum => 1, maximum => 100)], result => [param('id', 'LONG'), param('name', 'STRING', personal => $yes), param('note', 'STRING')], tables => ['person']),
  service('some', 'SELECT id FROM person WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY id', params => [param('ids', 'LIST', itemType => 'LONG', minItems => 1, maxItems => 3, required => $no)]),
  service('among', 'SELECT id FROM person WHERE id IN (:ids) AND name NOT IN (:names) ORDER BY id', tables => ['person'], params => [param('ids', 'LIST', itemType => 'LONG', default => [2, 3], minItems => 0), param('names', 'LIST', itemType => 'STRING', default => [])]),
  service('strange', "SELECT 'a' || char(0) || 'b' AS nul, 35.123456789018 AS lat, count(*) AS n FROM person"),
  service('hidden', "SELECT CAST('No. 123456789018' AS BLOB) AS b", result => [param('b', 'BINARY')]),
  service('defaults', 'SELECT :s AS s, :b AS b, :d AS d, :n AS n, :e AS e, :t AS t', params => [param('s', 'STRING', default => 'true'), param('b', 'BOOLEAN', default => '1'), param('d', 'DOUBLE', default => '5.'),
      param('n', 'INTEGER', default => '05'), param('e', 'STRING', values => ['true', '1'], required => $no), param('t', 'BOOLEAN', values => ['true'], required => $no)]),
  service('born', 'SELECT name, born FROM person WHERE born = :born', params => [param('born', 'WAREKI')], result => [param('born', 'WAREKI')]),
  service('town', 'SELECT id FROM person WHERE town = :town ORDER BY id', params => [param('town', 'TOWN_CODE')]),
  service('ruled', 'SELECT :a AS a, :b AS b', params => [param('a', 'STRING', minLength => 2, maxLength => 3, pattern => '[a-z]+'), param('b', 'STRING', values => ['北', '南'], required => $no)]),
  service('big', 'SELECT id, big FROM person ORDER BY id'),
  service('open-number', 'SELECT note FROM person WHERE id = 3', myNumber => 'allow'),
  service('no-number', 'SELECT note FROM person WHERE id = 3', myNumber => 'refuse'),
  service('old', "SELECT x'fbfcb18740' AS t", result => [param('t', 'STRING', encoding => 'CP932')]),
  service('all', 'SELECT i, t FROM much ORDER BY i', rowLimit => 100000, timeLimit => 20000),
  service('unordered', 'SELECT i FROM much LIMIT 3'),
  service('rename', 'UPDATE person SET name = :name WHERE id <= :most', write => $yes, maxAffected => 2, params => [param('name', 'STRING'), param('most', 'LONG')]),
  service('add', "INSERT INTO person (name) VALUES (:name) RETURNING id", write => $yes, params => [param('name', 'STRING')]),
  service('mine', 'SELECT :who AS who, :what AS what, :why AS why, :id AS id, :n AS n', params => [param('who', 'STRING', consent => 'userId'),
      param('what', 'STRING', consent => 'items'), param('why', 'STRING', consent => 'purpose'), param('id', 'STRING', consent => 'reference'), param('n', 'LONG', required => $no)]),
  service('parts', 'SELECT value AS code FROM json_each(:what) ORDER BY 1', params => [param('what', 'LIST', itemType => 'STRING', consent => 'items')]),
  service('slow', 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS top FROM n', timeLimit => 600000),
);
sub catalog { return decode('UTF-8', $json->encode({ name => 't', dbSources => [{ databaseType => 'SQLITE', databaseName => 'data.db', dbServices => [@_] }] })); }
spew("$dir/services.json", catalog(@services));
$port = free_port($ip);
spew("$dir/m.ini", "[machilink]\nroles = adapter\ndata-dir = $dir/data\nlanguage = en\n[adapter]\nlisten-address = $ip\nlisten-port = $port\nservices = $dir/services.json\n");
pipe my $r, my $w or die;
fcntl $w, F_SETFD, 0;
$pid = fork // die;
if (!$pid) { open STDERR, '>', "$dir/log" or die; exec $bin, 'serve', '--config', "$dir/m.ini", '--ready-fd', fileno $w or exit 127; }
close $w;
is(scalar(<$r>) // '', "ready\n", 'it is ready') or BAIL_OUT(slurp("$dir/log"));
my $base = "http://$ip:$port";
my $http = HTTP::Tiny->new(timeout => 60);

sub call {
  my ($method, $path, $body, %h) = @_;
  my $got = $http->request($method, "$base/api/service/$path", { headers => { 'Content-Type' => 'application/json', %h }, (defined $body ? (content => ref $body ? $json->encode($body) : $body) : ()) });
  ($status, $text, $head) = ($got->{status}, $got->{content}, $got->{headers});
  $answer = eval { $json->decode($text) };
}
sub post { call('POST', @_) }
sub get { call('GET', @_) }
sub rows_are { my ($want, $what) = @_; is_deeply($answer, { rows => $want }, $what) or diag("$status $text"); }
sub refuses { my ($code, $en, $ja, $what) = @_; is($status, $code, "$what: $code") or diag($text); like($answer->{error}{message} // '', $en, "$what: said"); like($answer->{error}{message_ja} // '', $ja, "$what: in Japanese") if $ja; }

# ---- parameters ----
get('people');
is(scalar @{ $answer->{rows} // [] }, 3, 'the default is used') or diag($text);
post('people', { most => 1 });
rows_are([{ id => 1, name => '𠮷田 髙子', note => undef }], 'a name beyond the BMP');
post('people', { most => 0 });
refuses(400, qr/"most": "0" is too small: at least 1 is expected/, qr/「most」の値「0」は 1 以上/, 'below the range');
is($answer->{error}{parameter}, 'most', 'the parameter by itself');
post('people', { most => 101 });
refuses(400, qr/at most 100/, qr/100 以下/, 'above the range');
post('some', { ids => [1, 3] });
rows_are([{ id => 1 }, { id => 3 }], 'a list');
get('some?ids=2&ids=3');
rows_are([{ id => 2 }, { id => 3 }], 'a list, GET');
get('some?ids=2');
rows_are([{ id => 2 }], 'a list of one, GET');
post('some', {});
rows_are([], 'no list');
for my $x ([[], qr/too few values: 1/], [[1 .. 4], qr/too many values: 3/], [[1, undef], qr/holds null/], [[[1]], qr/not a list/], [5, qr/not a list/], [{ a => 1 }, qr/not a list/], [['x'], qr/"x" is not a whole number/]) {
  post('some', { ids => $x->[0] });
  refuses(400, $x->[1], qr/「ids」/, 'the list ' . $json->encode($x->[0]));
}
for my $day ('昭和64年1月7日', 'S64.1.7', 'Ｓ６４．１．７', '1989-01-07', '1989年1月7日') {
  post('born', { born => $day });
  rows_are([{ born => '昭和64年1月7日' }], "a day of an era: $day");
}
post('born', { born => '平成64年1月7日' });
refuses(400, qr/is not a day such as/, qr/令和8年11月21日/, 'a day after its era');
for my $town ('011002', '01100', '０１１００２') {
  post('town', { town => $town });
  rows_are([{ id => 2 }, { id => 3 }], "a municipality code: $town");
}
post('town', { town => '011003' });
refuses(400, qr/check digit/, qr/検査数字/, 'a wrong check digit');
post('ruled', { a => 'ab', b => '北' });
rows_are([{ a => 'ab', b => '北' }], 'what keeps the rules');
for my $x ([{ a => 'a' }, qr/too short: at least 2/], [{ a => 'abcd' }, qr/too long/], [{ a => 'AB' }, qr/has not the form \[a-z\]\+/], [{ a => 'ab', b => '東' }, qr/none of the allowed values 北, 南/]) {
  post('ruled', $x->[0]);
  refuses(400, $x->[1], qr/パラメーター/, decode('UTF-8', $json->encode($x->[0])));
}

post('among', { ids => [3, 1, 2], names => ['𠮷田 髙子', 'nobody'] });
rows_are([{ id => 2 }, { id => 3 }], 'IN (:list) and NOT IN (:list)');
post('among', { ids => [], names => [] });
rows_are([], 'IN an empty list');
get('among');
rows_are([{ id => 2 }, { id => 3 }], 'lists have their default');
get('strange');
like($text, qr/\{"nul":"a\\u0000b","lat":35\.123456789018,"n":3\}/, 'a NUL is not the end of a text, a fraction no My Number, a count a number');

# ---- My Number ----
get('hidden');
refuses(403, qr/column "b" holds an Individual Number/, qr/個人番号/, 'a My Number in bytes');
post('born', { born => 123456789018 });
refuses(400, qr/Individual Number/, qr/個人番号/, 'a My Number of a wrong type');
unlike($text, qr/9018/, 'is not told');
post('ruled', { a => '123456789018' });
refuses(400, qr/Individual Number/, qr/個人番号/, 'a My Number as parameter');
get('people');
is($answer->{rows}[2]{note}, '番号 ************ と ************', 'My Numbers in a text are masked');
get('open-number');
is($answer->{rows}[0]{note}, '番号 1234-5678-9018 と 123456789018', 'unless the service allows them');
get('no-number');
refuses(403, qr/column "note" holds an Individual Number/, undef, 'or refuses');
unlike($text, qr/9018/, 'without telling it');
get('big');
refuses(403, qr/column "big"/, undef, 'a number that is one cannot be masked');

# ---- forms ----
get('people', undef, Accept => 'text/csv');
like($head->{'content-type'}, qr{^text/csv; charset=UTF-8}, 'CSV');
is(decode('UTF-8', $text), "id,name,note\r\n1,𠮷田 髙子,\r\n2,葛󠄀城ｱｷﾗ①,\"\"\r\n3,\"a \"\"q\"\", b\",番号 ************ と ************\r\n", 'null is nothing, an empty text is ""');
get('people?_format=csv-bom');
is(substr($text, 0, 5), "\xef\xbb\xbfid", 'CSV for Excel');
get('people', undef, Accept => 'text/csv;charset=utf-8-sig');
is(substr($text, 0, 5), "\xef\xbb\xbfid", 'CSV for Excel by Accept');
get('people?most=2', undef, Accept => 'application/xml;q=0.9, application/json;q=0.1');
like($head->{'content-type'}, qr{^application/xml}, 'XML');
is(decode('UTF-8', $text), qq{<?xml version="1.0" encoding="UTF-8"?>\n<response xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><rows><row><id>1</id><name>𠮷田 髙子</name><note xsi:nil="true"/></row><row><id>2</id><name>葛󠄀城ｱｷﾗ①</name><note></note></row></rows></response>\n}, 'rows in XML');
get('people', undef, Accept => 'text/html,*/*;q=0.1');
like($head->{'content-type'}, qr{^application/json}, 'anything: JSON');
for my $x (['text/xml', qr{^application/xml}], [' , ', qr{^application/json}], ['text/csv;q=0.1, text/xml;q=0', qr{^text/csv}]) {
  get('people', undef, Accept => $x->[0]);
  like($head->{'content-type'}, $x->[1], "Accept: $x->[0]");
}
get('people?_format=csv-cp932');
like($head->{'content-type'}, qr{^text/csv; charset=windows-31j}, 'CSV in CP932');
is($text, "id,name,note\r\n1,\x81\xac\x93\x63 \xfb\xfc\x8e\x71,\r\n2,\x8a\x8b\x8f\xe9\xb1\xb7\xd7\x87\x40,\"\"\r\n3,\"a \"\"q\"\", b\",\x94\xd4\x8d\x86 ************ \x82\xc6 ************\r\n", 'with its extensions');
is($head->{'unmapped-characters'}, '2; U+20BB7 row 1 name, U+E0100 row 2 name', 'what does not map is told');
get('people', undef, Accept => 'text/csv;charset=Shift_JIS');
like($head->{'content-type'}, qr{windows-31j}, 'CP932 by Accept');
get('old');
rows_are([{ t => '髙ｱ①' }], 'a column of Shift_JIS');
get('people', undef, Accept => 'image/png');
is($status, 406, 'nothing of what is accepted');
get('people?_format=pdf');
refuses(400, qr/_format can be/, undef, 'an unknown form');
get('all?_format=csv');
my @line = split /\r\n/, $text;
is(scalar @line, 100001, '100,000 rows as CSV');
is($line[100000], '100000,row 100000 of the table', 'to the last');

# ---- who may come ----
for my $path ('/api/service/all?_limit=1', '/wsdl/services.wsdl') {
  my $s = IO::Socket::INET->new(LocalAddr => '127.9.9.9', PeerAddr => $ip, PeerPort => $port, Timeout => 10) or die "$@";
  print $s "GET $path HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  my $said = decode('UTF-8', join '', <$s>);
  like($said, qr/^HTTP\/1.1 403 .*127\.9\.9\.9 may not call here: only the machines of \[adapter\] allowed-peers may.*127\.9\.9\.9 からは呼び出せません/s, "a machine that is not of allowed-peers: $path");
}

# ---- pages ----
my (@seen, $next);
for (1 .. 5) {
  my $name = @seen % 2 ? '%5fcurs%6Fr' : '_cursor';    # however it is written
  get('people?_limit=1' . ($next ? "&$name=$next" : ''));
  push @seen, map { $_->{id} } @{ $answer->{rows} };
  $next = $answer->{next} or last;
  like($head->{link}, qr{^</api/service/people\?_limit=1&_cursor=$next>; rel="next"$}, 'a link to the next page');
}
is("@seen", '1 2 3', 'page by page');
ok(!exists $answer->{truncated} && !exists $answer->{next}, 'the last says so');
post('people?_limit=2', { most => 3 });
$next = $answer->{next};
post("people?_limit=2&_cursor=$next", { most => 3 });
is_deeply([map { $_->{id} } @{ $answer->{rows} }], [3], 'POST in pages');
post("people?_limit=2&_cursor=$next", { most => 2 });
refuses(400, qr/_cursor belongs to another service or other parameters/, undef, 'a cursor of other parameters');
get("all?_limit=2&_cursor=$next");
refuses(400, qr/_cursor belongs/, undef, 'of another service');
(my $changed = $next) =~ s/^(.{9})(.)/$1 . ($2 eq '9' ? '8' : '9')/e;
for my $bad ('x', '0' x 42, substr($next, 0, 41), $changed) {
  post("people?_limit=2&_cursor=$bad", { most => 3 });
  refuses(400, qr/_cursor/, undef, "the cursor $bad");
}
get('unordered?_limit=2');
refuses(400, qr/no order of rows/, undef, 'pages without an order');
get('people?_limit=0');
refuses(400, qr/_limit must be/, undef, 'a page of nothing');
get('people?_limit=5&_limit=6');
refuses(400, qr/given twice/, undef, '_limit twice');
post('people?most=1', {});
refuses(400, qr/parameters of the service are in the body/, undef, 'POST with parameters in the address');

# ---- writes ----
post('rename', { name => 'あ', most => 2 });
is_deeply($answer, { rows => [], affected => 2 }, 'a write tells what it changed') or diag($text);
is(ask("SELECT count(*) FROM person WHERE name = 'あ'"), 2, 'and has');
post('rename', { name => 'い', most => 3 });
is($status, 409, 'more than it may') or diag($text);
is(ask("SELECT count(*) FROM person WHERE name = 'い'"), 0, 'changes nothing');
post('add', { name => "'; DROP TABLE person; --" });
is_deeply($answer, { rows => [{ id => 4 }], affected => 1 }, 'an INSERT that returns') or diag($text);
is(ask('SELECT name FROM person WHERE id = 4'), "'; DROP TABLE person; --", 'a value is a value');
get('rename?name=x&most=1');
is($status, 405, 'no write by GET');

# ---- what only a consent gives ----
my %told = ('X-Machilink-User-Id' => 'A%2F1', 'X-Machilink-Items' => 'income,t%E7%A8%8E', 'X-Machilink-Purpose' => 'loan', 'X-Machilink-Consent' => 'f0');
my $mine = { who => 'A/1', what => 'income,t税', why => 'loan', id => 'f0', n => 2 };
call('GET', 'mine?n=2', undef, %told);
rows_are([$mine], 'GET has the values of the consent');
call('POST', 'mine', { n => 2 }, %told);
rows_are([$mine], 'POST too');
call('GET', 'parts', undef, %told);
rows_are([{ code => 'income' }, { code => 't税' }], 'items as a list');
call('GET', 'parts', undef, %told, 'X-Machilink-Items' => '');
rows_are([], 'no items, no list');
for my $x (['GET', 'mine?who=B'], ['POST', 'mine', { who => 'B' }], ['POST', 'mine', { why => undef }], ['GET', 'parts?what=x']) {
  call(@$x[0 .. 1], $x->[2], %told);
  refuses(400, qr/there is no parameter/, qr/パラメーター/, "the caller cannot give it: $x->[0] $x->[1]");
}
for my $gone (grep { $_ ne 'X-Machilink-Items' } sort keys %told) {
  my %less = %told;
  delete $less{$gone};
  call('GET', 'mine', undef, %less);
  refuses(403, qr/told of none/, qr/同意が伝えられていません/, "without $gone");
  call('GET', 'mine', undef, %told, $gone => [$told{$gone}, 'B']);
  refuses(403, qr/told of none/, undef, "with $gone twice");
  call('GET', 'mine', undef, %told, $gone => '');
  refuses(403, qr/told of none/, undef, "with an empty $gone");
}
for my $x ([consent => 'name'], [consent => 'userId', required => $no], [consent => 'userId', default => 'x']) {
  spew("$dir/wrong.json", catalog(service('mine', 'SELECT :who AS who', params => [param('who', 'STRING', @$x)])));
  spew("$dir/w.ini", slurp("$dir/m.ini") =~ s/services\.json/wrong.json/r =~ s/listen-port = \d+/listen-port = 0/r =~ s{$dir/data}{$dir/other}r);
  open my $p, '-|', "timeout 20 $bin serve --config $dir/w.ini 2>&1" or die;
  like(do { local $/; <$p> } // '', qr/consent/, "no service: @$x");
  close $p;
  isnt($? >> 8, 0, 'refused') && isnt($? >> 8, 124, 'at once');
}

# ---- contract ----
my $api = $json->decode($http->get("$base/api/openapi.json")->{content});
my $people = $api->{paths}{'/api/service/people'};
is_deeply($people->{get}{parameters}[0]{schema}, { type => 'integer', format => 'int64', minimum => 1, maximum => 100, default => 3 }, 'rules are told');
is_deeply([map { $json->encode($_->{schema}{default} // $_->{schema}{enum}) } @{ $api->{paths}{'/api/service/defaults'}{get}{parameters} }], ['"true"', 'true', '5', '5', '["true","1"]', '[true]'], 'values of the type that they are of');
is_deeply($api->{paths}{'/api/service/among'}{get}{parameters}[0]{schema}{default}, [2, 3], 'of a list too');
is($people->{get}{'x-version'}, 'v2', 'the version');
is_deeply($people->{get}{tags}, ['residents'], 'the category');
ok($people->{get}{responses}{200}{content}{'application/json'}{schema}{properties}{rows}{items}{properties}{name}{'x-personal'}, 'personal data is marked');
ok(!exists $api->{paths}{'/api/service/rename'}{get}, 'no GET of a write');
ok((grep { $_->{name} eq '_limit' } @{ $people->{parameters} }), 'pages are told');
ok(!(grep { $_->{name} eq '_limit' } @{ $api->{paths}{'/api/service/unordered'}{parameters} }), 'where there are any');
is_deeply([map { $_->{name} } @{ $api->{paths}{'/api/service/mine'}{get}{parameters} }], ['n'], 'what a consent gives is not shown');
is_deeply($api->{paths}{'/api/service/parts'}{post}{requestBody}, { required => $no, content => { 'application/json' => { schema => { type => 'object', properties => {}, additionalProperties => $no } } } }, 'nor needed');
like($http->get("$base/wsdl/services.wsdl")->{content}, qr{<xs:element name="parts"><xs:complexType><xs:sequence></xs:sequence>}, 'nor in the WSDL');
is($api->{paths}{'/api/service/some'}{get}{parameters}[0]{schema}{type}, 'array', 'a list is an array');

# ---- a caller that goes away ----
sub ticks { open my $h, '<', "/proc/$pid/stat" or die; my @f = split ' ', (<$h> =~ s/.*\) //r); return $f[11] + $f[12] }
{
  my $s = IO::Socket::INET->new(PeerAddr => $ip, PeerPort => $port, Timeout => 60) or die;
  print $s "GET /api/service/slow HTTP/1.1\r\nHost: x\r\n\r\n";
  my ($until, $begun) = (time + 60, ticks());
  sleep 0.02 while ticks() - $begun < 10 && time < $until;
  cmp_ok(ticks() - $begun, '>=', 10, 'a long statement runs');
  close $s;
  my ($was, $still) = (ticks(), 1);
  for (1 .. 240) { sleep 0.25; my $now = ticks(); $still = $now - $was; $was = $now; last if $still <= 3 }
  cmp_ok($still, '<=', 3, 'and ends when nobody waits for it');
}

# ---- a changed file ----
sub soon { my ($path, $want, $what) = @_; my $until = time + 30; my $ok; do { get($path); $ok = $status == $want; sleep 0.05 if !$ok } until $ok || time > $until; ok($ok, $what) or diag("$status $text", slurp("$dir/log")); }
my $old = slurp("$dir/services.json");
spew("$dir/services.json", catalog(service('people', 'SELECT id FROM person ORDER BY id'), service('new', 'SELECT 1 AS one')));
soon('new', 200, 'a new service serves');
get('born?born=R1.5.1');
is($status, 404, 'one that is gone does not');
is(slurp("$dir/data/services.previous.json"), $old, 'the file before is kept');
spew("$dir/services.json", catalog(service('people', 'SELECT nothing FROM person')));
{ my $until = time + 30; sleep 0.05 while slurp("$dir/log") !~ /stay as they were/ && time < $until; }
like(slurp("$dir/log"), qr/stay as they were.*people/, 'a broken file: the log says why');
get('new');
is($status, 200, 'and the old services are kept');
spew("$dir/services.json", slurp("$dir/data/services.previous.json"));
soon('born?born=R1.5.1', 200, 'one step back');

kill 'TERM', $pid;
waitpid $pid, 0;
is($? >> 8, 0, 'it ends cleanly') or diag(slurp("$dir/log"));
$pid = 0;
unlike(slurp("$dir/log"), qr/Sanitizer|runtime error/, 'no complaint of a sanitizer');
done_testing();

END { if ($pid) { local $?; kill 'KILL', $pid; waitpid $pid, 0; } }
