#!/usr/bin/perl
# The center as an operator meets it: one process, its doors, OpenSSL as judge,
# killed hard and started again.
use strict;
use warnings;
use Fcntl qw(F_SETFD);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use JSON::PP;
use MIME::Base64;
use POSIX qw(:sys_wait_h);
use Test::More;

my $bin = $ENV{MACHILINK} // 'build/release/machilink';
plan skip_all => "$bin is not built" unless -x $bin;

my $dir = tempdir(CLEANUP => 1);
my $instance = 'BOX';
my (%port, $pid, $key);

sub free_port {
	my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')
		or die "no port: $!\n";
	return $s->sockport;
}

sub spew {
	my ($name, $text) = @_;
	open my $f, '>', "$dir/$name" or die "$dir/$name: $!\n";
	print $f $text;
	close $f or die "$dir/$name: $!\n";
	return "$dir/$name";
}

sub slurp {
	open my $f, '<', $_[0] or return '';
	local $/;
	return <$f>;
}

sub run {
	open my $p, '-|', 'sh', '-c', 'exec "$@" 2>/dev/null', 'sh', @_
		or die "$_[0]: $!\n";
	local $/;
	my $out = <$p> // '';
	close $p;
	return ($out, $? >> 8);
}

# Standard error included.
sub all_of { return run('sh', '-c', 'exec "$@" 2>&1', 'sh', @_) }

# OpenSSL and friends: exit 0 and the text in what they say.
sub judge {
	my ($what, $want, @argv) = @_;
	my ($out, $code) = all_of(@argv);
	ok($code == 0 && $out =~ $want, $what) or diag("$code: $out");
}

sub start {
	pipe my $r, my $w or die "pipe: $!\n";
	fcntl $w, F_SETFD, 0;
	$pid = fork // die "fork: $!\n";
	if (!$pid) {
		open STDERR, '>>', "$dir/log" or die;
		exec $bin, 'serve', '--config', "$dir/center.ini", '--ready-fd',
			fileno $w;
		die "$bin: $!\n";
	}
	close $w;
	my $line = <$r>;
	ok(($line // '') eq "ready\n", 'it is ready')
		or BAIL_OUT(slurp("$dir/log"));
}

my ($status, $answer);

sub api {
	my ($method, $path, $body) = @_;
	my @data = defined $body
		? ('-H', 'Content-Type: application/json', '-d', encode_json($body))
		: ();
	my ($out) = run('curl', '-sk', '-X', $method, '-o', "$dir/answer", '-w',
		'%{http_code}', '-H', "Authorization: X-Road-ApiKey token=$key",
		@data, "https://127.0.0.1:$port{admin}/api/v1$path");
	$status = $out;
	$answer = slurp("$dir/answer");
	my $json = eval { decode_json($answer) };
	return ref $json eq 'HASH' ? $json : { list => $json };
}

sub api_is {
	my ($method, $path, $body, $want, $code) = @_;
	my $json = api($method, $path, $body);
	my $got = $json->{error}{code} // '';
	ok($status == $want && (!defined $code || $code eq $got),
		"$method $path: $want " . ($code // ''))
		or diag("$status $answer");
	return $json;
}

sub fetch {
	my ($path, $file) = @_;
	my ($out) = run('curl', '-s', '-o', "$dir/$file", '-w', '%{http_code}',
		"http://127.0.0.1:$port{http}$path");
	return $out;
}

$port{$_} = free_port() for qw(http reg mgmt admin);
spew('pin', "Secret-1234\n");
my $config = <<"END";
[machilink]
roles = center, dashboard
data-dir = $dir/data
[signer]
autologin-file = $dir/pin
[center]
listen-address = 127.0.0.1
http-port = $port{http}
registration-port = $port{reg}
management-port = $port{mgmt}
[proxy-ui-api]
listen-address = 127.0.0.1
listen-port = $port{admin}
END
spew('center.ini', $config);
($key) = run($bin, 'api-key', '--config', "$dir/center.ini");
$key =~ s/\s+//g;
ok($key =~ /^\S{16,}$/, 'an API key') or BAIL_OUT('no key');
start();

# nobody without a key
my ($code) = run('curl', '-sk', '-o', '/dev/null', '-w', '%{http_code}',
	"https://127.0.0.1:$port{admin}/api/v1/clients");
is($code, 401, 'no key, no answer');

# bring-up
api_is('POST', '/initialization', { instance_identifier => $instance,
	central_server_address => '127.0.0.1',
	software_token_pin => 'Secret-1234' }, 200);
api_is('POST', '/member-classes', { code => 'GOV', description => 'Gov' }, 201);
api_is('POST', '/members', { member_id => { member_class => 'GOV',
	member_code => '131' }, member_name => "\x{753a}" }, 201);
api_is('POST', '/subsystems', { subsystem_id => { member_class => 'GOV',
	member_code => '131', subsystem_code => 'Mgmt' } }, 201);
api_is('PATCH', '/management-services-configuration',
	{ service_provider_id => "$instance:GOV:131:Mgmt" }, 200);
my $trust = api_is('POST', '/machilink/trust-services', { name => 'Box' }, 201);
spew('ca.pem', $trust->{ca_certificate});
spew('tsa.pem', $trust->{tsa_certificate});
api_is('POST', '/configuration-sources/INTERNAL/signing-keys',
	{ key_label => 'k', token_id => '0' }, 200);

# the change is published by itself
my $got = 0;
for (1 .. 100) {
	$got = fetch('/internalconf?version=6', 'gc6');
	last if $got == 200;
	select undef, undef, undef, 0.05;
}
is($got, 200, 'published');
like(slurp("$dir/gc6"), qr/SHARED-PARAMETERS; instance=.?$instance/,
	'a directory');
is(fetch('/internalconf?version=7', 'gc7'), 404, 'version 7 is not offered');
api('GET', '/configuration-sources/INTERNAL/anchor/download');
is($status, 200, 'anchor');
spew('anchor.xml', $answer);
judge('the anchor is XML', qr//, 'xmllint', '--noout', "$dir/anchor.xml");

judge('conf verify accepts it', qr/./, $bin, 'conf', 'verify', '--anchor',
	"$dir/anchor.xml");
my $broken = slurp("$dir/anchor.xml");
$broken =~ s{(<verificationCert>).*?(</verificationCert>)}
	{$1 . encode_base64('another key', '') . $2}es;
spew('broken.xml', $broken);
my (undef, $no) = all_of($bin, 'conf', 'verify', '--anchor', "$dir/broken.xml");
ok($no != 0, 'conf verify refuses an unknown key');

# certificates
run('openssl', 'req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout',
	"$dir/sign.key", '-out', "$dir/sign.csr", '-subj',
	'/C=JP/O=Town/businessCategory=GOV/serialNumber=131/CN=Town');
my $cert = api_is('POST', '/machilink/certificates',
	{ csr => slurp("$dir/sign.csr"), usage => 'SIGNING',
	member_id => "$instance:GOV:131" }, 201);
spew('sign.pem', $cert->{certificate});
judge('openssl verify', qr/: OK/, 'openssl', 'verify', '-CAfile', "$dir/ca.pem",
	"$dir/sign.pem");
my $url = "http://127.0.0.1:$port{http}";
my @ocsp = ('openssl', 'ocsp', '-issuer', "$dir/ca.pem", '-CAfile',
	"$dir/ca.pem", '-url', "$url/ocsp", '-cert', "$dir/sign.pem");
judge('OCSP: good', qr/sign\.pem: good/, @ocsp);

sub stamp {
	spew('doc', 'evidence');
	run('openssl', 'ts', '-query', '-data', "$dir/doc", '-sha512', '-cert',
		'-out', "$dir/q.tsq");
	run('curl', '-s', '-H', 'Content-Type: application/timestamp-query',
		'--data-binary', "\@$dir/q.tsq", '-o', "$dir/r.tsr", "$url/tsa");
	judge('time stamp', qr/Verification: OK/, 'openssl', 'ts', '-verify',
		'-queryfile', "$dir/q.tsq", '-in', "$dir/r.tsr", '-CAfile',
		"$dir/ca.pem");
	my ($text) = run('openssl', 'ts', '-reply', '-in', "$dir/r.tsr", '-text');
	return $text =~ /Serial number: 0x([0-9A-F]+)/ ? hex $1 : 0;
}
my $serial = stamp();
cmp_ok(stamp(), '>', $serial, 'serial numbers grow');
my $last = $serial + 1;

# junk at the registration door
my ($fault) = run('curl', '-sk', '-i', '-X', 'POST', '-H',
	'Content-Type: text/plain', '-d', 'junk',
	"https://127.0.0.1:$port{reg}/managementservice/");
like($fault, qr{^HTTP/1\.1 500}, 'registration: 500');
like($fault, qr/faultcode/, 'registration: a SOAP fault');
like($fault, qr/no-store/i, 'registration: not kept');

# a second one on the same data directory is refused in one sentence
my ($twice, $exit) = all_of($bin, 'serve', '--config', "$dir/center.ini");
ok($exit != 0 && $twice =~ /data directory/, 'a second process is refused')
	or diag($twice);

# killed hard: everything answered is still there
api_is('POST', "/machilink/certificates/$cert->{serial}/revocation",
	{ reason => 'test' }, 204);
kill 'KILL', $pid;
waitpid $pid, 0;
start();
is(fetch('/internalconf?version=6', 'gc6'), 200, 'served at once');
judge('OCSP: revoked, after the kill', qr/sign\.pem: revoked/, @ocsp);
cmp_ok(stamp(), '>', $last, 'no serial number twice');
api_is('GET', "/members/$instance:GOV:131", undef, 200);

kill 'TERM', $pid;
waitpid $pid, 0;
is($?, 0, 'stops cleanly');

# a port that is taken
my $taken = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1',
	LocalPort => $port{http}, ReuseAddr => 1) or die "port: $!\n";
my ($why, $bad) = all_of($bin, 'serve', '--config', "$dir/center.ini");
ok($bad != 0 && $why =~ /$port{http}/, 'a taken port is named') or diag($why);
done_testing();

END { kill 'KILL', $pid if $pid && kill 0, $pid }
