#!/usr/bin/perl
# The dashboard role from outside: signing in, anti-forgery, API keys, roles,
# evidence of changes, headers, TLS, files. curl and openssl are the clients.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Console;
use JSON::PP;
use MIME::Base64;
use POSIX ();
use Test::More;

prepare('127.31.0.2', qw(curl openssl sqlite3));
my $other = free_port($ip);
umask 022;

run('', 'sqlite3', "$dir/data.db", 'CREATE TABLE t (id INTEGER)');
spew("$dir/services.json", '{"name":"t","dbSources":[{"databaseType":"SQLITE","databaseName":"data.db","dbServices":[{"name":"ids","sqlTemplate":"SELECT id FROM t"}]}]}');
$ini = spew("$dir/machilink.ini", "[machilink]\nroles = adapter, dashboard\ndata-dir = $dir/data\nlanguage = en\naddress = $ip\n"
    . "[proxy-ui-api]\nlisten-address = $ip\nlisten-port = $port\n[adapter]\nlisten-address = $ip\nlisten-port = $other\nservices = $dir/services.json\n");

# ---- accounts and keys from the command line ----
my ($code, $out);
my $password = 'correct horse battery';
my @all = map { "XROAD_$_" } qw(SECURITY_OFFICER REGISTRATION_OFFICER SERVICE_ADMINISTRATOR SYSTEM_ADMINISTRATOR SECURITYSERVER_OBSERVER);
sub user { my ($name, $pw, @more) = @_; return run($pw, $bin, 'user', 'add', $name, '--config', $ini, @more); }
($code, $out) = user('admin', "$password\n");
is($code, 0, 'user add') or diag($out);
($code, $out) = user('watch', "$password\n", '--roles', 'XROAD_SECURITYSERVER_OBSERVER');
is($code, 0, 'user add with a role') or diag($out);
($code, $out) = user('short', "eleven char\n");
isnt($code, 0, 'a short password');
like($out, qr/at least 12/, 'is said');
($code, $out) = user('x', "$password\n", '--roles', 'KING');
isnt($code, 0, 'a role that is none');
like($out, qr/"KING" is not a role/, 'is said');
for my $name ('', 'a:b', "a\nb", 'api-key-1', ' a', 'x' x 64, "\xff") {
  ($code, $out) = user($name, "$password\n");
  isnt($code, 0, 'an account name that is refused');
}
($code, my $apikey) = run('', $bin, 'api-key', '--config', $ini);
is($code, 0, 'api-key');
chomp $apikey;
like($apikey, qr/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a UUID and nothing else');
($code, my $watchkey) = run('', $bin, 'api-key', '--config', $ini, '--roles', 'XROAD_SECURITYSERVER_OBSERVER');
chomp $watchkey;
($code, my $syskey) = run('', $bin, 'api-key', '--config', $ini, '--roles', 'XROAD_SYSTEM_ADMINISTRATOR');
chomp $syskey;
my $stored = slurp("$dir/data/console.db") . slurp("$dir/data/console.db-wal");
ok(index($stored, $apikey) < 0, 'the key itself is not kept');
ok(index($stored, $password) < 0, 'nor the password');

# ---- it runs ----
start();
is(sprintf('%04o', (stat "$dir/data/admin.key")[2] & 07777), '0600', 'admin.key is private');
is(sprintf('%04o', (stat "$dir/data/console.db")[2] & 07777), '0600', 'console.db is private');

sub is_private {
  my ($what) = @_;
  is($h{'cache-control'}, 'no-store', "$what: not cached");
  is($h{'x-content-type-options'}, 'nosniff', "$what: type not guessed");
}
my %form = ('Content-Type' => 'application/x-www-form-urlencoded');

# ---- nobody ----
call('GET', '/api/v1/machilink/health');
is($status, 401, 'health without credentials: 401');
is($answer->{status}, 401, 'the shape of errors: status');
is($answer->{error}{code}, 'unauthorized', 'code');
like($answer->{error}{message}, qr/sign in/, 'sentence');
ok(!exists $h{'www-authenticate'}, 'no dialog of the browser, so no Basic by accident');
is_private('a refusal');
for my $x ('/api/v1/user', '/api/v1/api-keys', '/api/v1/api-keys/1') { is(call('GET', $x), 401, "$x: 401"); }
is(call('POST', '/api/v1/api-keys', body => ['XROAD_SYSTEM_ADMINISTRATOR']), 401, 'no key for nobody');
is(call('GET', '/api/v1/user', Authorization => 'Bearer x'), 401, 'another scheme');
is(call('GET', '/api/v1/user', Authorization => 'X-Road-ApiKey token='), 401, 'an empty key');
is(call('GET', '/api/v1/user', Authorization => "X-Road-ApiKey xtoken=$apikey"), 401, 'a key that is not where it belongs');
is(call('GET', '/api/v1/user', Authorization => 'Basic !!!'), 401, 'Basic that is no base64');
is(call('GET', '/api/v1/user', Authorization => 'Basic ' . encode_base64('admin', '')), 401, 'Basic without a colon');
is(call('GET', '/api/v1/user', Authorization => 'Basic ' . encode_base64('a' x 600, '')), 401, 'Basic that is too long');

# ---- API key and Basic ----
is(call('GET', '/api/v1/user', key($apikey)), 200, 'API key');
is_deeply($answer->{roles}, \@all, 'with every role');
like($answer->{username}, qr/^api-key-\d+$/, 'and its name');
is_private('an answer');
is(call('GET', '/api/v1/user', Authorization => "x-road-APIKEY token=$apikey"), 200, 'the scheme is read without case');
is(call('GET', '/api/v1/user', Authorization => 'Basic ' . encode_base64("admin:$password", '')), 200, 'Basic');
is($answer->{username}, 'admin', 'is the account');
is(call('GET', '/api/v1/user', Authorization => 'Basic ' . encode_base64('admin:wrong', '')), 401, 'Basic with a wrong password');

# ---- health ----
call('GET', '/api/v1/machilink/health', key($watchkey));
is($status, 200, 'health');
{
  my ($own) = grep { $_->{role} eq 'dashboard' } @{ $answer->{roles} };
  ok($own->{health}{disk}{free_bytes} > 0 && $own->{health}{disk}{total_bytes} >= $own->{health}{disk}{free_bytes}, 'with the room on the disk');
}
is_deeply([sort map { $_->{role} } @{ $answer->{roles} }], ['adapter', 'dashboard', 'monitor'], 'one entry per role');
sub adapter_health { (grep { $_->{role} eq 'adapter' } @{ $answer->{roles} })[0]{health} }
is(adapter_health()->{ok}, JSON::PP::true, 'the adapter works');
is(adapter_health()->{services}, 1, 'with its services');
rename "$dir/data.db", "$dir/data.away" or die;
call('GET', '/api/v1/machilink/health', key($watchkey));
is(adapter_health()->{ok}, JSON::PP::false, 'the light is honest: its database is gone');
like(adapter_health()->{error}, qr/data service "ids" cannot be used: .*data\.db/, 'and says so');
rename "$dir/data.away", "$dir/data.db" or die;
is($answer->{language}, 'en', 'language');
like($answer->{time}, qr/^\d{4}-\d\d-\d\dT/, 'time');

# ---- settings ----
is(call('GET', '/api/v1/machilink/parameters'), 401, 'settings are not for everybody');
is(call('GET', '/api/v1/machilink/parameters', key($watchkey)), 200, 'settings');
{
  my %row = map { ("$_->{section}.$_->{key}" => $_) } @{ $answer->{parameters} };
  my $port = $row{'proxy-ui-api.listen-port'};
  is($port->{default}, '4000', 'a row has its default');
  is("$port->{type} $port->{low} $port->{high} $port->{unit}", 'number 1 65535 port', 'its kind and limits');
  like($port->{text_ja}, qr/[^\x00-\x7f]/, 'and a sentence in Japanese');
  is($row{'machilink.roles'}{given}, JSON::PP::true, 'what the file sets is marked');
  is($row{'machilink.log-file'}{given}, JSON::PP::false, 'and what it does not');
  like($answer->{file}, qr/\.ini$/, 'the file is named');
}
{
  my $at = '/api/v1/machilink/parameters';
  my $row = sub { call('GET', $at, key($watchkey)); return (grep { $_->{key} eq $_[0] } @{ $answer->{parameters} })[0] };
  my $put = sub { return call('PUT', "$at/$_[0]", key($_[2] // $apikey), 'Content-Type' => 'application/json', body => { value => $_[1] }) };
  is($row->('backup-keep-days')->{editable}, JSON::PP::true, 'what may be changed is marked');
  is($row->('data-dir')->{editable}, JSON::PP::false, 'and what may not');
  is($put->('machilink/backup-keep-days', '45', $watchkey), 403, 'not by who only looks');
  is($put->('machilink/backup-keep-days', '45'), 204, 'a setting is changed') or diag($text);
  my $keep = $row->('backup-keep-days');
  is("$keep->{value} $keep->{next}", '30 45', 'for the next start');
  is($answer->{restart_due}, JSON::PP::true, 'which is due');
  for my $x (['machilink/backup-keep-days', '0', 400], ['machilink/backup-keep-days', "5\n[machilink]", 400], ['machilink/data-dir', '/tmp', 403],
    ['proxy-ui-api/wsdl-validator-command', '/bin/true', 403], ['machilink/no-such', '1', 404], ['..%2f/x', '1', 404]) {
    is($put->(@$x[0, 1]), $x->[2], "$x->[0]: $x->[2]") or diag($text);
  }
  is(call('DELETE', "$at/machilink/backup-keep-days", key($apikey)), 204, 'it is taken back');
  $row->('backup-keep-days');
  is($answer->{restart_due}, JSON::PP::false, 'and nothing is due');
  $put->('machilink/backup-keep-days', '45');
  my $right = slurp("$dir/data/settings.ini");
  spew("$dir/data/settings.ini", "$right\nnonsense\n");
  $row->('backup-keep-days');
  like($answer->{problem}, qr/settings\.ini:\d+: /, 'what would stop the next start is told');
  is(call('POST', '/api/v1/machilink/restart', key($apikey)), 500, 'and there is none then');
  spew("$dir/data/settings.ini", $right);
  is(call('POST', '/api/v1/machilink/restart', key($watchkey)), 403, 'not everybody starts it again');
  is(call('POST', '/api/v1/machilink/restart', key($apikey)), 202, 'who may, does') or diag($text);
  my $now;
  for (1 .. 300) { # while it goes, there may be no answer, or one of before
    $now = eval { $row->('backup-keep-days') };
    last if $now && !$answer->{restart_due};
    select(undef, undef, undef, 0.1);
  }
  is($now->{value}, '45', 'and the change is there');
  is($answer->{restart_due}, JSON::PP::false, 'nothing is due any more');
  my $told = sql("SELECT event, detail, target FROM audit WHERE target LIKE '%parameters%' AND status = 204 ORDER BY id LIMIT 1")->[0];
  is($told->{event}, 'Change setting', 'the audit has it');
  like("$told->{target} $told->{detail}", qr/backup-keep-days .*45/, 'with the value');
}

# ---- sign in ----
is(call('POST', '/login', %form, body => 'username=admin&password=wrong'), 401, 'a wrong password');
like($answer->{error}{message}, qr/name or the password is wrong/, 'does not say which');
my $said = $text;
is(call('POST', '/login', %form, body => 'username=nobody&password=wrong'), 401, 'an unknown name');
is($text, $said, 'is answered alike');
is(scalar @cookies, 0, 'no cookie');
is(call('POST', '/login', %form, body => ''), 401, 'an empty form');
is(call('POST', '/login', %form, body => 'username=' . 'x' x 5000), 413, 'a form that is too large');
is(call('POST', '/login', %form, Origin => 'https://evil.example', body => "username=admin&password=$password"), 403, 'from a page of somebody else');
is(call('POST', '/login', %form, Origin => 'null', body => "username=admin&password=$password"), 403, 'from a page without origin');
sub sign_in {
  my ($name, $pw, %more) = @_;
  $pw =~ s/ /+/g;
  call('POST', '/login', %form, Origin => $base, %more, body => "username=$name&password=$pw");
  my %c = map { /^([^=]+)=([^;]*)/ ? ($1 => $2) : () } @cookies;
  return \%c;
}
sub as { my ($c, $token) = @_; return (Cookie => join('; ', map { "$_=$c->{$_}" } sort keys %$c), (defined $token ? ('X-XSRF-TOKEN' => $token) : ())); }
my $in = sign_in('admin', $password);
is($status, 200, 'signed in');
is($text, 'OK', 'as X-Road says it');
my ($session) = grep { /^JSESSIONID=/ } @cookies;
my ($forgery) = grep { /^XSRF-TOKEN=/ } @cookies;
like($session, qr/; $_(;|$)/, "session cookie: $_") for 'HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/';
like($forgery, qr/; $_(;|$)/, "anti-forgery cookie: $_") for 'Secure', 'SameSite=Strict';
unlike($forgery, qr/HttpOnly/, 'which the page can read');
is(call('GET', '/api/v1/user', as($in)), 200, 'the cookie is the account');
is($answer->{username}, 'admin', 'admin');
is(call('HEAD', '/api/v1/user', as($in)), 200, 'HEAD changes nothing');
my $roles = ['XROAD_SECURITYSERVER_OBSERVER'];
is(call('POST', '/api/v1/api-keys', as($in), body => $roles), 401, 'POST without anti-forgery token: 401');
is(call('POST', '/api/v1/api-keys', as($in, 'x' x 64), body => $roles), 401, 'with a wrong one');
is(call('POST', '/api/v1/api-keys', as({ %$in, 'XSRF-TOKEN' => 'x' x 64 }, 'x' x 64), body => $roles), 401, 'with one that only equals its cookie');
is(call('POST', '/api/v1/api-keys', as({ JSESSIONID => $in->{JSESSIONID} }, $in->{'XSRF-TOKEN'}), body => $roles), 401, 'without its cookie');
is(call('POST', '/api/v1/api-keys', as($in, $in->{'XSRF-TOKEN'}), body => $roles), 200, 'with the right one');
is(call('DELETE', "/api/v1/api-keys/$answer->{id}", as($in, $in->{'XSRF-TOKEN'})), 204, 'DELETE');

# A name of somebody else's that leads here (DNS rebinding), a page elsewhere.
{
  my $whole = sub { return call('POST', '/api/v1/api-keys', as($in, $in->{'XSRF-TOKEN'}), @_, body => $roles) };
  my $keys = sub { call('GET', '/api/v1/api-keys', as($in)); return scalar @$answer };
  my $before = $keys->();
  for my $x ([ Host => "evil.example:$port" ], [ Host => "evil.example:$port", Origin => "https://evil.example:$port" ], [ Origin => 'https://evil.example' ],
    [ Origin => 'null' ], [ Host => "$ip.evil.example:$port" ], [ 'X-Forwarded-Host' => 'evil.example', Origin => 'https://evil.example' ]) {
    is($whole->(@$x), 403, "a session under another name changes nothing: @$x");
    is($answer->{error}{code}, 'session_other_name', 'is said');
  }
  is($keys->(), $before, 'nothing was made');
  is($whole->(Origin => $base), 200, 'under its own name it does');
  is(call('DELETE', "/api/v1/api-keys/$answer->{id}", as($in, $in->{'XSRF-TOKEN'}), Host => "$ip:1"), 204, 'through a tunnel, too, whose port is another');
  my $named = sign_in('watch', $password, Host => "machilink.town.example:$port", Origin => "https://machilink.town.example:$port");
  is($status, 200, 'any name is good to sign in under');
  my %name = (Host => "machilink.town.example:$port", Origin => "https://machilink.town.example:$port");
  is(call('POST', '/logout', as($named, $named->{'XSRF-TOKEN'})), 403, 'and its session is of that name');
  is(call('POST', '/logout', as($named, $named->{'XSRF-TOKEN'}), %name), 204, 'alone');
}
is(call('GET', '/api/v1/user', Cookie => 'JSESSIONID=' . 'A' x 64), 401, 'a cookie that is made up');
is(call('GET', '/api/v1/user', Cookie => 'XJSESSIONID=' . $in->{JSESSIONID}), 401, 'a cookie of another name');
is(call('GET', '/api/v1/user', as($in), Authorization => 'Basic x'), 401, 'bad credentials are not saved by a cookie');
my $again = sign_in('admin', $password, Cookie => "JSESSIONID=$in->{JSESSIONID}");
isnt($again->{JSESSIONID}, $in->{JSESSIONID}, 'signing in again makes a new session');
is(call('GET', '/api/v1/user', as($in)), 401, 'and ends the old one');
is(call('POST', '/logout', as($again)), 401, 'sign out without token: 401');
is(call('POST', '/logout', as($again, $again->{'XSRF-TOKEN'})), 204, 'sign out');
is(scalar(grep { /Max-Age=0/ } @cookies), 2, 'takes the cookies away');
is(call('GET', '/api/v1/user', as($again)), 401, 'the session is gone');
my $old = sign_in('admin', $password);
is(call('GET', '/api/v1/user', as($old)), 200, 'signed in once more');
($code, $out) = user('admin', "$password\n", '--roles', 'XROAD_SYSTEM_ADMINISTRATOR');
is($code, 0, 'the account is set anew while the service runs') or diag($out);
is(call('GET', '/api/v1/user', as($old)), 401, 'a new password ends the sessions');
$in = sign_in('admin', $password);
call('GET', '/api/v1/user', as($in));
is_deeply($answer->{roles}, ['XROAD_SYSTEM_ADMINISTRATOR'], 'the new roles count');

# ---- roles ----
my $watch = sign_in('watch', $password);
is(call('GET', '/api/v1/api-keys', as($watch)), 200, 'an observer sees the keys');
is(call('POST', '/api/v1/api-keys', as($watch, $watch->{'XSRF-TOKEN'}), body => $roles), 403, 'but makes none: 403');
like($answer->{error}{message}, qr/watch has no role/, 'is said');
is($answer->{error}{code}, 'forbidden', 'code');
is(call('DELETE', '/api/v1/api-keys/1', key($watchkey)), 403, 'nor removes one');
is(call('PUT', '/api/v1/api-keys/1', key($watchkey), body => $roles), 403, 'nor changes one');

# ---- API keys ----
is(call('POST', '/api/v1/api-keys', key($syskey), body => ['XROAD_SYSTEM_ADMINISTRATOR', 'XROAD_SECURITY_OFFICER']), 403, 'nobody gives roles they lack');
like($answer->{error}{message}, qr/lacks/, 'is said');
for my $x (['[]', 'no role'], ['["KING"]', 'a role that is none'], ['[1]', 'a number'], ['{"a":1}', 'an object'], ['[', 'no JSON'], ['', 'nothing']) {
  is(call('POST', '/api/v1/api-keys', key($apikey), body => $x->[0]), 400, "$x->[1]: 400");
}
is(call('POST', '/api/v1/api-keys', key($syskey), body => ['XROAD_SYSTEM_ADMINISTRATOR']), 200, 'a key is made');
my ($made, $id) = ($answer->{key}, $answer->{id});
is(call('GET', '/api/v1/user', key($made)), 200, 'and works');
is(call('GET', "/api/v1/api-keys/$id", key($syskey)), 200, 'it is shown');
is_deeply($answer, { id => $id, roles => ['XROAD_SYSTEM_ADMINISTRATOR'] }, 'without the key');
call('GET', '/api/v1/api-keys', key($syskey));
is(scalar(grep { $_->{id} == $id } @$answer), 1, 'it is in the list');
ok(!grep({ exists $_->{key} } @$answer), 'which has no keys');
is(call('PUT', "/api/v1/api-keys/$id", key($syskey), body => ['XROAD_SECURITY_OFFICER']), 403, 'other roles than one has: 403');
is(call('PUT', "/api/v1/api-keys/$id", key($apikey), body => ['XROAD_SECURITYSERVER_OBSERVER']), 200, 'other roles');
call('GET', '/api/v1/user', key($made));
is_deeply($answer->{roles}, ['XROAD_SECURITYSERVER_OBSERVER'], 'count at once');
is(call('DELETE', "/api/v1/api-keys/$id", key($syskey)), 204, 'it is revoked');
is(call('GET', '/api/v1/user', key($made)), 401, 'and does not work any more');
for my $x ($id, 0, -1, 'x', '1%20OR%201=1', '99999999999999999999') {
  is(call('DELETE', "/api/v1/api-keys/$x", key($syskey)), 404, "no key $x: 404");
  is(call('GET', "/api/v1/api-keys/$x", key($syskey)), 404, "no key $x: 404");
}

# ---- evidence ----
my $audit = sql('SELECT who, address, method, target, status FROM audit ORDER BY id');
my $has = sub { my %w = @_; return scalar grep { my $x = $_; !grep { $x->{$_} ne $w{$_} } keys %w } @$audit };
ok($has->(who => 'admin', method => 'POST', target => '/login', status => 200, address => '127.0.0.1') || $has->(who => 'admin', target => '/login', status => 200), 'audit: signed in');
ok($has->(who => 'admin', target => '/login', status => 401), 'audit: a wrong password of an account');
ok($has->(who => '?', target => '/login', status => 401), 'audit: of nobody');
ok($has->(who => 'admin', target => '/api/v1/api-keys', method => 'POST', status => 200), 'audit: a key was made');
ok($has->(target => "/api/v1/api-keys/$id", method => 'DELETE', status => 204), 'audit: a key was revoked');
ok($has->(target => "/api/v1/api-keys/$id", method => 'PUT', status => 403), 'audit: a refusal of the handler');
ok($has->(who => 'watch', target => '/api/v1/api-keys', method => 'POST', status => 403), 'audit: a refusal of the guard');
ok($has->(who => 'admin', target => '/logout', status => 204), 'audit: signed out');
is(scalar(grep { $_->{method} eq 'GET' && $_->{status} != 401 } @$audit), 0, 'audit: no reading, but guesses at a password');
ok(!grep({ my $x = $_; grep { /\Q$password\E|\Q$apikey\E|\Q$made\E/ } values %$x } @$audit), 'audit: no secret');

# ---- pages ----
is(call('GET', '/'), 200, 'the page');
like($h{'content-type'}, qr{^text/html}, 'is HTML');
like($h{'content-security-policy'}, qr/default-src 'self'/, 'content security policy');
unlike($h{'content-security-policy'}, qr/unsafe/, 'with nothing unsafe');
like($h{'content-security-policy'}, qr/frame-ancestors 'none'/, 'no frames');
is($h{'x-frame-options'}, 'DENY', 'for old browsers too');
is($h{'referrer-policy'}, 'no-referrer', 'no referrer');
is($h{'x-content-type-options'}, 'nosniff', 'type not guessed');
is($h{'cache-control'}, 'no-cache', 'pages are asked for again');
my $etag = $h{etag};
like($etag, qr/^"[0-9a-f]{64}"$/, 'ETag');
is(call('GET', '/', 'If-None-Match' => $etag), 304, '304 for who has it');
is($text, '', 'without a body');
is(call('GET', '/', 'If-None-Match' => '"other"'), 200, '200 for another');
is(call('HEAD', '/'), 200, 'HEAD');
is($h{etag}, $etag, 'the same headers');
is($text, '', 'no body');
call('GET', '/');
my ($script) = $text =~ m{src="\.(/assets/[^"]+\.js)"};
is(call('GET', $script), 200, 'the script');
like($h{'cache-control'}, qr/immutable/, 'is kept by caches');
is(call('GET', '/nothing'), 404, 'an unknown path');
is($answer->{error}{code}, 'not_found', 'in the shape of errors');
is(call('GET', '/api/v1/nothing', key($apikey)), 404, 'an unknown call');
for my $x ('/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd', '//etc/passwd', '/assets/../../../etc/passwd') {
  call('GET', $x);
  like($status, qr/^40[04]$/, "$x: $status");
  unlike($text, qr/root:/, "$x: nothing of the machine");
}
for my $x (qw(TRACE OPTIONS DELETE PUT CONNECT)) {
  call($x, '/');
  ok(($status // 400) =~ /^(400|405|501)$/, "$x: " . ($status // 'closed'));
}
is(call('TRACE', '/', key($apikey)), 405, 'TRACE: 405');
unlike($text, qr/\Q$apikey\E/, 'nothing is echoed');

# ---- the interface: methods, media, what is there at all ----
is(call('GET', '/api/v1/nothing'), 401, 'an unknown call by nobody');
for my $x (['PUT', '/api/v1/user', 'GET, HEAD'], ['GET', '/api/v1/backups/upload', 'POST, DELETE'], ['TRACE', '/api/v1/api-keys', 'GET, HEAD, POST'],
  ['OPTIONS', '/api/v1/api-keys/1', 'GET, HEAD, PUT, DELETE'], ['GET', '/login', 'POST']) {
  is(call($x->[0], $x->[1], key($apikey)), 405, "$x->[0] $x->[1]: 405");
  is($h{allow}, $x->[2], 'with Allow');
  is($answer->{status}, 405, 'in the shape of errors');
}
is(call('GET', '/api/v1/user', key($apikey), Accept => 'text/html, image/*;q=0.5'), 406, 'an answer of no type that is taken');
is($answer->{error}{code}, 'not_acceptable', 'is said');
for my $accept ('*/*', 'text/html, application/json;q=0.1', 'application/*', '') {
  is(call('GET', '/api/v1/user', key($apikey), Accept => $accept), 200, "Accept: $accept");
}
is(call('POST', '/api/v1/backups/upload', key($apikey), 'Content-Type' => 'text/plain', body => 'x'), 415, 'a body of another type');
is($answer->{error}{code}, 'unsupported_media_type', 'is said');
is(call('POST', '/api/v1/backups/upload?ignore_warnings=maybe', key($apikey), 'Content-Type' => 'multipart/form-data; boundary=x', body => "--x--\r\n"), 400,
  'a query that does not fit');
is_deeply($answer->{error}, { code => 'validation_failure', validation_errors => { ignoreWarnings => ['typeMismatch'] } }, "in X-Road's shape");
is(call('GET', '/api/v1/openapi.yaml'), 200, 'the description of the interface, for everybody');
like($text, qr{^  /backups/upload:\n    post:\n}m, 'has what is served');
like($h{'content-type'}, qr{^application/x-yaml}, 'as YAML');

# ---- TLS ----
sub tls { my ($version) = @_; return run('', 'timeout', '20', 'openssl', 's_client', '-connect', "$ip:$port", $version, '-cipher', 'ALL:@SECLEVEL=0', '-brief'); }
($code, $out) = tls('-tls1_3');
like($out, qr/TLSv1\.3/, 'TLS 1.3');
($code, $out) = tls('-tls1_2');
like($out, qr/TLSv1\.2/, 'TLS 1.2');
for my $old_version ('-tls1_1', '-tls1') {
  ($code, $out) = tls($old_version);
  isnt($code, 0, "$old_version is refused");
  like($out, qr/alert protocol version|protocol version/, 'by the server') or diag($out);
}
($code, $out) = run("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 'timeout', '5', 'curl', '-s', '--max-time', '4', "http://$ip:$port/");
isnt($code, 0, 'no plain HTTP');

# ---- how much one address may ask: one after the other waits, many at once
# are refused, pages are not counted ----
{
  my %got;
  # a slow machine may need another crowd until it is too many at once
  for my $crowd (1 .. 5) {
    my @kids;
    pipe my $from, my $to or die;
    for my $n (1 .. 40) {
      my $kid = fork // die;
      if (!$kid) {
        my (undef, $got) = run('', 'curl', '-sk', '--interface', '127.31.0.79', '-H', "Authorization: X-Road-ApiKey token=$apikey",
          '-w', '%{http_code} ', map { ('-o', '/dev/null', "$base/api/v1/user") } 1 .. 3);
        syswrite $to, $got;
        POSIX::_exit(0);
      }
      push @kids, $kid;
    }
    close $to;
    waitpid $_, 0 for @kids;
    $got{$_}++ for split ' ', do { local $/; <$from> };
    last if $got{429};
  }
  ok($got{200} >= 20 && $got{429} > 0, 'a crowd of one address: ' . join ', ', map { "$got{$_} times $_" } sort keys %got);
  $peer = '127.31.0.80';
  my %calm;
  $calm{ call('GET', '/api/v1/user', key($apikey)) }++ for 1 .. 40;
  is_deeply(\%calm, { 200 => 40 }, 'one call after the other is served');
  $calm{ call('GET', '/') }++ for 1 .. 40;
  is($calm{200}, 80, 'and so are pages');
  undef $peer;
}

# ---- guessing: from an address of its own, so that the others go on ----
$peer = '127.31.0.77';
my %seen;
$seen{ call('POST', '/login', %form, body => "username=admin&password=guess$_") }++ for 1 .. 23;
is_deeply(\%seen, { 401 => 20, 429 => 3 }, '20 wrong passwords, then 429') or diag(explain \%seen);
is($h{'retry-after'}, 600, 'with Retry-After');
like($answer->{error}{message}, qr/too many wrong passwords.*wait 10 minutes/, 'and a sentence');
sign_in('admin', $password);
is($status, 429, 'the right one must wait too');
is(call('GET', '/api/v1/user', Authorization => 'Basic ' . encode_base64("admin:$password", '')), 429, 'Basic too');
is(call('GET', '/api/v1/user', key($apikey)), 200, 'API keys cannot be guessed and go on');
is(call('GET', '/'), 200, 'pages go on');
$peer = '127.31.0.78';
sign_in('admin', $password);
is($status, 200, 'other addresses go on');

stop();
my $log = slurp("$dir/log");
unlike($log, qr/Sanitizer|runtime error/, 'no complaint of a sanitizer');
ok(index($log, $_) < 0, 'no secret in the log') for $password, $apikey, 'guess1';
like($log, qr/too many wrong passwords/, 'but the guessing');
# every file of the data directory is for its owner, at most readable by the group
my @open = grep { -f && ((stat)[2] & 0027) } glob "$dir/data/*.key $dir/data/*.db*";
is("@open", '', 'no key or database is open to others');

done_testing();
