#!/usr/bin/perl
# Data services on a real PostgreSQL: types there and back, lists, faults in
# the caller's words, a server that goes away and comes back.
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
use JSON::PP;
use Test::More;
use Time::HiRes qw(time sleep);

binmode $_, ':utf8' for Test::More->builder->output, Test::More->builder->failure_output;
my $bin = $ENV{MACHILINK} // 'build/release/machilink';
plan skip_all => "$bin is not built" unless -x $bin;
my ($pgbin) = sort { ($b =~ m{/(\d+)/})[0] <=> ($a =~ m{/(\d+)/})[0] } glob '/usr/lib/postgresql/*/bin';
plan skip_all => 'PostgreSQL is not installed' unless $pgbin && -x "$pgbin/initdb";
my @as = ();
if ($> == 0) {
  my ($user) = grep { getpwnam $_ } 'postgres', 'nobody';
  @as = ('setpriv', "--reuid=$user", '--clear-groups', '--regid=' . (getpwnam $user)[3]);
}

my $dir = tempdir('machilink-pg-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $ip = '127.19.1.2';
my $json = JSON::PP->new->utf8->allow_nonref->canonical;
my ($pid, $status, $text, $answer);
sub spew { my ($f, $t) = @_; open my $h, '>:raw', $f or die "$f: $!"; print $h encode('UTF-8', $t); close $h or die; }
sub slurp { open my $h, '<:raw', $_[0] or return ''; local $/; return decode('UTF-8', scalar <$h> // ''); }
sub quiet { my @argv = @_; my $child = fork // die; if (!$child) { open STDOUT, '>>', "$dir/pg.log"; open STDERR, '>&', \*STDOUT; exec @argv or exit 127; } waitpid $child, 0; return $?; }
chmod 0777, $dir;
spew("$dir/password", "pass'word");
chmod 0644, "$dir/password";
is(quiet(@as, "$pgbin/initdb", '-D', "$dir/pg", '-U', 'boss', '--auth-local=trust', '--auth-host=scram-sha-256', "--pwfile=$dir/password", '-E', 'UTF8', '--locale=C'), 0, 'a database is made') or BAIL_OUT(slurp("$dir/pg.log"));
my $pgport = free_port($ip);
sub pg_start { return quiet(@as, "$pgbin/pg_ctl", '-D', "$dir/pg", '-w', '-t', '30', '-l', "$dir/pg/server.log", '-o', "-h $ip -p $pgport -k $dir/pg -F", 'start') }
sub pg_stop { return quiet(@as, "$pgbin/pg_ctl", '-D', "$dir/pg", '-w', '-m', $_[0], 'stop') }
sub pg_sql { spew("$dir/in.sql", $_[0]); chmod 0644, "$dir/in.sql"; return quiet(@as, "$pgbin/psql", '-h', "$dir/pg", '-p', $pgport, '-U', 'boss', '-d', 'postgres', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/in.sql") }
is(pg_start(), 0, 'PostgreSQL runs') or BAIL_OUT(slurp("$dir/pg.log"));
is(pg_sql(<<'END'), 0, 'with a table') or BAIL_OUT(slurp("$dir/pg.log"));
CREATE TABLE person (id bigint PRIMARY KEY, name text, paid numeric(20,2), born date, seen timestamptz, at timestamp, good boolean, photo bytea, r float8, note text);
INSERT INTO person VALUES (1, '𠮷田 髙子', 12345678901234567.30, '1989-01-07', '2026-11-21 06:42:00+00', '2026-11-21 06:42:00', true, '\x00ff10', 0.1, NULL);
INSERT INTO person VALUES (2, '葛󠄀城ｱｷﾗ①', -0.10, '2019-05-01', NULL, NULL, false, NULL, NULL, '');
CREATE USER town PASSWORD 'to''wn' ; GRANT SELECT, INSERT, UPDATE ON person TO town;
END

my ($yes, $no) = (JSON::PP::true, JSON::PP::false);
sub service { my ($name, $template, %more) = @_; return { name => $name, sqlTemplate => $template, %more }; }
sub param { my ($name, $type, %more) = @_; return { name => $name, type => $type, %more }; }
my @services = (
  service('people', 'SELECT * FROM person ORDER BY id'),
  service('some', 'SELECT id FROM person WHERE id = ANY(:ids) ORDER BY id', params => [param('ids', 'LIST', itemType => 'LONG')]),
  service('named', 'SELECT id FROM person WHERE name = :name', params => [param('name', 'STRING')]),
  service('typed', 'SELECT :s::text AS s, :i::int AS i, :l::bigint AS l, :d::numeric AS d, :f::float8 AS f, :b::boolean AS b, :day::date AS day, :raw::bytea AS raw',
    params => [param('s', 'STRING'), param('i', 'INTEGER'), param('l', 'LONG'), param('d', 'DECIMAL'), param('f', 'DOUBLE'), param('b', 'BOOLEAN'), param('day', 'WAREKI'), param('raw', 'BINARY')]),
  service('divide', 'SELECT 1 / :n::int AS x', params => [param('n', 'INTEGER')]),
  service('exact', 'SELECT :d::numeric AS d, ARRAY(SELECT unnest(:l::numeric[]))::text AS l', params => [param('d', 'DECIMAL'), param('l', 'LIST', itemType => 'DECIMAL')]),
  service('among', 'SELECT id FROM person WHERE id IN (:ids) AND name NOT IN ( :names ) ORDER BY id', params => [param('ids', 'LIST', itemType => 'LONG'), param('names', 'LIST', itemType => 'STRING')]),
  service('filter', 'SELECT id FROM person WHERE (:id IS NULL OR id = :id) AND (:day IS NULL OR born = :day) AND :nothing IS NULL ORDER BY id', params => [param('id', 'LONG', required => $no), param('day', 'WAREKI', required => $no), param('nothing', 'STRING', required => $no)]),
  service('slow', 'SELECT count(*) AS n FROM generate_series(1, 100000000) a', timeLimit => 200),
  service('rename', 'UPDATE person SET name = :name', write => $yes, maxAffected => 1, params => [param('name', 'STRING')]),
);
sub config {
  my ($name, $password, @s) = @_;
  my $port = free_port($ip);
  spew("$dir/$name.json", decode('UTF-8', $json->encode({ name => 't', dbSources => [{ id => 'pg', databaseType => 'POSTGRESQL', host => $ip, port => $pgport, databaseName => 'postgres', username => 'town', password => $password, dbServices => \@s }] })));
  spew("$dir/$name.ini", "[machilink]\nroles = adapter\ndata-dir = $dir/$name\nlanguage = en\n[adapter]\nlisten-address = $ip\nlisten-port = $port\nservices = $dir/$name.json\n");
  return $port;
}
sub refused {
  my ($what, $like, $password, @s) = @_;
  config('bad', $password, @s);
  my $child = open(my $p, '-|') // die;
  if (!$child) { open STDERR, '>&', \*STDOUT; exec 'timeout', '20', $bin, 'serve', '--config', "$dir/bad.ini" or exit 127; }
  my $out = do { local $/; decode('UTF-8', <$p> // '') };
  close $p;
  isnt($?, 0, "$what: refused");
  like($out, $like, "$what: said");
  unlike($out, qr/to'wn/, "$what: the password is not told");
}
refused('a wrong password', qr/bad\.json.*password/s, 'wrong', $services[0]);
refused('two statements', qr/one/, "to'wn", service('x', 'SELECT 1 AS a; SELECT 2 AS b'));
refused('a write', qr/x/, "to'wn", service('x', 'DELETE FROM person'));
refused('a system table', qr/x/, "to'wn", service('x', 'SELECT rolname FROM pg_authid'));
refused('a change within a SELECT', qr/changes data/, "to'wn", service('x', "WITH gone AS (UPDATE person SET name = 'x' RETURNING id) SELECT id FROM gone"));
refused('rows that are locked', qr/locks rows/, "to'wn", service('x', 'SELECT id FROM (SELECT id FROM person FOR UPDATE) p'));
refused('a dangerous function', qr/x/, "to'wn", service('x', "SELECT pg_sleep(1)::text AS x"));
refused('a table that is not listed', qr/person/, "to'wn", service('x', 'SELECT id FROM person', tables => ['other']));

# the password is sealed in the file
config('good', "to'wn", @services);
my $sealed = do {
  spew("$dir/secret", "to'wn\n");
  my $child = open(my $p, '-|') // die;
  if (!$child) { open STDIN, '<', "$dir/secret" or die; exec $bin, 'seal', 'pg', '--config', "$dir/good.ini" or exit 127; }
  local $/; my $out = <$p> // ''; close $p; $out =~ s/\n\z//r;
};
like($sealed, qr/^sealed:/, 'a sealed password');
refused('sealed for another machine', qr/bad\.json/, $sealed, $services[0]);
my $port = config('good', $sealed, @services);
sub serve {
  pipe my $r, my $w or die;
  fcntl $w, F_SETFD, 0;
  $pid = fork // die;
  if (!$pid) { open STDERR, '>>', "$dir/log" or die; exec $bin, 'serve', '--config', "$dir/good.ini", '--ready-fd', fileno $w or exit 127; }
  close $w;
  is(scalar(<$r>) // '', "ready\n", 'it is ready') or BAIL_OUT(slurp("$dir/log"));
}
serve();
my $http = HTTP::Tiny->new(timeout => 60);
sub post {
  my ($name, $body) = @_;
  my $got = $http->request('POST', "http://$ip:$port/api/service/$name", { headers => { 'Content-Type' => 'application/json' }, content => $json->encode($body // {}) });
  ($status, $text) = ($got->{status}, decode('UTF-8', $got->{content}));
  $answer = eval { $json->decode($got->{content}) };
}
post('people');
is($text, '{"rows":[{"id":1,"name":"𠮷田 髙子","paid":12345678901234567.30,"born":"1989-01-07","seen":"2026-11-21T06:42:00+00:00","at":"2026-11-21T06:42:00","good":true,"photo":"AP8Q","r":0.1,"note":null},'
    . '{"id":2,"name":"葛󠄀城ｱｷﾗ①","paid":-0.10,"born":"2019-05-01","seen":null,"at":null,"good":false,"photo":null,"r":null,"note":""}]}', 'types of columns');
post('typed', { s => 'ｱ①', i => -5, l => 9007199254740993, d => '12345678901234567890.12', f => 0.1, b => $yes, day => 'R6.4.1', raw => 'AP8=' });
is($text, '{"rows":[{"s":"ｱ①","i":-5,"l":9007199254740993,"d":12345678901234567890.12,"f":0.1,"b":true,"day":"2024-04-01","raw":"AP8="}]}', 'types of parameters');
post('some', { ids => [2, 7, 1] });
is_deeply($answer, { rows => [{ id => 1 }, { id => 2 }] }, 'a list') or diag($text);
post('some', { ids => [] });
is_deeply($answer, { rows => [] }, 'an empty list') or diag($text);
{
  my $got = $http->request('POST', "http://$ip:$port/api/service/exact", { content => '{"d": 12345678901234567890.12,"l":[0.10000000000000000001, 1e2]}' });
  is($got->{content}, '{"rows":[{"d":12345678901234567890.12,"l":"{0.10000000000000000001,100}"}]}', 'every digit of a JSON number');
}
post('among', { ids => [1, 2, 3], names => ['nobody', '𠮷田 髙子'] });
is_deeply($answer, { rows => [{ id => 2 }] }, 'IN (:list) and NOT IN (:list)') or diag($text);
for my $x ([{}, 1, 2], [{ id => 2 }, 2], [{ day => 'S64.1.7' }, 1], [{ id => 2, day => '昭和64年1月7日' }], [{ nothing => 'x' }]) {
  my ($given, @want) = @$x;
  post('filter', $given);
  is_deeply($answer, { rows => [map { { id => $_ } } @want] }, 'filters that may be left out: ' . decode('UTF-8', $json->encode($given))) or diag($text);
}
for my $evil ("' OR '1'='1", "'; DROP TABLE person; --", '$1', ':name', "\\'; SELECT 1", 'a' x 10000) {
  post('named', { name => $evil });
  is_deeply($answer, { rows => [] }, 'only a value: ' . substr $evil, 0, 30) or diag($text);
}
post('divide', { n => 0 });
isnt($status, 200, 'division by zero');
like($answer->{error}{message}, qr/divides by zero/, 'is told');
unlike($text, qr/SELECT|::int/, 'without the SQL');
my $begun = time;
post('slow');
is($status, 503, 'slow');
like($text, qr/took longer than the 200 ms/, 'is told');
cmp_ok(time - $begun, '<', 30, 'in time');
post('rename', { name => 'x' });
is($status, 409, 'more rows than it may change') or diag($text);
post('named', { name => 'x' });
is_deeply($answer, { rows => [] }, 'and none is');
pg_stop('immediate');
post('people');
is($status, 503, 'the database is gone') or diag($text);
unlike($text, qr/$pgport|to'wn|town/, 'where it was is not told');
is(pg_start(), 0, 'it is back');
my $until = time + 60;
do { post('people'); sleep 0.1 if $status != 200 } until $status == 200 || time > $until;
is($status, 200, 'and serves again') or diag($text);
my $rows = $text;

# ---- a database that is not there at the start ----
pg_stop('fast');
kill 'TERM', $pid;
waitpid $pid, 0;
serve();
post('people');
is($status, 503, 'started without its database') or diag($text);
unlike($text, qr/$pgport|to'wn|town/, 'where it would be is not told');
my $told = $http->get("http://$ip:$port/wsdl/services.wsdl")->{content};
like($told, qr/name="named"/, 'its contract is there: nobody loses rights over it');
is(pg_start(), 0, 'the database comes');
$until = time + 60;
do { post('people'); sleep 0.1 if $status != 200 } until $status == 200 || time > $until;
is($text, $rows, 'and is used without a restart');

kill 'TERM', $pid;
waitpid $pid, 0;
is($? >> 8, 0, 'it ends cleanly') or diag(slurp("$dir/log"));
$pid = 0;
unlike(slurp("$dir/log"), qr/Sanitizer|runtime error|to'wn/, 'no complaint of a sanitizer, no password');
pg_stop('fast');
$dir = undef;
done_testing();

END { if ($pid) { local $?; kill 'KILL', $pid; waitpid $pid, 0; } if ($dir && -e "$dir/pg/postmaster.pid") { local $?; pg_stop('immediate'); } }
