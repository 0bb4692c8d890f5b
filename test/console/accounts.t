#!/usr/bin/perl
# People who administer a machine: accounts, passwords, second factors and
# recovery codes, lock-out, sessions, API keys that end. curl is the client.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha1);
use FindBin;
use lib $FindBin::Bin;
use Console;
use JSON::PP;
use MIME::Base64;
use POSIX ();
use Test::More;
use Time::HiRes qw(time);
use utf8;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

prepare('127.55.1.2', qw(curl sqlite3));
my $clock = "$dir/clock";
my $offset = 0;

sub config {
  return spew("$dir/machilink.ini", "[machilink]\nroles = dashboard\ndata-dir = $dir/data\nlanguage = en\naddress = $ip\ntest-clock = true\n"
      . "[proxy-ui-api]\nlisten-address = $ip\nlisten-port = $port\nrate-limit-requests-per-second = 0\nrate-limit-requests-per-minute = 0\n" . ($_[0] // ''));
}
$ini = config();
spew($clock, "0\n");
$ENV{MACHILINK_CLOCK_FILE} = $clock;
sub clock_to { $offset = $_[0]; spew($clock, "$offset\n"); }

sub code { return $answer->{error}{code} // '' }
sub enc { my ($t) = @_; utf8::encode($t); $t =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge; return $t; }
sub sign_in {
  my ($name, $pw, $second) = @_;
  call('POST', '/login', 'Content-Type' => 'application/x-www-form-urlencoded', Origin => $base,
    body => 'username=' . enc($name) . '&password=' . enc($pw) . (defined $second ? '&code=' . enc($second) : ''));
  return { map { /^([^=]+)=([^;]*)/ ? ($1 => $2) : () } @cookies };
}
sub as { my ($c) = @_; return (Cookie => join('; ', map { "$_=$c->{$_}" } sort keys %$c), 'X-XSRF-TOKEN' => $c->{'XSRF-TOKEN'} // ''); }
my $v = '/api/v1/machilink';
sub totp {
  my ($secret, $steps, $at) = @_;
  my %n; @n{ 'A' .. 'Z', 2 .. 7 } = 0 .. 31;
  my $bits = join '', map { sprintf '%05b', $n{$_} } split //, $secret;
  my $mac = hmac_sha1(pack('Q>', int(($at // time() + $offset) / 30) + ($steps // 0)), pack('B*', substr($bits, 0, 8 * int(length($bits) / 8))));
  return sprintf '%06d', (unpack('N', substr($mac, ord(substr $mac, 19) & 15, 4)) & 0x7fffffff) % 1000000;
}
my ($password, $second) = ('correct horse battery', 'staple wagon river ');
my ($SYS, $OBS, $SO) = qw(XROAD_SYSTEM_ADMINISTRATOR XROAD_SECURITYSERVER_OBSERVER XROAD_SECURITY_OFFICER);
my ($rc, $out) = run("$password\n", $bin, 'user', 'add', 'admin', '--config', $ini);
is($rc, 0, 'the command line makes the first account') or diag($out);
start();

# ---- accounts ----
my $admin = sign_in('admin', $password);
is($status, 200, 'signed in');
is(call('GET', "$v/users", as($admin)), 200, 'the list');
is_deeply([map { $_->{name} } @{ $answer->{items} }], ['admin'], 'has one');
is($answer->{password_policy}{min_length}, 12, 'and says what a password must be');
ok(defined $answer->{items}[0]{last_sign_in_at}, 'last sign-in is known');
is(call('DELETE', "$v/users/admin", as($admin)), 409, 'the last administrator cannot go');
is(code(), 'last_administrator', 'is said');
is(call('PATCH', "$v/users/admin", as($admin), body => { disabled => JSON::PP::true }), 409, 'nor be disabled');
is(call('PATCH', "$v/users/admin", as($admin), body => { roles => [$OBS] }), 409, 'nor lose the role');
for my $weak ('short', 'password12345', 'aaaaaaaaaaaaaa', 'hanako is my name') {
  is(call('POST', "$v/users", as($admin), body => { name => 'hanako', password => $weak, roles => [$OBS] }), 400, "the password $weak");
  is(code(), 'password_weak', 'is weak');
}
is(call('POST', "$v/users", as($admin), body => { name => 'hanako', password => $second, roles => ['KING'] }), 400, 'a role that is none');
is(call('POST', "$v/users", as($admin), body => { name => 'a:b', password => $second, roles => [$OBS] }), 400, 'a name that is none');
is(call('POST', "$v/users", as($admin), body => { name => '花子', display_name => '<b>山田 花子</b>', password => $second, roles => [$OBS] }), 201, 'an account is made')
  or diag($text);
is($answer->{display_name}, '<b>山田 花子</b>', 'names are kept as they are');
is($answer->{password_change_due}, JSON::PP::true, 'its password is to be changed');
is(call('POST', "$v/users", as($admin), body => { name => '花子', password => $second, roles => [$OBS] }), 409, 'the same name again');
my $hana = sign_in('花子', $second);
is($status, 200, 'who signs in, spaces at the end of the password and all');
is(call('GET', "$v/me", as($hana)), 200, 'sees the own account');
is($answer->{due}, 'PASSWORD', 'is told what is due');
is(call('GET', '/api/v1/api-keys', as($hana)), 403, 'may do nothing else');
is(code(), 'password_change_due', 'and is told why');
is(call('PUT', "$v/me/password", as($hana), body => { old_password => 'wrong', new_password => 'umbrella night train' }), 400, 'a wrong old password');
is(code(), 'password_wrong', 'is said');
is(call('PUT', "$v/me/password", as($hana), body => { old_password => $second, new_password => $second }), 400, 'the same again is refused');
my $hana2 = sign_in('花子', $second);
is(call('PUT', "$v/me/password", as($hana), body => { old_password => $second, new_password => 'umbrella night train' }), 204, 'another');
is(call('GET', '/api/v1/api-keys', as($hana)), 200, 'and everything else works, in the same session');
is(call('GET', '/api/v1/user', as($hana2)), 401, 'other sessions have ended');
is(call('GET', "$v/users", as($hana)), 403, 'an observer does not manage people');
is(call('POST', "$v/users", as($hana), body => { name => 'x', password => $second, roles => [$SYS] }), 403, 'nor makes herself more');
is(call('PATCH', "$v/users/" . enc('花子'), as($admin), body => { roles => [$SYS, $SO] }), 200, 'other roles');
call('GET', '/api/v1/user/roles', as($hana));
is_deeply([sort @$answer], [sort $SYS, $SO], 'count at once');
is(call('PATCH', "$v/users/admin", as($hana), body => { roles => [$SO] }), 200, 'now the first may lose the role');
is(call('PATCH', "$v/users/admin", as($hana), body => { roles => [$SYS] }), 200, 'and get it again');
is(call('PATCH', "$v/users/" . enc('花子'), as($admin), body => { disabled => JSON::PP::true }), 200, 'disabled');
is(call('GET', '/api/v1/user', as($hana)), 401, 'ends the session');
sign_in('花子', 'umbrella night train');
is($status, 401, 'and does not sign in');
like($answer->{error}{message}, qr/disabled/, 'who knows the password is told why');
is($answer->{error}{code}, 'account_disabled', 'with a code of its own');
sign_in('花子', 'wrong password 9');
like($answer->{error}{message}, qr/name or the password is wrong/, 'others are not');
call('PATCH', "$v/users/" . enc('花子'), as($admin), body => { disabled => JSON::PP::false });
is(call('PUT', "$v/users/" . enc('花子') . '/password', as($admin), body => { password => 'forgotten and found 5' }), 204, 'an administrator sets a password');
$hana = sign_in('花子', 'forgotten and found 5');
call('GET', "$v/me", as($hana));
is($answer->{due}, 'PASSWORD', 'which is to be changed');
is(call('DELETE', "$v/users/" . enc('花子'), as($admin)), 204, 'removed');
is(call('GET', '/api/v1/user', as($hana)), 401, 'with the session');
is(call('DELETE', "$v/users/" . enc('花子'), as($admin)), 404, 'once');

# ---- stored passwords: strong, and made stronger at sign-in ----
my ($stored) = sql("SELECT password FROM account WHERE name = 'admin'")->[0]{password} =~ /^pbkdf2-sha512\$(\d+)\$/;
cmp_ok($stored, '>=', 210000, 'rounds of PBKDF2-HMAC-SHA-512');

# ---- second factor ----
is(call('POST', "$v/me/second-factor", as($admin), body => { password => 'wrong' }), 400, 'a stolen session sets up nothing');
is(call('POST', "$v/me/second-factor", as($admin), body => { password => $password }), 200, 'offered');
my $secret = $answer->{secret};
like($secret, qr/^[A-Z2-7]{32}$/, '160 bits');
is($answer->{uri}, "otpauth://totp/machilink%20$ip:admin?secret=$secret&issuer=machilink%20$ip&algorithm=SHA1&digits=6&period=30", 'for authenticators');
is(call('GET', "$v/me", as($admin)), 200, 'not yet');
is($answer->{second_factor}, JSON::PP::false, 'in force');
is(call('PUT', "$v/me/second-factor", as($admin), body => { code => '000000' }), 400, 'a wrong code confirms nothing');
is(call('PUT', "$v/me/second-factor", as($admin), body => { code => (my $confirming = totp($secret)) }), 200, 'the right one does');
my @recovery = @{ $answer->{recovery_codes} };
is(scalar @recovery, 10, 'ten recovery codes');
like($recovery[0], qr/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/, 'of 80 bits');
my $kept = slurp("$dir/data/console.db") . slurp("$dir/data/console.db-wal");
ok(index($kept, $_) < 0, 'no seed or code in the database') for $secret, $recovery[0], $recovery[0] =~ tr/-//dr;
is((stat "$dir/data/accounts.key")[2] & 07777, 0600, 'the key of the seeds is private');
sign_in('admin', $password);
is($status, 401, 'the password alone is not enough');
is(code(), 'second_factor_needed', 'is said');
sign_in('admin', 'wrong', totp($secret, 1));
is(code(), 'unauthorized', 'a code without the password says nothing');
is(call('GET', '/api/v1/user', Authorization => 'Basic ' . encode_base64("admin:$password", '')), 401, 'Basic is refused');
is(call('GET', '/api/v1/user', Authorization => 'Basic ' . encode_base64('admin:guessed', '')), 401, 'a wrong password, too');
sign_in('admin', $password, $confirming);
is(code(), 'second_factor_wrong', 'the code that confirmed is used');
clock_to($offset + 60);
my ($once, $in);
my $then = time() + $offset;
for (1 .. 9) { $then = time() + $offset; last if ($in = sign_in('admin', $password, $once = totp($secret, 0, $then))) && $status == 200; }
is($status, 200, 'a new one signs in');
sign_in('admin', $password, $once);
is($status, 401, 'once');
sign_in('admin', $password, totp($secret, -1, $then));
is($status, 401, 'the one before it does not count any more');
sign_in('admin', $password, totp($secret, 1));
is($status, 200, 'a clock 30 s ahead is fine');
sign_in('admin', $password, totp($secret, 6));
is($status, 401, '180 s are too much');
sign_in('admin', $password, lc $recovery[0]);
is($status, 200, 'a recovery code signs in') or diag($text);
sign_in('admin', $password, $recovery[0]);
is($status, 401, 'once');
call('GET', "$v/me", as($in));
is($answer->{recovery_codes_left}, 9, 'nine are left');
is(call('POST', "$v/me/second-factor/recovery-codes", as($in), body => { password => $password }), 200, 'new ones');
my $fresh = $answer->{recovery_codes}[0];
sign_in('admin', $password, $recovery[1]);
is($status, 401, 'end the old ones');
is(call('POST', "$v/me/second-factor", as($in), body => { password => $password }), 409, 'a second seed: remove the first');
is(call('POST', "$v/users", as($in), body => { name => 'second', password => $second, roles => [$SYS], password_change_due => JSON::PP::false }), 201, 'a second administrator');
my $other = sign_in('second', $second);
is(call('DELETE', "$v/users/admin/second-factor", as($other)), 204, 'removes the factor of who lost the device');
is(call('GET', '/api/v1/user', as($in)), 401, 'whose sessions end');
$in = sign_in('admin', $password);
is($status, 200, 'and the password is enough');

# ---- sessions ----
$agent = 'Lynx/<script>';
my $far = sign_in('admin', $password);
undef $agent;
is(call('GET', "$v/me/sessions", as($in)), 200, 'own sessions');
is(scalar(grep { $_->{current} } @{ $answer->{items} }), 1, 'this one is marked');
is($answer->{items}[0]{browser}, 'Lynx/<script>', 'the browser is named');
ok(!grep({ index($text, $_) >= 0 } values %$far), 'no token is shown');
my $number = $answer->{items}[0]{id};
is(call('DELETE', "$v/me/sessions/$number", as($other)), 404, 'not by another person');
is(call('DELETE', "$v/me/sessions/$number", as($in)), 204, 'ended');
is(call('GET', '/api/v1/user', as($far)), 401, 'it is');
$far = sign_in('admin', $password);
is(call('DELETE', "$v/me/sessions", as($in)), 204, 'all others');
is(call('GET', '/api/v1/user', as($far)), 401, 'have ended');
is(call('GET', '/api/v1/user', as($in)), 200, 'but this one');
is(call('GET', "$v/sessions", as($other)), 200, 'an administrator sees all');
my ($theirs) = grep { $_->{user} eq 'admin' } @{ $answer->{items} };
is(call('DELETE', "$v/sessions/$theirs->{id}", as($other)), 204, 'and ends one');
is(call('GET', '/api/v1/user', as($in)), 401, 'of somebody else');

# ---- API keys that end ----
is(call('POST', "$v/api-keys", as($other), body => { name => 'nightly', roles => [$SYS], expires_at => '2020-01-01T00:00:00Z' }), 400, 'a key that has ended already');
my $ends = POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time() + $offset + 3600));
is(call('POST', "$v/api-keys", as($other), body => { name => 'nightly', roles => [$SYS], expires_at => $ends }), 201, 'a key for an hour') or diag($text);
my ($hour, $id) = @$answer{qw(key id)};
is($answer->{expires_at}, $ends, 'as was said');
is(call('GET', '/api/v1/user', key($hour)), 200, 'works');
call('GET', "$v/api-keys", as($other));
my ($row) = grep { $_->{id} == $id } @{$answer};
is_deeply([@$row{qw(name made_by)}], ['nightly', 'second'], 'is listed with its purpose and maker');
ok(defined $row->{last_used_at} && !exists $row->{key}, 'and its last use, not itself');
call('GET', "/api/v1/api-keys/$id", as($other));
is_deeply($answer, { id => $id, roles => [$SYS] }, "X-Road's call shows what X-Road's does");
is(call('GET', "$v/me", key($hour)), 409, 'a key has no account');
clock_to($offset + 3601);
my $until = time() + 5; # the service reads the file of the clock once a second
1 while call('GET', '/api/v1/user', key($hour)) == 200 && time() < $until;
is($status, 401, 'after its end it does not');
is(call('PATCH', "$v/api-keys/$id", as($other), body => { expires_at => '' }), 200, 'an administrator takes the end away');
is(call('GET', '/api/v1/user', key($hour)), 200, 'and it works again');

# ---- the audit: found, exported, checked, not to be changed ----
is(call('GET', "$v/audit?limit=500", as($other)), 200, 'the audit');
my @rows = @{ $answer->{items} };
is($answer->{paging_metadata}{total_items}, scalar @rows, 'all of it');
my $act = sub { my ($event, %w) = @_; return grep { my $x = $_; $x->{event} eq $event && !grep { $x->{$_} ne $w{$_} } keys %w } @rows };
ok($act->(@$_), "$_->[0]: " . ($_->[2] // '')) for ['Log in user', outcome => 'SUCCESS', user => 'admin'], ['Log in user', outcome => 'FAILURE', user => 'admin'],
  ['Add user', user => 'command line', target => 'admin'], ['Add user', user => 'admin', status => 201], ['Add user', status => 409],
  ['Edit user', outcome => 'FAILURE', status => 409], ['Delete user', status => 204], ['Change own password', user => '花子', status => 204],
  ['Set up second factor', status => 200], ['End own session', status => 204], ['API key create', user => 'second', status => 201];
is((grep { $_->{status} == 401 && $_->{target} eq '/api/v1/user' && $_->{user} eq 'admin' && $_->{detail}{error} eq 'unauthorized' } @rows), 1, 'a guess by Basic');
my ($added) = $act->('Add user', status => 201);
is_deeply($added->{detail}, { name => 'second', roles => [$SYS], password_change_due => JSON::PP::false }, 'what was added, without the password');
like($added->{address}, qr/^127\./, 'from where');
call('GET', "$v/audit?event=Add%20user&outcome=FAILURE&limit=1&offset=0", as($other));
is_deeply([scalar @{ $answer->{items} }, $answer->{items}[0]{status} >= 400], [1, 1 == 1], 'a page of what was looked for');
cmp_ok($answer->{paging_metadata}{total_items}, '>', 1, 'of how many');
call('GET', "$v/audit?text=" . enc('山田'), as($other));
is(scalar @{ $answer->{items} }, 1, 'a text is found in what was done');
is(call('GET', "$v/audit?from=yesterday", as($other)), 400, 'a time that is none');
is(call('GET', "$v/audit?limit=100000", as($other)), 400, 'a page that is too large');
is(call('GET', "$v/audit/events", as($other)), 200, 'what can be asked for');
ok((grep { $_ eq 'Add user' } @{ $answer->{items} }) && !grep({ $_ eq '' } @{ $answer->{items} }), 'the acts that there were');
call('GET', "$v/audit/export?format=csv&bom=true", as($other));
is($status, 200, 'as CSV');
like($text, qr/^\xef\xbb\xbfid,time,user,/, 'with a mark for spreadsheets');
is(scalar(() = $text =~ /\r\n/g), @rows + 1, 'every row');
call('GET', "$v/audit/export?format=json&event=Add%20user", as($other));
is(scalar @$answer, scalar $act->('Add user'), 'as JSON, filtered');
is(call('GET', "$v/audit/export?format=xml", as($other)), 400, 'in no other form');
for my $way (qw(POST PUT PATCH DELETE)) { is(call($way, "$v/audit", as($other), body => {}), 405, "$way: the audit is not changed"); }
call('GET', "$v/audit/verification", as($other));
ok($answer->{intact} && $answer->{rows} >= @rows, 'intact');
my $head = "$answer->{head}:$answer->{head_hash}";
($rc, $out) = run('', $bin, 'audit', 'verify', '--config', $ini, '--head', $head);
is($rc, 0, 'audit verify') or diag($out);
ok(index($json->encode(\@rows) . $out, $_) < 0, 'no secret in it') for $password, $second, $secret, $fresh, $hour;
($rc, $out) = run('', 'sqlite3', "$dir/data/console.db", "UPDATE audit SET who = 'x' WHERE id = 3");
isnt($rc, 0, 'not even the database changes a row');
like($out, qr/only added to/, 'is said');
run('', 'sqlite3', "$dir/data/console.db", ".backup $dir/copy.db");
mkdir "$dir/forged";
for my $forgery ("UPDATE audit SET who = 'x' WHERE id = 3", 'DELETE FROM audit WHERE id = 3', 'DELETE FROM audit WHERE id > 9') {
  run('', 'cp', "$dir/copy.db", "$dir/forged/console.db");
  run('', 'sqlite3', "$dir/forged/console.db", "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; $forgery");
  spew("$dir/forged.ini", "[machilink]\nroles = dashboard\ndata-dir = $dir/forged\n");
  ($rc, $out) = run('', $bin, 'audit', 'verify', '--config', "$dir/forged.ini", '--head', $head);
  is($rc, 1, "$forgery: is noticed") or diag($out);
}

# ---- lock-out: a name, from many addresses ----
my %seen;
for my $n (1 .. 41) {
  $peer = '127.55.1.' . (10 + int($n / 15));
  sign_in('second', "wrong password $n");
  $seen{$status}++;
}
is_deeply(\%seen, { 401 => 40, 429 => 1 }, 'forty wrong ones, then the name waits') or diag(explain \%seen);
is(code(), 'account_locked', 'is said');
like($answer->{error}{message}, qr/wait \d+ seconds/, 'for how long');
sign_in('second', $second);
is($status, 429, 'the right one waits too');
undef $peer;
is(call('GET', '/api/v1/user', as($other)), 200, 'who is signed in goes on');
# answers of both kinds take as long: the quickest of some, because whatever
# else the machine does only adds
my %took;
for my $n (1 .. 5) {
  for my $name ('admin', "nobody$n") {
    $peer = "127.55.1.3$n";
    my $t = time;
    sign_in($name, 'wrong');
    push @{ $took{ $name =~ s/\d//r } }, time - $t;
  }
}
my %least = map { $_ => (sort { $a <=> $b } @{ $took{$_} })[0] } keys %took;
cmp_ok(abs($least{admin} - $least{nobody}), '<', 0.5 * $least{admin}, 'no name is told by time') or diag(explain \%took);
undef $peer;
stop();

# ---- limits of sessions, and a factor for everybody ----
$ini = config("session-idle-timeout = 60\nsecond-factor-required = true\ntrusted-proxies = 127.55.1.9\n");
start();
$in = sign_in('admin', $password);
is(call('GET', "$v/users", as($in)), 403, 'without a factor nothing else');
is(code(), 'second_factor_due', 'is said');
call('GET', "$v/me", as($in));
is($answer->{due}, 'SECOND_FACTOR', 'what is due');
is($answer->{session_idle_seconds}, 60, 'the limit is told');
call('POST', "$v/me/second-factor", as($in), body => { password => $password });
is(call('PUT', "$v/me/second-factor", as($in), body => { code => totp($answer->{secret}) }), 200, 'set up');
is(call('GET', "$v/users", as($in)), 200, 'and everything works');
($rc, $out) = run("$password\n", $bin, 'user', 'add', 'admin', '--config', $ini);
is(call('GET', "$v/me", as($in)), 401, 'the command line makes the account anew');
sign_in('admin', $password);
is($status, 200, 'without the factor that was lost');

# ---- behind a reverse proxy: who is there, and by which name ----
{
  my %by = ('X-Forwarded-For' => '192.0.2.66, 192.0.2.7', 'X-Forwarded-Host' => 'town.example', Origin => 'https://town.example');
  my $form = 'username=admin&password=' . enc($password);
  my @form = ('Content-Type' => 'application/x-www-form-urlencoded', %by);
  my $here = sub { call('GET', "$v/me/sessions", as($_[0])); return (grep { $_->{current} } @{ $answer->{items} })[0]{address} // $text };
  $peer = '127.55.1.9';
  is(call('POST', '/login', @form, body => $form), 200, 'a known proxy: signed in under its name') or diag($text);
  is($here->({ map { /^([^=]+)=([^;]*)/ ? ($1 => $2) : () } @cookies }), '192.0.2.7', 'the session is of who stands behind it');
  $peer = '127.55.1.8';
  is(call('POST', '/login', @form, body => $form), 403, 'nobody else can claim another name');
  my $plain = sign_in('admin', $password);
  is(call('GET', '/api/v1/user', as($plain), %by), 200, 'or another address,');
  is($here->($plain), '127.55.1.8', 'which is not believed');
  undef $peer;
}
stop();
my $log = slurp("$dir/log");
unlike($log, qr/Sanitizer|runtime error/, 'no complaint of a sanitizer');
ok(index($log, $_) < 0, 'no secret in the log') for $password, $second, $secret, $fresh;
done_testing();
