#!/usr/bin/perl
# The adapter as a machine of its own in the intranet: HTTPS, where only the
# security server may come in, by its internal certificate. Real processes: the
# lab's town serves a service of an adapter elsewhere, the company calls it.
use strict;
use warnings;
use utf8;
use Encode qw(encode);
use Fcntl qw(F_SETFD);
use FindBin;
use lib "$FindBin::Bin/..", "$FindBin::Bin/../lab";
use Port qw(free_port);
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP;
use Lab;
use Test::More;
use Time::HiRes qw(sleep);

binmode $_, ':utf8' for Test::More->builder->output, Test::More->builder->failure_output;
plan skip_all => 'curl or openssl is not installed' if system 'command -v curl >/dev/null 2>&1 && command -v openssl >/dev/null 2>&1';
my $lab = Lab->new(net => '127.53.2', ini => { 'proxy-ui-api' => { tls => 'false' } });
my $json = JSON::PP->new->utf8;
my ($town, $dir, $ip) = ($lab->{m}{town}, "$lab->{dir}/adapter", '127.53.2.9');
my ($pid, $answer);

# ---- the adapter's machine ----
my $port = free_port($ip);
mkdir $dir or die;
sub configure { Lab::spew("$dir/m.ini", "[machilink]\nroles = adapter\ndata-dir = $dir/data\naddress = $ip\nlanguage = en\nlog-file = $dir/log\n[adapter]\n@_\n"); }
sub launch {
  pipe my $r, my $w or die;
  fcntl $w, F_SETFD, 0;
  $pid = fork // die;
  if (!$pid) { open STDERR, '>', "$dir/output" or die; exec $lab->{bin}, 'serve', '--config', "$dir/m.ini", '--ready-fd', fileno $w or exit 127; }
  close $w;
  return 1 if defined(my $word = <$r>);
  waitpid $pid, 0;
  undef $pid;
  return 0;
}
END { if ($pid) { local $?; kill 'TERM', $pid; waitpid $pid, 0; } }
configure("listen-port = 0\ntls-listen-address = $ip\ntls-port = $port");
Lab::spew("$dir/bousai.csv", encode('cp932', "ID,名称,区分\r\n1,防災倉庫,倉庫\r\n2,給水所,水\r\n"));
my ($code, $out) = $lab->run('import', 'open-data', "$dir/bousai.csv", '--config', "$dir/m.ini", '--lang', 'en');
is($code, 0, 'a list is offered there') or diag($out);
ok(!launch(), 'without certificates of callers it does not start');
like(Lab::slurp("$dir/output"), qr/tls-port lets in only security servers whose certificates are in \S+adapter-clients\.pem/, 'and says what is missing');
configure("listen-port = 0");
ok(!launch(), 'without any port neither');
like(Lab::slurp("$dir/output"), qr/both 0/, 'and says so');
configure("listen-port = 0\ntls-listen-address = $ip\ntls-port = $port");
my $internal = Lab::slurp("$town->{dir}/data/internal.crt");
Lab::spew("$dir/data/adapter-clients.pem", "the town's security server\n$internal");
ok(launch(), "with the security server's it does") or BAIL_OUT(Lab::slurp("$dir/output"));

# ---- who may come in ----
sub curl { my ($c, $text) = (0, ''); open my $p, '-|', 'curl', '-s', '-k', '-w', "\n%{http_code}", @_, "https://$ip:$port/api/service/bousai" or die; { local $/; $text = <$p> // '' } close $p; return $text; }
my $said = curl();
like($said, qr/show their certificate.*\n403\z/s, 'nobody without a certificate');
like($said, qr/message_ja/, 'told in Japanese too');
system "openssl req -x509 -newkey rsa:2048 -nodes -keyout $dir/k.pem -out $dir/c.pem -subj /CN=stranger -days 9 2>/dev/null";
like(curl('--cert', "$dir/c.pem", '--key', "$dir/k.pem"), qr/not one of client-certificates.*\n403\z/s, 'nobody with another one');
like(Lab::slurp("$dir/log"), qr/CN=stranger, SHA-256 [0-9a-f]{64}/, 'who is named in the log');
like(curl('--cert', "$town->{dir}/data/internal.crt", '--key', "$town->{dir}/data/internal.key"), qr/給水所|\\u7d66|"rows":\[.*\n200\z/s, 'the security server');
ok(!IO::Socket::INET->new(PeerAddr => $ip, PeerPort => 8085, Timeout => 1), 'there is no plain HTTP');

# ---- through the network ----
ok($lab->start($_), "$_ starts") or BAIL_OUT("no $_") for qw(center town company);
ok($lab->works('company', 30), 'the company reaches the town');
my $http = HTTP::Tiny->new(timeout => 60);
my $client = 'LAB:GOV:9000020994014:opendata';
sub admin {
  my ($method, $where, $body, $type) = @_;
  my $r = $http->request($method, "http://$town->{address}:" . (4000 + $lab->{shift}) . "/api/v1$where", {
    headers => { Authorization => "X-Road-ApiKey token=$town->{key}", $body ? ('Content-Type' => $type // 'application/json') : () },
    $body ? (content => ref $body ? $json->encode($body) : $body) : () });
  $answer = eval { $json->decode($r->{content}) };
  return $r->{status};
}
is(admin('POST', "/clients/$client/service-descriptions", { type => 'REST', url => "https://$ip:$port/api/service/bousai", rest_service_code => 'bousai', ignore_warnings => JSON::PP::true }), 201, "the town's service is at the other machine");
is(admin('PUT', "/service-descriptions/$answer->{id}/enable"), 200, 'enabled');
my %change = (url => "https://$ip:$port/api/service/bousai", timeout => 20, ssl_auth => JSON::PP::true);
is(admin('PATCH', "/services/$client:bousai", \%change), 400, 'the certificate is to be verified');
is($answer->{warnings}[0]{code}, 'internal_server_ssl_handshake_error', 'which the administrator is warned about');
is(admin('PATCH', "/services/$client:bousai", { %change, ignore_warnings => JSON::PP::true }), 200, 'and may do all the same');
is(admin('POST', "/services/$client:bousai/service-clients", { items => [{ id => 'LAB:COM:2010401999001:logistics', service_client_type => 'SUBSYSTEM' }] }), 201, 'granted to the company');
sub ask {
  my $r = $http->get($lab->url('company', '/r1/LAB/GOV/9000020994014/opendata/bousai'), { headers => { 'X-Road-Client' => 'LAB/COM/2010401999001/logistics' } });
  return $r->{headers}{'x-road-error'} // "$r->{status} $r->{content}";
}
my $got = Lab::until(30, \&ask, sub { $_[0] =~ /serverproxy/ });
like($got, qr/^server\.serverproxy\.(?:ssl_authentication_failed|service_failed\.ssl_authentication_failed|\S*ssl\S*)/, 'not before the town knows the certificate of the adapter');
is(admin('POST', "/clients/$client/tls-certificates", Lab::slurp("$dir/data/adapter-tls.crt"), 'application/octet-stream'), 201, 'which it does now');
$got = Lab::until(15, \&ask, sub { $_[0] =~ /^200/ });
like($got, qr/^200 .*"rows":\[/, 'the company reads the list of the machine behind');
# ---- the list of callers is taken back while everything runs ----
Lab::spew("$dir/data/adapter-clients.pem.new", Lab::slurp("$dir/c.pem"));
rename "$dir/data/adapter-clients.pem.new", "$dir/data/adapter-clients.pem" or die;
$got = Lab::until(10, \&ask, sub { $_[0] !~ /^200/ });
like($got, qr/^403 .*client-certificates/, 'a certificate that is gone is refused at once, on kept connections too');
Lab::spew("$dir/data/adapter-clients.pem", "nonsense");
$got = Lab::until(10, sub { Lab::slurp("$dir/log") }, sub { $_[0] =~ /stay as they were/ });
like($got, qr/stay as they were.*no certificate in it/, 'a broken list changes nothing');
is($lab->stop($_), 0, "$_ ends") for qw(town company center);
kill 'TERM', $pid; waitpid $pid, 0;
is($? >> 8, 0, 'the adapter ends');
undef $pid;
done_testing();
