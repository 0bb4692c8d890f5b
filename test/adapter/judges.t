#!/usr/bin/perl
# Other people's judges of the adapter's contracts: openapi-spec-validator and
# schemathesis (PyPI) on /api/openapi.json, which calls every operation with
# good and bad data, and the SOAP client of npm, which knows only the WSDL and
# calls every service. And a services.json as the Connector has it, without
# anything of ours, answers with the Connector's shapes, byte by byte.
use strict;
use warnings;
use utf8;
use Cwd qw(abs_path);
use Encode qw(encode);
use File::Basename qw(dirname);
use FindBin;
use lib $FindBin::Bin;
use Adapter;
use JSON::PP;
use Test::More;

plan skip_all => 'sqlite3 is not installed' if system 'command -v sqlite3 >/dev/null 2>&1';
my $examples = $ENV{MACHILINK_EXAMPLES} // ($ENV{MACHILINK_SOAK} ? 200 : 8);
my $seed = $ENV{MACHILINK_SEED} // 1;
my $build = abs_path($ENV{BUILD_DIR} ? dirname($ENV{BUILD_DIR}) : "$FindBin::Bin/../../build");
my $a = Adapter->new('127.52.5.1');
my ($yes, $no) = (JSON::PP::true, JSON::PP::false);
$a->sql(<<'END');
CREATE TABLE facility (id INTEGER PRIMARY KEY, name TEXT NOT NULL, kana TEXT, postal TEXT, town TEXT, phone TEXT, opened TEXT, seats INTEGER, rate REAL, open INTEGER, photo BLOB, changed TEXT);
INSERT INTO facility VALUES (1, '中央公民館', 'チュウオウコウミンカン', '530-0001', '272035', '06-6208-8181', '1989-01-07', 120, 0.5, 1, x'00ff', '2026-04-01T09:00:00Z'), (2, '髙田会館', NULL, NULL, '011002', NULL, '2019-05-01', NULL, NULL, 0, NULL, NULL);
END
my $from = 'FROM facility';
my @services = (
  service('facilities', "SELECT id, name, kana, opened, seats, rate, open, photo, changed $from ORDER BY id", displayName => '施設の一覧', category => 'facility', version => 'v1', tables => ['facility'], pageKey => 'id',
    result => [param('id', 'LONG'), param('name', 'STRING'), param('kana', 'STRING'), param('opened', 'DATE'), param('seats', 'INTEGER'), param('rate', 'DOUBLE'), param('open', 'BOOLEAN'), param('photo', 'BINARY'), param('changed', 'TIMESTAMP')]),
  service('facility', "SELECT id, name $from WHERE id = :id", params => [param('id', 'LONG', minimum => 1, maximum => 1000)], result => [param('id', 'LONG'), param('name', 'STRING')]),
  service('search', "SELECT id $from WHERE (:name IS NULL OR name LIKE :name || '%') AND (:town IS NULL OR town = :town) AND (:postal IS NULL OR postal = :postal) AND (:kana IS NULL OR kana = :kana) AND (:phone IS NULL OR phone = :phone) AND (:after IS NULL OR opened >= :after) AND (:open IS NULL OR open = :open) ORDER BY id",
    params => [param('name', 'STRING', required => $no, minLength => 1, maxLength => 10), param('town', 'TOWN_CODE', required => $no), param('postal', 'POSTAL_CODE', required => $no), param('kana', 'KANA', required => $no),
      param('phone', 'PHONE', required => $no), param('after', 'WAREKI', required => $no), param('open', 'BOOLEAN', required => $no)], result => [param('id', 'LONG')]),
  service('some', "SELECT id $from WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY id", params => [param('ids', 'LIST', itemType => 'LONG', minItems => 1, maxItems => 3)], result => [param('id', 'LONG')]),
  service('typed', 'SELECT :s AS s, :i AS i, :d AS d, :n AS n, :b AS b, :day AS day, :at AS at, :raw AS raw, :pick AS pick', params => [param('s', 'STRING', pattern => '[a-z]{1,5}'), param('i', 'INTEGER'), param('d', 'DOUBLE'), param('n', 'DECIMAL', minimum => -5, maximum => 5),
      param('b', 'BOOLEAN'), param('day', 'DATE'), param('at', 'TIMESTAMP'), param('raw', 'BINARY'), param('pick', 'STRING', values => ['北', '南'])],
    result => [param('s', 'STRING'), param('i', 'INTEGER'), param('d', 'DOUBLE'), param('n', 'DECIMAL'), param('b', 'BOOLEAN'), param('day', 'DATE'), param('at', 'TIMESTAMP'), param('raw', 'BINARY'), param('pick', 'STRING')]),
  service('rename', "UPDATE facility SET name = :name WHERE id = :id", write => $yes, maxAffected => 1, tables => ['facility'], params => [param('id', 'LONG'), param('name', 'STRING', minLength => 1, maxLength => 20)]),
);
# as the Connector writes it: nothing but its own members
my @connector = (
  { id => 'd81696e2-8dc4-4de4-9618-dde1d8edd9d1', name => 'residents', sqlTemplate => 'SELECT id, name, opened AS birthDate FROM facility WHERE id = :id', status => 'VALID', params => [{ name => 'id', type => 'STRING' }], queryTimeout => 5,
    result => [{ name => 'id', oasType => 'INT64', xsdType => 'LONG' }, { name => 'name', oasType => 'STRING', xsdType => 'STRING' }, { name => 'birthDate', oasType => 'STRING', xsdType => 'STRING' }] },
  { name => 'all-residents', sqlTemplate => 'SELECT id, kana FROM facility', status => 'VALID', params => [], result => [{ name => 'id', oasType => 'INT64', xsdType => 'LONG' }, { name => 'kana', oasType => 'STRING', xsdType => 'STRING' }] },
  # long enough to see that its time is in seconds
  { name => 'longer', sqlTemplate => 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT count(*) AS n, :a AS a FROM n', status => 'VALID', params => [{ name => 'a', type => 'STRING' }], result => undef, queryTimeout => 30 },
  { name => 'draft', sqlTemplate => 'SELECT 1', status => 'INVALID', params => [], result => [] });
$a->offer($a->sqlite(@services), { databaseType => 'SQLITE', databaseName => 'data.db', username => '', password => '', jdbcUrl => "jdbc:sqlite:$a->{dir}/data.db", maximumPoolSize => 100, minimumIdle => undef, idleTimeout => undef, maxLifetime => undef, connectionTimeout => undef, params => undef, dbServices => \@connector });
$a->start;

# ---- the Connector's shapes ----
my @shapes = (
  ['residents', '{"id":"1"}', '{"rows":[{"id":1,"name":"中央公民館","birthDate":"1989-01-07"}]}', 'one row is a list of one'],
  ['residents', '{"id":1}', '{"rows":[{"id":1,"name":"中央公民館","birthDate":"1989-01-07"}]}', 'a number is as good as a text'],
  ['residents', '{"id":"9"}', '{"rows":[]}', 'no row is an empty list'],
  ['longer', "\x{feff}" . '{"a":1.50}', '{"rows":[{"n":1000000,"a":"1.5"}]}', 'a number that the database makes is one'],
  ['all-residents', '{}', '{"rows":[{"id":1,"kana":"チュウオウコウミンカン"},{"id":2,"kana":null}]}', 'null is there, in the order of the result'],
);
for my $x (@shapes) {
  $a->call('POST', "/api/service/$x->[0]", encode('UTF-8', $x->[1]));
  is($a->{text}, $x->[2], "Connector: $x->[3]");
  like($a->{head}{'content-type'}, qr{\Aapplication/json}, 'as JSON');
}
for my $x (['typed' => { s => JSON::PP::true }], ['typed' => { s => 5 }], ['search' => { postal => 600001 }], ['typed' => { b => 0 }], ['facility' => { id => JSON::PP::true }], ['some' => { ids => [1, JSON::PP::false] }], ['residents' => { id => JSON::PP::true }]) {
  $a->post(@$x);
  is($a->{status}, 400, "$x->[0]: " . join(' ', %{ $x->[1] }) . ' is of another type');
  like($a->{answer}{error}{message_ja}, qr/で指定してください|が正しくありません/, 'is told');
}
$a->post('draft');
is($a->{status}, 404, 'Connector: a draft is not served');

spew("$a->{dir}/openapi.json", $a->call('GET', '/api/openapi.json') && $a->{text});
SKIP: {
  my $venv = "$build/test-venv";
  skip 'no judges: make test-tools installs them', 1 if !-e "$venv/.done";
  my ($code, $out) = run("$venv/bin/python", '-m', 'openapi_spec_validator', "$a->{dir}/openapi.json");
  is($code, 0, 'openapi-spec-validator') or diag($out);
  # what text a Japanese kind takes is in x-kind only: wrong text is refused,
  # and "positive" text of such a parameter may be
  ($code, $out) = run('timeout', '300', 'env', '-C', $a->{dir}, "$venv/bin/schemathesis", 'run', "$a->{dir}/openapi.json", '--url', $a->{base}, '--phases', 'examples,coverage,fuzzing', '-n', $examples, '--seed', $seed,
    '--checks', 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection,unsupported_method',
    '--no-color', '--generation-database', 'none', '--continue-on-failure', '--warnings', 'off', '--suppress-health-check', 'all');
  is($code, 0, "schemathesis, seed $seed") or diag(substr $out, 0, 8000);
  my ($cases) = $out =~ /Test cases:\s*\n?\s*(\d+)/;
  diag(sprintf 'schemathesis: %s', join ' ', grep { /generated|passed|Operations/i } split /\n/, $out) if $ENV{MACHILINK_SOAK};
}
$a->get('facility?id=1');
is($a->{status}, 200, 'it still answers');

SKIP: {
  skip 'no SOAP client: make test-tools installs it', 1 if !-d "$FindBin::Bin/../node_modules/soap";
  my ($code, $out) = run('timeout', '60', 'node', "$FindBin::Bin/soap_client.js", "$a->{base}/wsdl/services.wsdl");
  for my $line (split /\n/, $out) {
    if ($line =~ /^(not )?ok - (.*)/) { ok(!$1, "npm soap: $2"); } else { diag($line); }
  }
  is($code, 0, 'npm soap uses the WSDL');
}
$a->stop;
done_testing();
