#!/usr/bin/perl
# The first run: a one-time token makes the first administrator; then a new
# security server goes through the eight steps against the center of a lab, and
# what the server says about each step is what is true. The acts are X-Road's
# calls, by a signed-in browser's cookies as the pages make them.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lab";
use HTTP::Tiny;
use JSON::PP;
use Lab;
use POSIX ();
use Test::More;
use Time::HiRes qw(time);
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my $bin = $ENV{MACHILINK} // 'build/release/machilink';
plan skip_all => "$bin is not built" unless -x $bin;
plan skip_all => 'sqlite3 is not installed' if system 'command -v sqlite3 >/dev/null 2>&1';
my $net = '127.55.9';
my $lab = Lab->new(net => $net, ini => { 'proxy-ui-api' => { tls => 'false' } });
my $json = JSON::PP->new->utf8->allow_nonref;
my ($address, $dir) = ("$net.9", "$lab->{dir}/fresh");
my $port = 4000 + $lab->{shift};
$lab->{m}{fresh} = { name => 'fresh', dir => $dir, address => $address };
mkdir $_ for $dir, "$dir/data";
my $ini = "$dir/machilink.ini";
Lab::spew($ini, "[machilink]\nroles = security-server, dashboard\ndata-dir = $dir/data\nlog-file = $dir/machilink.log\naddress = $address\nlanguage = en\n"
    . "[signer]\nocsp-retry-delay = 1\n[proxy-ui-api]\nlisten-address = $address\nlisten-port = $port\ntls = false\nrate-limit-requests-per-second = 0\n"
    . "rate-limit-requests-per-minute = 0\nautomatic-activate-auth-certificate = true\n"
    . "[configuration-client]\nupdate-interval = 1\n[message-log]\ntimestamp-interval = 1\n[proxy]\nconnector-host = $address\nserver-listen-address = $address\n"
    . 'server-listen-port = ' . (5500 + $lab->{shift}) . "\nserver-port = " . (5500 + $lab->{shift}) . "\nclient-http-port = " . (8080 + $lab->{shift})
    . "\nclient-https-port = " . (8443 + $lab->{shift}) . "\nocsp-responder-listen-address = $address\nocsp-responder-port = " . (5577 + $lab->{shift}) . "\n");
ok($lab->start($_), "$_ is ready") or BAIL_OUT(Lab::slurp("$lab->{m}{$_}{dir}/output")) for qw(center town fresh);

my ($status, $answer, %cookie, $text);
my $http = HTTP::Tiny->new(timeout => 60);
sub call {
  my ($method, $path, $body, $type, %h) = @_;
  $h{'Content-Type'} = $type // 'application/json' if defined $body;
  if (%cookie) { $h{Cookie} = join '; ', map { "$_=$cookie{$_}" } sort keys %cookie; $h{'X-XSRF-TOKEN'} = $cookie{'XSRF-TOKEN'}; }
  my $r = $http->request($method, "http://$address:$port" . ($path =~ m{^/login} ? $path : "/api/v1$path"),
    { headers => \%h, defined $body ? (content => ref $body ? $json->encode($body) : $body) : () });
  for (ref $r->{headers}{'set-cookie'} ? @{ $r->{headers}{'set-cookie'} } : $r->{headers}{'set-cookie'} // ()) { $cookie{$1} = $2 if /^([^=]+)=([^;]*)/; }
  ($status, $text) = @$r{qw(status content)};
  $answer = eval { $json->decode($text) };
  return $status;
}
sub must { my @c = @_; my $s = call(@c); die "$c[0] $c[1]: $s $text" if $s > 299; return $answer // $text; }
sub center {
  my ($method, $path, $body) = @_;
  my $r = $http->request($method, "http://$lab->{m}{center}{address}:$port/api/v1$path", { headers => { Authorization => "X-Road-ApiKey token=$lab->{m}{center}{key}",
      defined $body ? ('Content-Type' => 'application/json') : () }, defined $body ? (content => $json->encode($body)) : () });
  die "center $method $path: $r->{status} $r->{content}" unless $r->{success};
  return eval { $json->decode($r->{content}) } // $r->{content};
}
sub code { return ref $answer ? $answer->{error}{code} // '' : '' }
# step => state, and "step/check" => state
sub steps {
  my %got;
  must('GET', '/machilink/setup/server');
  for my $s (@{ $answer->{steps} }) { $got{ $s->{id} } = $s->{state}; $got{"$s->{id}/$_->{id}"} = $_->{state} for @{ $s->{checks} }; }
  return \%got;
}
sub check { my ($step) = @_; must('POST', "/machilink/setup/server/steps/$step/check"); return { state => $answer->{state}, map { $_->{id} => $_->{state} } @{ $answer->{checks} } }; }

# ---- a token for whoever can read what the service prints ----
my $said = Lab::slurp("$dir/output");
my ($token) = $said =~ /^\s+([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})$/m;
ok($token, 'the service prints a one-time token') or BAIL_OUT($said);
unlike(Lab::slurp("$dir/machilink.log"), qr/\Q$token\E/, 'which is not in the log');
ok(index(join('', map { Lab::slurp($_) } glob "$dir/data/console.db*"), $token) < 0, 'nor in the database');
is(call('GET', '/machilink/setup'), 200, 'everybody is told');
ok($answer->{open} && $answer->{password_policy}{min_length} == 12, 'that there is something to set up');
is(call('GET', '/machilink/setup/state'), 401, 'and nothing more');
my %first = (name => 'hanako', display_name => '山田 花子', password => 'seven quiet lanterns');
is(call('POST', '/machilink/setup', { %first, token => 'AAAA-AAAA-AAAA-AAAA' }), 401, 'a wrong token');
is(code(), 'setup_token_wrong', 'is said');
is(call('POST', '/machilink/setup', { %first, token => $token, password => 'short' }), 400, 'a weak password');
is(call('POST', '/machilink/setup', { %first, token => $token }, undef, Origin => 'http://evil.example'), 403, 'a page of somebody else');
my ($rc, $out) = $lab->run('setup', 'token', '--config', $ini);
is($rc, 0, 'another token from the command line') or diag($out);
is(call('POST', '/machilink/setup', { %first, token => $token }), 401, 'ends the one before');
chomp(my $second = $out);
is(call('POST', '/machilink/setup', { %first, token => lc $second =~ tr/-/ /r }), 201, 'the first administrator') or diag($text);
is(call('POST', '/machilink/setup', { %first, name => 'taro', token => $second }), 409, 'is made once');
call('GET', '/machilink/setup');
ok(!$answer->{open}, 'nothing is open any more');
($rc, $out) = $lab->run('setup', 'token', '--config', $ini);
isnt($rc, 0, 'and no more tokens are made');
is(call('POST', '/login', 'username=hanako&password=seven+quiet+lanterns', 'application/x-www-form-urlencoded'), 200, 'who signs in');
{ # nobody who did not sign in makes the audit grow
  my $total = sub { must('GET', '/machilink/audit?limit=1')->{paging_metadata}{total_items} };
  my $before = $total->();
  my %mine = %cookie;
  %cookie = ();
  is(call('POST', '/machilink/setup', $_), $_->{name} ? 409 : 400, 'no more of it: ' . code()) for ({ %first, name => 'taro', token => $second }, {}) x 3;
  %cookie = %mine;
  is($total->(), $before, 'and no rows in the audit');
}

# ---- from empty ----
my $s = steps();
is($s->{INITIAL_SETUP}, 'TODO', 'nothing is set up');
is($s->{"INITIAL_SETUP/$_"}, 'TODO', "to do: $_") for qw(anchor globalconf identity token tsa_chosen);
is($s->{'INITIAL_SETUP/tsa_answers'}, 'NOT_CHECKED', 'what calls others is asked for');
is($s->{CONNECTIVITY}, 'TODO', 'no exchange yet');
must('GET', '/machilink/setup/server');
my @all = map { @{ $_->{checks} } } @{ $answer->{steps} };
is(scalar @{ $answer->{steps} }, 8, 'eight steps');
ok(!grep({ my $c = $_; grep { !length $c->{label}{$_} } qw(ja en) } @all), 'each check has a sentence in both languages');
ok(!grep({ my $c = $_; $c->{state} =~ /TODO|FAIL|WAITING/ && grep { !length $c->{todo}{$_} } qw(ja en) } @all), 'and what to do');
must('GET', '/machilink/setup/state');
ok($answer->{started_at} && !$answer->{finished_at} && !grep({ $_ eq 'center' } @{ $answer->{roles} }), 'since when, of which roles');
must('PUT', '/machilink/setup/note', { note => { member_code => '9000020994015', step => 2 } });
%cookie = ();
must('POST', '/login', 'username=hanako&password=seven+quiet+lanterns', 'application/x-www-form-urlencoded');
must('GET', '/machilink/setup/state');
is($answer->{note}{step}, 2, 'one goes on from another browser');
my $env = check('ENVIRONMENT');
is($env->{$_}, 'OK', "environment: $_") for qw(address name disk);
is(check('INSTALLATION')->{ocsp_port}, 'OK', 'the port for OCSP is reached');
is(call('POST', '/machilink/setup/server/steps/NONE/check'), 404, 'no such step');
is(call('POST', '/machilink/setup/server/exchange', {}), 409, 'no exchange before there is anything');

# ---- the center registers the member ----
my %id = (member_class => 'GOV', member_code => '9000020994015');
center('POST', '/members', { member_id => \%id, member_name => '山里村' });
must('POST', '/system/anchor', center('GET', '/configuration-sources/INTERNAL/anchor/download'), 'application/octet-stream');
$s = Lab::until(30, \&steps, sub { $_[0]{'INITIAL_SETUP/globalconf'} eq 'OK' });
is($s->{"INITIAL_SETUP/$_"}, 'OK', "done: $_") for qw(anchor globalconf);
is(check('ENVIRONMENT')->{clock}, 'OK', "the clock is the center's");
is(check('INITIAL_SETUP')->{sources}, 'OK', 'the source answers');
must('GET', '/machilink/setup/server');
must('POST', '/initialization', { owner_member_class => 'GOV', owner_member_code => $id{member_code}, security_server_code => 'yamazato-ss1',
    software_token_pin => 'Secret1234', ignore_warnings => JSON::PP::true });
$s = steps();
is($s->{'INITIAL_SETUP/identity'}, 'OK', 'initialised');
is(Lab::until(30, \&steps, sub { $_[0]{MEMBER_CODE} eq 'DONE' })->{MEMBER_CODE}, 'DONE', 'the member is known');
must('PUT', '/tokens/0/login', { password => 'Secret1234' }) if $s->{'INITIAL_SETUP/token'} ne 'OK';
my ($tsa) = @{ must('GET', '/timestamping-services') };
must('POST', '/system/timestamping-services', $tsa);
is(check('INITIAL_SETUP')->{state}, 'DONE', 'the initial set-up is done, with a time stamp that verifies') or diag($text);

# ---- keys and certificates ----
my ($ca) = @{ must('GET', '/certificate-authorities?key_usage_type=SIGNING') };
my $owner = "LAB:GOV:$id{member_code}";
my $self = "$owner:yamazato-ss1";
my %csr;
for my $usage (qw(SIGNING AUTHENTICATION)) {
  my $fields = must('GET', '/certificate-authorities/' . ($ca->{name} =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger) . "/csr-subject-fields?key_usage_type=$usage&member_id=$owner");
  my $made = must('POST', '/tokens/0/keys-with-csrs', { key_label => $usage, csr_generate_request => { key_usage_type => $usage, ca_name => $ca->{name}, csr_format => 'PEM',
        member_id => $owner, subject_field_values => { map { $_->{id} => length($_->{default_value} // '') ? $_->{default_value} : 'x' } @$fields } } });
  call('GET', "/keys/$made->{key}{id}/csrs/$made->{csr_id}?csr_format=PEM");
  $csr{$usage} = $text;
  is(steps()->{'CSR/' . ($usage eq 'SIGNING' ? 'sign_key' : 'auth_key')}, 'OK', "$usage: key and request");
}
is(steps()->{CSR}, 'DONE', 'requests are made');
is(steps()->{CERTIFICATES}, 'TODO', 'certificates are to come');
my %pem;
for my $usage (qw(SIGNING AUTHENTICATION)) {
  $pem{$usage} = center('POST', '/machilink/certificates', { csr => $csr{$usage}, usage => $usage, $usage eq 'SIGNING' ? (member_id => $owner) : (security_server_id => $self) })->{certificate};
  must('POST', '/token-certificates', $pem{$usage}, 'application/octet-stream');
}
$s = Lab::until(20, \&steps, sub { $_[0]{'CERTIFICATES/sign_cert'} eq 'OK' });
is($s->{'CERTIFICATES/sign_cert'}, 'OK', 'the signing certificate is good');
is($s->{'CERTIFICATES/auth_registered'}, 'TODO', 'the other is to be registered');
center('PUT', '/machilink/automatic-approval', { %{ center('GET', '/machilink/automatic-approval') }, map { $_ => JSON::PP::false } keys %{ center('GET', '/machilink/automatic-approval') } });
my ($auth) = map { @{ $_->{certificates} } } grep { $_->{usage} eq 'AUTHENTICATION' } @{ must('GET', '/tokens/0')->{keys} };
must('PUT', "/token-certificates/$auth->{certificate_details}{hash}/register", { address => $address });
is(steps()->{'CERTIFICATES/auth_registered'}, 'WAITING', 'one waits for the center');
is(steps()->{CERTIFICATES} =~ /WAITING|TODO/ ? 1 : 0, 1, 'nothing is wrong');
my ($request) = grep { $_->{security_server_id}{server_code} eq 'yamazato-ss1' } @{ center('GET', '/management-requests?status=WAITING')->{items} };
$http->get("http://$lab->{m}{center}{address}:$port/");
my $steps_of = sub { return { map { $_->{id} => $_->{state}, map { $_->{id} => $_->{state} } @{ $_->{checks} } } @{ center('GET', '/machilink/setup/center')->{steps} } } };
is($steps_of->()->{requests}, 'TODO', 'the center has something to approve');
center('POST', "/management-requests/$request->{id}/approval");
my $c = Lab::until(20, $steps_of, sub { $_[0]{requests} eq 'OK' && $_[0]{published} eq 'OK' });
is_deeply([grep { $c->{$_} !~ /^(DONE|OK)$/ } sort keys %$c], [], 'and is set up itself');
$s = Lab::until(60, \&steps, sub { $_[0]{CERTIFICATES} eq 'DONE' });
is($s->{CERTIFICATES}, 'DONE', 'registered, active and good');

# ---- how information systems connect, and the exchange ----
is($s->{CONNECTION_TYPE}, 'TODO', 'HTTPS without anybody to know');
must('PATCH', "/clients/$owner", { connection_type => 'HTTPS_NO_AUTH' });
is(check('CERTIFICATES')->{message_port}, 'OK', 'the port for messages is reached');
is(steps()->{CONNECTION_TYPE}, 'DONE', 'another type needs nothing');
is(call('POST', '/machilink/setup/server/exchange', { target_client_id => "$owner:nothing" }), 409, 'a service that is not there');
like(code(), qr/unknown_member/, 'who refused, and why');
must('GET', '/machilink/setup/state');
ok(!$answer->{finished_at}, 'it is not done');
my $r = Lab::until(60, sub { call('POST', '/machilink/setup/server/exchange', {}); return $status }, sub { $_[0] == 200 });
is($r, 200, 'a signed exchange with the management services') or diag($text);
like($answer->{request_id}, qr/^[0-9a-f-]{36}$/, 'has a number');
is(check('CONNECTIVITY')->{state}, 'DONE', 'the last step');
must('GET', '/machilink/setup/state');
ok($answer->{finished_at} && $answer->{elapsed_seconds} < 600, "all in $answer->{elapsed_seconds} s");
must('GET', '/machilink/audit?limit=500');
my %event = map { $_->{event} => 1 } @{ $answer->{items} };
ok($event{$_}, "audit: $_") for 'Set up first administrator', 'Log in user', 'Initialize anchor', 'Initialize server configuration', 'Generate key and CSR',
  'Import certificate from file', 'Register authentication certificate', 'Test exchange';
ok(index($json->encode($answer), $_) < 0, 'no secret in the audit') for 'Secret1234', $first{password}, $second;
is($lab->stop('fresh'), 0, 'it ends cleanly');
unlike(Lab::slurp("$dir/output"), qr/Sanitizer|runtime error/, 'no complaint of a sanitizer');
ok($lab->start('fresh'), 'started again');
is(scalar(() = Lab::slurp("$dir/output") =~ /one-time token/g), 1, 'no token any more');
done_testing();
