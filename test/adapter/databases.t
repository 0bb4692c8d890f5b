#!/usr/bin/perl
# Data services on three real databases, SQLite, PostgreSQL, and MariaDB over
# ODBC, each asked the same: attempts of injection.txt through every kind of
# parameter change nothing; Japanese comes through; faults have the right code
# in REST and SOAP and tell no statement, no place and no password; databases
# that are killed while they are asked come back.
use strict;
use warnings;
use utf8;
use Encode qw(encode decode);
use FindBin;
use lib $FindBin::Bin;
use Adapter;
use JSON::PP;
use MIME::Base64;
use Test::More;
use Time::HiRes qw(time sleep);

plan skip_all => 'sqlite3 is not installed' if system 'command -v sqlite3 >/dev/null 2>&1';
my $a = Adapter->new('127.52.3.1');
my $yes = JSON::PP::true;

# ---- the databases ----
my @names = ('𠮷田 髙子', "葛\x{E0100}城 渡邉", 'ｱｷﾗ ｶﾞﾊﾟ', '①Ⅳ㈱℡纊', '〜−¥‾～', 'Ω≒é𩸽🏫');
my $quoted = sub { join ', ', map { my $n = $names[$_]; "(" . ($_ + 1) . ", '$n')" } 0 .. $#names };
my $sjis = unpack 'H*', encode('cp932', '髙橋①ｱ㈱');
$a->sql('CREATE TABLE site (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO site VALUES ' . $quoted->()
    . "; CREATE TABLE secret (word TEXT); INSERT INTO secret VALUES ('xyzzy'); CREATE TABLE mark (id INTEGER PRIMARY KEY, code TEXT UNIQUE, part REAL); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25) INSERT INTO mark SELECT i * 3, '避難所 ' || (100 - i), i / 2 FROM n; CREATE TABLE old (name BLOB); INSERT INTO old VALUES (x'$sjis')");
my $pg = $a->postgres('CREATE TABLE site (id int PRIMARY KEY, name text); INSERT INTO site VALUES ' . $quoted->()
    . "; CREATE TABLE secret (word text); INSERT INTO secret VALUES ('xyzzy'); GRANT SELECT, UPDATE, INSERT, DELETE ON site TO town; GRANT SELECT ON secret TO town; CREATE TABLE mark (id bigint PRIMARY KEY, code text UNIQUE, part numeric(10,1)); INSERT INTO mark SELECT i * 3, '避難所 ' || (100 - i), i / 2 FROM generate_series(1, 25) i; GRANT SELECT ON mark TO town;"
    . "CREATE DATABASE ledger ENCODING 'EUC_JP' LOCALE 'C' TEMPLATE template0;");
if ($pg) {
  my $f = spew("$a->{dir}/euc.sql", "\\c ledger\nSET client_encoding = 'UTF8'; CREATE TABLE old (name text); INSERT INTO old VALUES ('髙橋ｱｷﾗ葛城'); GRANT SELECT ON old TO town;");
  is($pg->sql(slurp($f)), 0, 'a database whose text is EUC-JP');
}
my $my = $a->maria('CREATE TABLE site (id int PRIMARY KEY, name varchar(200)) ENGINE=InnoDB; INSERT INTO site VALUES ' . $quoted->()
    . "; CREATE TABLE secret (word varchar(20)); INSERT INTO secret VALUES ('xyzzy');"
    . "CREATE TABLE old (name varchar(50)) CHARACTER SET cp932; INSERT INTO old VALUES ('髙橋①ｱ㈱'); CREATE TABLE older (name varchar(50)) CHARACTER SET eucjpms; INSERT INTO older VALUES ('髙橋①ｱ㈱');");

my %sum = (lite => sub { (run('sqlite3', "$a->{dir}/data.db", "SELECT group_concat(id || name || (SELECT word FROM secret)) FROM site"))[1] },
  pg => sub { $pg->ask("SELECT string_agg(id || name || (SELECT word FROM secret), ',' ORDER BY id) FROM site") },
  my => sub { $my->ask("SELECT group_concat(id, name, (SELECT word FROM secret) ORDER BY id) FROM site") });
my @base = ('lite', ($pg ? 'pg' : ()), ($my ? 'my' : ()));

# ---- their services: the same, named after the database ----
my %good = (STRING => 'あ', INTEGER => 5, LONG => 9007199254740993, DOUBLE => 0.5, DECIMAL => '12.30', BOOLEAN => 'true', DATE => '2026-11-21', TIMESTAMP => '2026-11-21T06:42:00Z',
  BINARY => 'AP8=', CORPORATE_NUMBER => '6000020271004', TOWN_CODE => '272035', POSTAL_CODE => '530-0001', KANA => 'チュウオウ', PHONE => '06-6208-8181', WAREKI => '令和8年11月21日');
my %pgtype = (INTEGER => 'int', LONG => 'bigint', DOUBLE => 'float8', DECIMAL => 'numeric', BOOLEAN => 'boolean', DATE => 'date', WAREKI => 'date', TIMESTAMP => 'timestamptz', BINARY => 'bytea');
my %list = (lite => 'name IN (SELECT value FROM json_each(:p))', pg => 'name = ANY(:p)', my => "json_contains(:p, json_quote(name))");
my %slow = (lite => 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS top FROM n', pg => 'SELECT count(*) AS top FROM generate_series(1, 100000000) n',
  my => 'SELECT count(*) AS top FROM ' . join(', ', map { "site s$_" } 1 .. 12));
my %long = (lite => 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900000) SELECT i FROM n', pg => 'SELECT i FROM generate_series(1, 900000) i',
  my => 'SELECT a.id AS i FROM ' . join(', ', map { "site $_" } 'a' .. 'h') . ' LIMIT 900000');
sub services {
  my ($b) = @_;
  my @s = map {
    my $type = $pgtype{$_} // 'text';
    service("$b-$_", $b eq 'pg' ? "SELECT CAST(:p AS $type)::text AS v" : 'SELECT :p AS v', params => [param('p', $_)], $_ eq 'BINARY' ? () : (result => [param('v', 'STRING')]))
  } grep { $_ ne 'BINARY' } sort keys %good;
  push @s, service("$b-BINARY", $b eq 'pg' ? 'SELECT :p::bytea AS v' : 'SELECT :p AS v', params => [param('p', 'BINARY')], result => [param('v', 'BINARY')]);
  push @s, service("$b-named", 'SELECT id, name FROM site WHERE name = :p', params => [param('p', 'STRING')], tables => ['site'], result => [param('id', 'LONG'), param('name', 'STRING')]);
  push @s, service("$b-like", $b eq 'my' ? "SELECT id FROM site WHERE name LIKE concat(:p, '%')" : "SELECT id FROM site WHERE name LIKE :p || '%'", params => [param('p', 'STRING', minLength => 3)], tables => ['site'], result => [param('id', 'LONG')]);
  push @s, service("$b-list", "SELECT id FROM site WHERE $list{$b} ORDER BY id", params => [param('p', 'LIST', itemType => 'STRING')], result => [param('id', 'LONG')], $b eq 'my' ? (functions => ['json_contains', 'json_quote']) : ());
  push @s, service("$b-rename", 'UPDATE site SET name = :p WHERE id > :from', write => $yes, maxAffected => 1, tables => ['site'], params => [param('p', 'STRING'), param('from', 'LONG')]);
  push @s, service("$b-twice", "INSERT INTO site (id, name) VALUES (1, :p)", write => $yes, tables => ['site'], params => [param('p', 'STRING')]);
  push @s, service("$b-slow", $slow{$b}, timeLimit => 150);
  push @s, service("$b-long", $long{$b}, rowLimit => 1000000, timeLimit => 60000);
  push @s, service("$b-divide", 'SELECT 1 / :n::int AS x', params => [param('n', 'INTEGER')]) if $b eq 'pg';
  push @s, service("$b-small", 'SELECT :n::smallint AS x', params => [param('n', 'LONG')]) if $b eq 'pg';
  push @s, service("$b-text", "SELECT 'x' AS x", result => [param('x', 'LONG')]);
  push @s, service('lite-old', 'SELECT name FROM old', result => [param('name', 'STRING', encoding => 'CP932')]) if $b eq 'lite';
  push @s, service("my-$_", "SELECT name FROM $_ WHERE name LIKE :p", params => [param('p', 'STRING')]) for $b eq 'my' ? ('old', 'older') : ();
  return @s;
}
# pages by a key, of what has no order of its own
sub paged { my ($b) = @_; return map { service("$b-$_->[0]", $_->[1], pageKey => $_->[2], tables => ['mark'], params => [param('least', 'LONG', default => 0, required => JSON::PP::false)]) }
    ['by-id', "SELECT id, code FROM mark WHERE id >= :least;\n-- all\n", 'id'], ['by-code', 'SELECT code, id FROM mark WHERE id >= :least -- by nothing', 'code'], ['by-part', 'SELECT id, part FROM mark WHERE id >= :least ORDER BY id DESC', 'part'],
    ['by-nothing', 'SELECT id, nullif(part, 3) AS part FROM mark WHERE id >= :least', 'part'] }
# passwords are sealed
sub sealed {
  my ($id) = @_;
  spew("$a->{dir}/secret", "to'wn\n");
  my $child = open(my $p, '-|') // die;
  if (!$child) { open STDIN, '<', "$a->{dir}/secret" or die; exec $a->{bin}, 'seal', $id, '--config', "$a->{dir}/machilink.ini" or exit 127; }
  local $/; my $out = <$p> // ''; close $p;
  return $out =~ s/\n\z//r;
}
$a->offer; $a->config; # what sealing reads
my @sources = $a->sqlite(services('lite'), paged('lite'));
if ($pg) {
  push @sources, $pg->source(sealed('pg'), services('pg'), paged('pg'));
  push @sources, { %{ $pg->source(sealed('euc'), service('pg-old', "SELECT name FROM old WHERE name LIKE :p", params => [param('p', 'STRING')])) }, id => 'euc', databaseName => 'ledger' };
}
push @sources, $my->source(sealed('my'), services('my')) if $my;
like($_->{password}, qr/\Asealed:/, "$_->{id}: a sealed password") for grep { $_->{password} } @sources;
$a->offer(@sources);
$a->start;
my %before = map { $_ => $sum{$_}->() } @base;
like($before{$_}, qr/𠮷田.*xyzzy/, "$_: it is there") for @base;

# ---- injection ----
my @evil = grep { !/^# / && length } split /\n/, slurp("$FindBin::Bin/injection.txt");
push @evil, "' OR 1=1 --\n", "'\t;\tDROP TABLE site", "\n; DROP TABLE site", 'x' x 5000 . "' OR 1=1 --";
cmp_ok(scalar @evil, '>', 90, scalar(@evil) . ' attempts');
sub xml { return $_[0] =~ s/&/&amp;/gr =~ s/</&lt;/gr; }
# Sends all of them; `good` judges an answer. One line of TAP.
sub attempts {
  my ($what, $send, $good) = @_;
  my @bad;
  for my $x (@evil) {
    $send->($x);
    push @bad, "$x -> $a->{status} " . substr($a->{text}, 0, 200) if $a->{text} =~ /xyzzy/ || !$good->($x);
  }
  is_deeply(\@bad, [], "$what: only ever a value") or diag(@bad > 3 ? @bad[0 .. 3] : @bad);
}
my $refused = sub { $a->{status} == 400 && $a->{answer}{error}{parameter} eq 'p' };
my $nothing = sub { $a->{status} == 200 && $a->{text} eq '{"rows":[]}' };
for my $b (@base) {
  for my $kind (sort keys %good) {
    $a->post("$b-$kind", { p => $good{$kind} });
    is($a->{status}, 200, "$b $kind: a value of its own is taken") or diag($a->{text});
    my $want = $kind eq 'STRING' ? sub { my ($x) = @_; $a->{status} == 200 && $a->{answer}{rows}[0]{v} eq $x } : $refused;
    attempts("$b $kind POST", sub { $a->post("$b-$kind", { p => $_[0] }) }, $want);
  }
  attempts("$b STRING GET", sub { $a->get("$b-STRING?p=" . uri($_[0])) }, sub { my ($x) = @_; $a->{status} == 200 && $a->{answer}{rows}[0]{v} eq $x });
  attempts("$b LONG GET", sub { $a->get("$b-LONG?p=" . uri($_[0])) }, $refused);
  attempts("$b STRING SOAP", sub { $a->soap("<p:$b-STRING><p:p>" . xml($_[0]) . "</p:p></p:$b-STRING>") },
    sub { my ($x) = @_; my ($v) = $a->{text} =~ m{<v>(.*?)</v>}s; $a->{status} == 200 && ($v =~ s/&lt;/</gr =~ s/&gt;/>/gr =~ s/&quot;/"/gr =~ s/&(apos|#39);/'/gr =~ s/&amp;/&/gr) eq $x });
  attempts("$b LONG SOAP", sub { $a->soap("<p:$b-LONG><p:p>" . xml($_[0]) . "</p:p></p:$b-LONG>") }, sub { $a->{status} == 500 && $a->{text} =~ /Client\.bad_request/ });
  attempts("$b compared", sub { $a->post("$b-named", { p => $_[0] }) }, $nothing);
  attempts("$b in a list", sub { $a->post("$b-list", { p => [$_[0], 'none'] }) }, $nothing);
  attempts("$b in a write", sub { $a->post("$b-rename", { p => $_[0], from => 100 }) }, sub { $a->{status} == 200 && $a->{answer}{affected} == 0 });
  is($sum{$b}->(), $before{$b}, "$b: nothing has changed");
}

# ---- Japanese ----
for my $b (@base) {
  for my $i (0 .. $#names) {
    $a->post("$b-named", { p => $names[$i] });
    is_deeply($a->{answer}, { rows => [{ id => $i + 1, name => $names[$i] }] }, "$b: $names[$i] there and back") or diag($a->{text});
  }
  $a->post("$b-list", { p => [@names[0, 3]] });
  is_deeply($a->{answer}, { rows => [{ id => 1 }, { id => 4 }] }, "$b: in a list") or diag($a->{text});
  $a->post("$b-like", { p => '𠮷田 ' });
  is_deeply($a->{answer}, { rows => [{ id => 1 }] }, "$b: LIKE") or diag($a->{text});
  $a->soap("<p:$b-named><p:p>$names[1]</p:p></p:$b-named>");
  like($a->{text}, qr{<name>\Q$names[1]\E</name>}, "$b: SOAP with a variation selector");
  $a->get("$b-named?_format=csv-cp932&p=" . uri($names[3]));
  is($a->{raw}, encode('cp932', "id,name\r\n4,$names[3]\r\n"), "$b: CP932 has its own characters");
  $a->get("$b-named?_format=csv-cp932&p=" . uri($names[0]));
  like($a->{head}{'unmapped-characters'}, qr/\A1; U\+20BB7 row 1 name/, "$b: and tells what it has not");
}
$a->post('lite-old');
is($a->{answer}{rows}[0]{name}, '髙橋①ｱ㈱', 'SQLite: bytes of CP932');
if ($pg) {
  $a->post('pg-old', { p => '髙橋%' });
  is($a->{answer}{rows}[0]{name}, '髙橋ｱｷﾗ葛城', 'PostgreSQL: a database of EUC-JP') or diag($a->{text});
  $a->post('pg-old', { p => '𠮷%' });
  isnt($a->{status}, 200, 'what EUC-JP does not have is refused');
  is($a->{answer}{error}{code}, 'value_not_accepted', 'as a value') or diag($a->{text});
}
for my $t ($my ? ('old', 'older') : ()) {
  $a->post("my-$t", { p => '髙橋%' });
  is($a->{answer}{rows}[0]{name}, '髙橋①ｱ㈱', "MariaDB: $t") or diag($a->{text});
}

# ---- pages by a key ----
for my $b (grep { $_ ne 'my' } @base) {
  for my $x (['by-id', 'id', map { $_ * 3 } 1 .. 25], ['by-code', 'code', map { '避難所 ' . $_ } 75 .. 99]) {
    my ($name, $key, @want) = @$x;
    my ($next, @seen);
    for (1 .. 20) {
      $a->get("$b-$name?_limit=4" . ($next ? "&_cursor=$next" : ''));
      push @seen, map { $_->{$key} } @{ $a->{answer}{rows} // [] };
      $next = $a->{answer}{next} // last;
      # what comes and goes before the place moves nothing
      $b eq 'lite' ? $a->sql("DELETE FROM mark WHERE id = 3; INSERT INTO mark VALUES (3, '避難所 99', 9)") : $pg->sql("DELETE FROM mark WHERE id = 3; INSERT INTO mark VALUES (3, '避難所 99', 9)") if @seen == 8;
    }
    is("@seen", "@want", "$b $name: page by page, in the order of the key") or diag($a->{text});
    $a->get("$b-$name?_limit=25");
    ok(!$a->{answer}{next}, "$b $name: a page that ends with the last row has no next");
    $a->get("$b-$name?_limit=24");
    my $cursor = $a->{answer}{next};
    like($cursor, qr/\A[0-9a-f]{58,1058}\z/, "$b $name: a cursor");
    unlike(pack('H*', $cursor), qr/96|72/, 'shows no value');
    $a->get("$b-$name?least=1&_cursor=$cursor");
    is($a->{status}, 400, 'is not for other parameters');
    (my $bent = $cursor) =~ s/(.)\z/$1 eq '0' ? '1' : '0'/e;
    $a->get("$b-$name?_cursor=" . uri($_)), is($a->{status}, 400, 'cannot be made up') for $bent, substr($cursor, 2), 'a' x 2000, '', "\0", "' OR 1=1 --";
    $a->get("$b-$name?_limit=4&_format=csv");
    like($a->{head}{link}, qr/_cursor=[0-9a-f]+>; rel="next"/, 'CSV has it in its head');
  }
  for my $name ('by-part', 'by-nothing') {
    $a->get("$b-$name?_limit=20");
    is($a->{status}, 500, "$b $name: a key that is not unique is a fault") or diag($a->{text});
    like($a->{answer}{error}{message_ja}, qr/pageKey「part」/, 'in Japanese');
  }
}

# ---- faults ----
my $ports = join '|', map { $_->{port} } grep { $_ } $pg, $my;
sub leaks_nothing {
  my ($what) = @_;
  unlike($a->{text}, qr/SELECT|UPDATE|INSERT|to'wn|town|127\.52|data\.db|$a->{dir}|\b(?:$ports)\b/, "$what: tells no statement, place or password") if $ports;
}
sub faults {
  my ($service, $body, $status, $code, $ja) = @_;
  $a->post($service, $body);
  is($a->{status}, $status, "$service: $status") or diag($a->{text});
  is($a->{answer}{error}{code}, $code, "$service: $code");
  like($a->{answer}{error}{message_ja}, $ja, "$service: in Japanese");
  leaks_nothing("$service REST");
  my $in = join '', map { "<p:$_>$body->{$_}</p:$_>" } sort keys %{ $body // {} };
  $a->soap("<p:$service>$in</p:$service>");
  is($a->{status}, 500, "$service SOAP: 500");
  my $whose = $status < 500 ? 'Client' : 'Server';
  like($a->{text}, qr{<faultcode>$whose\.\Q$code\E</faultcode>}, "$service SOAP: $code") or diag($a->{text});
  like($a->{text}, $ja, "$service SOAP: in Japanese");
  leaks_nothing("$service SOAP");
}
for my $b (@base) {
  faults("$b-slow", undef, 503, 'limit_exceeded', qr/150 ミリ秒/);
  faults("$b-rename", { p => 'x', from => 0 }, 409, 'too_many_rows', qr/上限/);
  faults("$b-twice", { p => 'x' }, 409, 'constraint_violated', qr/制約/);
  faults("$b-text", undef, 500, 'database_error', qr/宣言された型 LONG/);
  is($sum{$b}->(), $before{$b}, "$b: nothing has changed");
}
if ($pg) {
  faults('pg-divide', { n => 0 }, 422, 'division_by_zero', qr/0 による割り算/);
  faults('pg-small', { n => 100000 }, 400, 'value_not_accepted', qr/型や範囲/);
}

# ---- killed while it is asked ----
# The adapter's own companions.
sub companions {
  my @all = map { m{/proc/(\d+)/} ? $1 : () } glob '/proc/[0-9]*/stat';
  return grep { slurp("/proc/$_/stat") =~ /\A\d+ \(machilink-odbc\) \S+ $a->{pid} / } @all;
}
for my $x (grep { $_->[1] } ['pg', $pg], ['my', $my]) {
  my ($b, $server) = @$x;
  my $s = $a->raw("$b-long");
  sysread $s, my $piece, 4096;
  like($piece, qr{\AHTTP/1.1 200 }, "$b: an answer has begun");
  # Debian's driver keeps a result whole: there it is the companion that dies
  kill 'KILL', companions() if $b eq 'my';
  $server->stop;
  my ($all, $n) = ('', 0);
  $all = substr($all . $piece, -2000) while ($n = sysread $s, $piece, 65536);
  unlike($all, qr/0\r\n\r\n\z/, "$b: killed on the way, the answer breaks off");
  faults("$b-named", { p => 'x' }, 503, 'database_unavailable', qr/データベースに接続できません/);
  $a->post('lite-named', { p => $names[0] });
  is($a->{status}, 200, "$b: the others go on");
  ok($b eq 'pg' ? !$server->start : $server->start, "$b: it runs again");
  my $until = time + 60;
  do { $a->post("$b-named", { p => $names[0] }); sleep 0.05 if $a->{status} != 200 } until $a->{status} == 200 || time > $until;
  is_deeply($a->{answer}, { rows => [{ id => 1, name => $names[0] }] }, "$b: and serves, without a word from anybody") or diag($a->{text});
}

# ---- the password is changed ----
if ($pg) { is($pg->sql("ALTER USER town PASSWORD 'other'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'town'"), 0, 'PostgreSQL: another password'); faults('pg-named', { p => 'x' }, 503, 'database_login_failed', qr/パスワード/); }
if ($my) {
  is($my->sql("ALTER USER town\@'%' IDENTIFIED BY 'other'"), 0, 'MariaDB: another password');
  $my->stop; $my->start;
  my $until = time + 60;
  do { $a->post('my-named', { p => 'x' }) } until $a->{answer}{error}{code} ne 'database_unavailable' || time > $until;
  faults('my-named', { p => 'x' }, 503, 'database_login_failed', qr/パスワード/);
}
rename "$a->{dir}/data.db", "$a->{dir}/away.db" or die;
faults('lite-named', { p => 'x' }, 503, 'database_unavailable', qr/データベースに接続できません/);
$a->stop;
unlike(slurp("$a->{dir}/log"), qr/to'wn|OR 1=1/, 'no password and no value in the log');
$my->stop if $my;
done_testing();
