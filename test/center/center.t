#!/usr/bin/perl
# The center as an operator meets it: one process, its doors, OpenSSL as judge,
# killed hard and started again.
use strict;
use warnings;
use Fcntl qw(F_SETFD);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/..";
use IO::Socket::INET;
use JSON::PP;
use MIME::Base64;
use POSIX qw(:sys_wait_h);
use Port qw(free_port);
use Test::More;

my $bin = $ENV{MACHILINK} // 'build/release/machilink';
plan skip_all => "$bin is not built" unless -x $bin;

my $dir = tempdir(CLEANUP => 1);
my $instance = 'BOX';
my (%port, $pid, $key);

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

sub serve {
	my ($name) = @_;
	pipe my $r, my $w or die "pipe: $!\n";
	fcntl $w, F_SETFD, 0;
	my $child = fork // die "fork: $!\n";
	if (!$child) {
		open STDERR, '>>', "$dir/$name.log" or die;
		exec $bin, 'serve', '--config', "$dir/$name.ini", '--ready-fd',
			fileno $w;
		die "$bin: $!\n";
	}
	close $w;
	my $line = <$r>;
	ok(($line // '') eq "ready\n", "$name is ready")
		or BAIL_OUT(slurp("$dir/$name.log"));
	return $child;
}

sub start { $pid = serve('center') }

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

$port{$_} = free_port('127.0.0.1') for qw(http https reg mgmt admin dead);
spew('pin', "Secret-1234\n");
my $config = <<"END";
[machilink]
roles = center, dashboard
data-dir = $dir/data
[signer]
autologin-file = $dir/pin
[center]
listen-address = 127.0.0.1
public-address = 127.0.0.1
http-port = $port{http}
https-port = $port{https}
registration-port = $port{reg}
management-port = $port{mgmt}
[proxy-ui-api]
listen-address = 127.0.0.1
listen-port = $port{admin}
END
spew('center.ini', $config);

# A door's own key and certificate, near its end.
sub ending {
	my ($name) = @_;
	run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days',
		5, '-keyout', "$dir/data/$name.key", '-out',
		"$dir/data/$name.crt", '-subj', "/CN=$name", '-addext',
		'subjectAltName=IP:127.0.0.1');
	chmod 0600, "$dir/data/$name.key";
}

# How often its end was told.
sub told {
	my ($name) = @_;
	my @told = slurp("$dir/center.log") =~
		/internal TLS certificate CN=\Q$name\E expires in 5 days/g;
	return scalar @told;
}

mkdir "$dir/data", 0700;
ending('global-conf');
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
for (1 .. 1200) {
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

# over https too: the configuration alone, and anchors name both doors
my $tls = "$dir/data/global-conf.crt";
my $secure = "https://127.0.0.1:$port{https}";
my @get = ('curl', '-s', '-o', '/dev/null', '-w', '%{http_code}');
is((run(@get, '--cacert', $tls, "$secure/internalconf?version=6"))[0], 200,
	'https, verified');
isnt((run(@get, "$secure/internalconf?version=6"))[1], 0,
	'https: nobody else vouches for it');
is((run(@get, '--cacert', $tls, "$secure/ocsp/x"))[0], 404,
	'https: the configuration alone');
is_deeply([slurp("$dir/anchor.xml") =~ m{<downloadURL>(.*?)</downloadURL>}g],
	["http://127.0.0.1:$port{http}/internalconf", "$secure/internalconf"],
	'the anchor: http, then https');

# Those who cannot reach the http door take the same over https.
sub wait_for {
	my ($what) = @_;
	for (1 .. 1200) {
		return 1 if $what->();
		select undef, undef, undef, 0.05;
	}
	return 0;
}

sub taker {
	my ($name, $ca, $role, $more) = @_;
	mkdir "$dir/$name";
	spew("$name.ini", "[machilink]\nroles = $role\n"
		. "data-dir = $dir/$name\n[signer]\n"
		. "autologin-file = $dir/pin\n[configuration-client]\n"
		. "update-interval = 1\nglobal-conf-tls-ca-file = $ca\n$more");
	return "$dir/$name.ini";
}

my $far = slurp("$dir/anchor.xml");
$far =~ s{http://127\.0\.0\.1:$port{http}/}{http://127.0.0.1:$port{dead}/};
spew('far.xml', $far);
for (['proxy', $tls, 1], ['wary-proxy', "$dir/ca.pem", 0]) {
	my ($name, $ca, $good) = @$_;
	my $at = free_port('127.0.0.1');
	my @conf = ('--config', taker($name, $ca, 'configuration-proxy',
		"[configuration-proxy]\nlisten-address = 127.0.0.1\n"
		. "listen-port = $at\n"));
	judge("$name: made", qr//, $bin, 'conf', 'proxy', 'create', 'p',
		'--anchor', "$dir/far.xml", @conf);
	judge("$name: a key", qr//, 'sh', '-c', 'exec "$@" < "$0"', "$dir/pin",
		$bin, 'conf', 'proxy', 'add-key', 'p', @conf);
	my $child = serve($name);
	my $is = sub { (run(@get, "http://127.0.0.1:$at/p/conf?version=6"))[0] };
	ok(wait_for(sub { $good ? $is->() == 200
		: slurp("$dir/$name.log") =~ /nothing new is published/ }),
		"$name: " . ($good ? 'published' : 'says why'))
		or diag(slurp("$dir/$name.log"));
	is($is->(), $good ? 200 : 404, "$name: takes what is verified alone");
	kill 'TERM', $child;
	waitpid $child, 0;
}

for (['town', $tls, 1], ['wary-town', "$dir/ca.pem", 0]) {
	my ($name, $ca, $good) = @$_;
	my $at = 'listen-address = 127.0.0.1';
	taker($name, $ca, 'security-server', "[proxy]\n"
		. "connector-host = 127.0.0.1\nserver-$at\n"
		. "ocsp-responder-$at\n" . join('', map { "$_ = "
		. free_port('127.0.0.1') . "\n" } qw(client-http-port client-https-port
		server-port server-listen-port ocsp-responder-port)));
	spew("$name/configuration-anchor.xml", $far);
	my $child = serve($name);
	my $has = sub { -s "$dir/$name/globalconf/$instance/shared-params.xml" };
	ok(wait_for(sub { $good ? $has->()
		: slurp("$dir/$name.log") =~ /is not trusted/ }),
		"$name: " . ($good ? 'has the configuration' : 'says why'))
		or diag(slurp("$dir/$name.log"));
	is(!!$has->(), !!$good, "$name: takes what is verified alone");
	kill 'TERM', $child;
	waitpid $child, 0;
}

# the end of certificates
ok(wait_for(sub { told('global-conf') }), 'the end of a certificate is told')
	or diag(slurp("$dir/center.log"));
my @watched = @{api_is('GET', '/machilink/watched-certificates', undef,
	200)->{list}};
my %kinds = map { $_->{kind} => 1 } @watched;
is(join(' ', sort keys %kinds), 'certification_authority configuration_source '
	. 'internal_tls ocsp_responder timestamping_authority', 'all kinds');
is_deeply([map { "$_->{subject} $_->{days_left}" } grep { $_->{warning} }
	@watched], ['CN=global-conf 5'], 'one of them is near its end');

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
ending('management');
start();
is(fetch('/internalconf?version=6', 'gc6'), 200, 'served at once');
judge('OCSP: revoked, after the kill', qr/sign\.pem: revoked/, @ocsp);
cmp_ok(stamp(), '>', $last, 'no serial number twice');
api_is('GET', "/members/$instance:GOV:131", undef, 200);

# the round after the kill has told what is new, and that alone
ok(wait_for(sub { told('management') }), 'a certificate of before the start');
is(told('global-conf'), 1, 'nothing is told twice');

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
