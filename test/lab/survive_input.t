#!/usr/bin/perl
# Bad input at every door of a running security server: header floods, slow
# senders, bodies cut off, deep and wide XML, entities, broken multiparts, junk
# instead of TLS. Each is answered with a clear fault or a closed connection,
# soon; the server goes on, and does not grow. Before that many exchanges and
# many failures: memory and file descriptors stay what they were.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use HTTP::Tiny;
use IO::Select;
use IO::Socket::INET;
use Lab;
use Test::More;
use Time::HiRes qw(time sleep);

my $soak = $ENV{MACHILINK_SOAK};
my ($rounds, $exchanges, $failures) = $soak ? (40, 2000, 500) : (10, 200, 50);
# Ten rounds of bad input are 400 messages up to 2 MB; exchanges are small.
use constant { GROWTH_KB => 24 * 1024, LEAK_KB => 4 * 1024 };

my $lab = Lab->new(net => "127.36.5", ini => { "proxy-ui-api" => { tls => "false" },
  "company/proxy" => { "client-connector-initial-idle-time" => 1000 } }); # 30 s, as with X-Road, is long for a test
my @servers = qw(town company);
# What is freed goes back at once: growth is then what is held, whichever
# threads met the messages.
$lab->{env}{$_} = { MALLOC_CONF => "narenas:1,tcache:false,dirty_decay_ms:0,muzzy_decay_ms:0" } for @servers;
ok($lab->start($_), "$_ starts") or BAIL_OUT("no $_") for "center", @servers;
ok($lab->works($_, 15), "exchanges from $_") or BAIL_OUT("no exchange") for @servers;
my $pid = $lab->{pid}{town};
my $address = $lab->{m}{town}{address};

sub door {
  my ($port) = @_;
  return IO::Socket::INET->new(PeerAddr => $address, PeerPort => $port + $lab->{shift}, Timeout => 60) // die "port $port: $@";
}
# Sends it all, as far as it is taken; what came back within the time, and how
# long that took.
sub talk {
  my ($port, $bytes, %o) = @_;
  my $s = door($port);
  my ($got, $sent, $begun) = ("", 0, time);
  local $SIG{PIPE} = "IGNORE";
  $s->blocking(0);
  while (time - $begun < 60) {
    my $more = $sent < length $bytes;
    my ($r, $w) = IO::Select->select(IO::Select->new($s), $more ? IO::Select->new($s) : undef, undef, 1);
    if ($w && @$w) {
      my $n = syswrite($s, $bytes, 65536, $sent);
      $sent = defined $n ? $sent + $n : length $bytes;
      shutdown($s, 1) if $o{cut} && $sent >= length $bytes;
    }
    if ($r && @$r) {
      my $n = sysread($s, $got, 65536, length $got);
      last if !$n;
      last if $got =~ /\r\n\r\n/ && $got =~ /Content-Length: (\d+)/i && length($got) >= $+[0] + $1 && !$more;
    }
  }
  return ($got, time - $begun);
}
sub request {
  my ($path, $body, %h) = @_;
  my $head = join "", map { "$_: $h{$_}\r\n" } sort keys %h;
  return "POST $path HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " . length($body) . "\r\n$head\r\n$body";
}
sub soap { my ($body, $type) = @_; return request("/", $body, "Content-Type" => $type // "text/xml"); }

my $ns = 'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"';
my $open = "<s:Envelope $ns><s:Header/><s:Body>";
my $close = "</s:Body></s:Envelope>";
my $bomb = '<!DOCTYPE s [<!ENTITY a0 "ha">' . join("", map { "<!ENTITY a$_ \"" . ("&a" . ($_ - 1) . ";") x 10 . "\">" } 1 .. 9) . "]>";
my $r1 = "/r1/LAB/COM/2010401999001/logistics/emergency-goods";
my $id = "X-Road-Client: LAB/GOV/9000020994014/opendata\r\n";
my $related = "multipart/related; boundary=b";
my $part = "--b\r\ncontent-type: text/xml\r\n\r\n$open<x/>$close\r\n";

# name, port, bytes, what an answer looks like ("" the connection may just end)
my $fault = qr/<faultcode>client\.[a-z_.]+</;
my $error = qr/X-Road-Error: server\.clientproxy\.[a-z_.]+\r\n/i;
my $any = qr/^$|^HTTP\/1\.1 (200|4\d\d|5\d\d) /;
my @case = (
  ["5000 headers", 8080, "GET $r1 HTTP/1.1\r\nHost: x\r\n$id" . join("", map { "X-Flood-$_: y\r\n" } 1 .. 5000) . "\r\n", $any],
  ["a header of 1 MB", 8080, "GET $r1 HTTP/1.1\r\nHost: x\r\n${id}X-Long: " . "y" x 1_000_000 . "\r\n\r\n", $any],
  ["a path of 200 kB", 8080, "GET $r1/" . "y" x 200_000 . " HTTP/1.1\r\nHost: x\r\n$id\r\n", $any],
  ["no HTTP", 8080, "\0\1\2\3" x 1000 . "\r\n\r\n", $any],
  ["a header without name", 8080, "GET $r1 HTTP/1.1\r\n: x\r\n$id\r\n", $any],
  ["Content-Length twice", 8080, "POST $r1 HTTP/1.1\r\nHost: x\r\n${id}Content-Length: 5\r\nContent-Length: 50\r\n\r\nabcde", $any, cut => 1],
  ["Content-Length below zero", 8080, "POST $r1 HTTP/1.1\r\nHost: x\r\n${id}Content-Length: -5\r\n\r\nabcde", $any, cut => 1],
  ["Content-Length without end", 8080, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 999999999999999999\r\n\r\n<x/>", $any, cut => 1],
  ["both lengths", 8080, "POST $r1 HTTP/1.1\r\nHost: x\r\n${id}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", $any, cut => 1],
  ["a broken chunk", 8080, "POST $r1 HTTP/1.1\r\nHost: x\r\n${id}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", $any, cut => 1],
  ["a chunk of 2^63", 8080, "POST $r1 HTTP/1.1\r\nHost: x\r\n${id}Transfer-Encoding: chunked\r\n\r\n8000000000000000\r\nabc\r\n", $any, cut => 1],
  ["a REST body cut off", 8080, substr(request($r1, "y" x 100_000, "X-Road-Client" => "LAB/GOV/9000020994014/opendata"), 0, 50_000), $any, cut => 1],
  ["a SOAP body cut off", 8080, substr(soap("$open<x>" . "y" x 100_000), 0, 50_000), $any, cut => 1],
  ["deep XML", 8080, soap($open . "<x>" x 100_000 . "</x>" x 100_000 . $close), $fault],
  ["deep XML without end", 8080, soap($open . "<x>" x 500_000), $fault],
  ["wide XML", 8080, soap($open . "<x/>" x 10_000 . $close), $fault],
  ["very wide XML", 8080, soap($open . "<x/>" x 300_000 . $close), $fault, once => 1],
  ["many attributes", 8080, soap("$open<x " . join(" ", map { "a$_=''" } 1 .. 50_000) . "/>$close"), $fault],
  ["many namespaces", 8080, soap("$open<x " . join(" ", map { "xmlns:a$_='u:$_'" } 1 .. 20_000) . "/>$close"), $fault],
  ["a name of 1 MB", 8080, soap("$open<" . "x" x 1_000_000 . "/>$close"), $fault],
  ["entities in entities", 8080, soap("$bomb$open<x>&a9;</x>$close"), $fault],
  ["an external entity", 8080, soap("<!DOCTYPE s [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>$open<x>&x;</x>$close"), qr/(?!.*root:)$fault/s],
  ["an external DTD", 8080, soap("<!DOCTYPE s SYSTEM 'http://$address:1/x.dtd'>$open<x/>$close"), $fault],
  ["an unknown entity", 8080, soap("$open<x>&nbsp;</x>$close"), $fault],
  ["bytes that are no UTF-8", 8080, soap("$open<x>\xff\xfe\xc0\x80</x>$close"), $fault],
  ["a zero byte", 8080, soap("$open<x>\0</x>$close"), $fault],
  ["UTF-16 that is none", 8080, soap("\xff\xfe$open", "text/xml; charset=UTF-16"), $fault],
  ["an unknown charset", 8080, soap("<?xml version='1.0' encoding='x-none'?>$open<x/>$close"), $fault],
  ["no boundary", 8080, soap("x", "multipart/related"), $fault],
  ["a multipart without end", 8080, soap($part, $related), $fault],
  ["20000 parts", 8080, soap($part . "--b\r\ncontent-type: a/b\r\n\r\nx\r\n" x 20_000 . "--b--\r\n", $related), $fault],
  ["a part header of 100 kB", 8080, soap("--b\r\ncontent-type: text/xml" . ";y" x 50_000 . "\r\n\r\n<x/>\r\n--b--\r\n", $related), $fault],
  ["3000 part headers", 8080, soap("--b\r\n" . "a: b\r\n" x 3000 . "\r\n<x/>\r\n--b--\r\n", $related), $fault],
  ["almost a boundary, again and again", 8080, soap("--bb\r\n--b" . "\r\n--" x 100_000, $related), $fault],
  ["a client that is none", 8080, "GET $r1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Road-Client: " . "%zz/" x 1000 . "\r\n\r\n", $error],
  ["a path of nothing", 8080, "GET /r1/%00/../..//%2f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$id\r\n", $error],
  ["a verb nobody knows", 8080, "BREW $r1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$id\r\n", $any],
  ["junk instead of TLS", 5500, "GET / HTTP/1.0\r\n\r\n", qr/^(\x15.*)?$/s, cut => 1],
  ["half a handshake", 5500, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", qr/^(\x15.*)?$/s, cut => 1],
  ["a handshake record without end", 5500, "\x16\x03\x03\xff\xff" . "\1" x 70_000, qr/^(\x15.*)?$/s, cut => 1],
  ["junk at 8443", 8443, "\x80\x2e\x01\x03\x01" . "\0" x 100, qr/^(\x15.*)?$/s, cut => 1],
  ["OCSP for nobody", 5577, "GET /?cert=" . "zz" x 20_000 . " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", $any],
  ["5000 certificates", 5577, "GET /?" . join("&", ("cert=" . "0" x 40) x 300) . " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", $any],
);

sub one_round {
  my ($tell) = @_;
  for my $c (@case) {
    my ($name, $port, $bytes, $want, %o) = @$c;
    next if $o{once} && !$tell;
    my ($got, $took) = talk($port, $bytes, %o);
    my $good = $got =~ $want && $took < 5;
    if ($tell || !$good) {
      ok($good, "$name: " . ($got =~ /<faultcode>(.*?)</ ? $1 : $got =~ /X-Road-Error: (\S+)/i ? $1 : $got =~ /^(HTTP\S+ \d+)/ ? $1 : "closed") .
        sprintf(" after %d ms", $took * 1000)) or diag(substr($got, 0, 600));
    }
  }
}
# ---- no growth from exchanges and failures ----
sub many {
  my ($what, $n, $want, $do) = @_;
  my ($wrong, @first) = 0;
  for my $i (1 .. $n) {
    my $code = $do->($i);
    next if $code =~ $want;
    $wrong++;
    push @first, $code if @first < 3;
  }
  is($wrong, 0, "$n $what") or diag("@first");
}
my $http = HTTP::Tiny->new(timeout => 60);
my $serial = 0;
my $good = sub { $lab->exchange($_[0] % 2 ? "town" : "company", "leak-" . $serial++, $http) };
my $bad = sub {
  my $r = $http->get($lab->url("town", $_[0] % 3 ? "/r1/LAB/COM/2010401999001/logistics/none" : "/r1/LAB/COM/1/none/none"),
    { headers => { "X-Road-Client" => "LAB/GOV/9000020994014/opendata" } });
  return $r->{headers}{"x-road-error"} // $r->{status};
};
many("exchanges to warm up", 100, qr/^$/, $good);
many("failures to warm up", 30, qr/^server\./, $bad);
# Under a sanitizer freed memory stays resident; there its own leak check judges.
sub grown {
  my ($kb, $max, $what) = @_;
  SKIP: {
    skip("$what, under a sanitizer", 1) if ($ENV{MODE} // "") =~ /san$/;
    cmp_ok($kb, "<", $max, $what);
  }
}
my %rss = map { $_ => $lab->rss($_) } @servers;
my %fds = map { $_ => $lab->fds($_) } @servers;
many("exchanges", $exchanges, qr/^$/, $good);
many("failures", $failures, qr/^server\./, $bad);
for my $name (@servers) {
  my ($rss, $fds) = ($lab->rss($name), $lab->fds($name));
  grown($rss - $rss{$name}, LEAK_KB, "$name: $rss{$name} kB before, $rss kB after");
  cmp_ok(abs($fds - $fds{$name}), "<=", 8, "$name: $fds{$name} descriptors before, $fds after");
}
# ---- bad input ----
one_round(1);
ok($lab->works("town", 10), "exchanges go on");

# ---- slow senders ----
{
  my @slow = map { door(8080) } 1 .. 60;
  syswrite($_, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<") for @slow[0 .. 29];
  syswrite($_, "GET $r1 HT") for @slow[30 .. 59];
  my @peer = map { door(5500) } 1 .. 30;
  syswrite($_, "\x16\x03\x01") for @peer;
  ok($lab->works($_, 10), "exchanges from $_ while 90 slow senders wait") for @servers;
  syswrite($_, "x") for @slow;
}
ok($lab->works("town", 10), "and after they left");

# Nobody waits for ever: for a document in all, for the next byte of a body.
# X-Road's ClientMessageProcessor gives up after 30 s with internal_error; what
# breaks off is io_error.
{
  my $at = sub { IO::Socket::INET->new(PeerAddr => $lab->{m}{company}{address}, PeerPort => 8080 + $lab->{shift}, Timeout => 60) // die };
  my $hear = sub { my ($s) = @_; my $got = ""; while (IO::Select->new($s)->can_read(60) && sysread($s, $got, 65536, length $got)) { } return $got; };
  my $head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/xml\r\nContent-Length: 4000000\r\n\r\n";
  my $s = $at->();
  local $SIG{PIPE} = "IGNORE";
  syswrite($s, $head . $open);
  my ($begun, $sent) = (time, 0);
  while (time - $begun < 60 && !IO::Select->new($s)->can_read(0.02)) { syswrite($s, "<x/>" x 200); $sent++; }
  my $took = time - $begun;
  like($hear->($s), qr/<faultcode>server\.clientproxy\.internal_error<.*Reading SOAP from request timed out/s, "a document that does not end");
  cmp_ok($took, "<", 30, sprintf("is given up after %.1f s, although more comes", $took));
  $s = $at->();
  syswrite($s, $head . $open);
  like($hear->($s), qr/<faultcode>server\.clientproxy\.internal_error</, "a document that stops coming");
  $s = $at->();
  syswrite($s, $head . $open);
  shutdown($s, 1);
  like($hear->($s), qr/<faultcode>client\.io_error</, "a document cut off");
  $s = $at->();
  syswrite($s, "POST /r1/LAB/GOV/9000020994014/opendata/evacuation-sites HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Road-Client: LAB/COM/2010401999001/logistics\r\nContent-Length: 1000\r\n\r\nabc");
  like($hear->($s), qr/X-Road-Error: server\.clientproxy\.io_error/i, "a REST body that stops coming");
}
ok($lab->works($_, 10), "exchanges from $_ go on") for @servers;

# ---- no growth from bad input ----
one_round(0) for 1 .. 3;
my $before = $lab->rss("town");
one_round(0) for 1 .. $rounds;
my $after = $lab->rss("town");
grown($after - $before, GROWTH_KB, "$rounds rounds of bad input: $before kB before, $after kB after");

is($lab->{pid}{town}, $pid, "the town never ended");
ok($lab->alive($_), "$_ runs") for @servers;
is($lab->stop($_), 0, "$_ stops cleanly") for @servers, "center";
done_testing();
