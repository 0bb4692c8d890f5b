#!/usr/bin/perl
# Large bodies and SOAP attachments through two real security servers, asked
# with curl: what arrives is what was sent, memory stays where it was, a server
# writes a body to disk once. 64 MB here, 1 GB in `make soak`.
use strict;
use warnings;
use Digest::SHA;
use FindBin;
use lib $FindBin::Bin;
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP;
use Lab;
use Test::More;
use Time::HiRes qw(time);

my $mb = $ENV{MACHILINK_SOAK} ? 1024 : 64;
my $net = "127.31.2";
plan skip_all => "no curl" if system("curl --version >/dev/null 2>&1");

# ---- the service: a process of its own ----
my $door = IO::Socket::INET->new(LocalAddr => "$net.9", Listen => 8, Proto => "tcp") or BAIL_OUT("no service: $!");
my $base = "http://$net.9:" . $door->sockport;
my $lab = Lab->new(net => $net, ini => { "proxy-ui-api" => { tls => "false" }, "message-log" => { "message-body-logging" => "false" } });
my $dir = $lab->{dir};

# Calls $to with each piece of the body.
sub read_body {
  my ($c, $head, $to) = @_;
  my $run = sub { my ($left) = @_;
    while ($left > 0) { my $n = read($c, my $piece, $left < 65536 ? $left : 65536) or return 0; $to->($piece); $left -= $n; }
    return 1; };
  return $run->($1) if $head =~ /^Content-Length: (\d+)/mi;
  return 1 unless $head =~ /^Transfer-Encoding: chunked/mi;
  while (defined(my $line = <$c>)) {
    my $size = hex($line =~ s/\s+//r);
    $run->($size) or return 0;
    <$c>;
    return 1 unless $size;
  }
  return 0;
}
sub wsdl {
  return qq{<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:t"
    xmlns:x="http://x-road.eu/xsd/xroad.xsd" targetNamespace="urn:t"><w:portType name="p"><w:operation name="take"/></w:portType>
    <w:binding name="b" type="t:p"><s:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <w:operation name="take"><x:version>v1</x:version><s:operation soapAction=""/></w:operation></w:binding>
    <w:service name="v"><w:port name="q" binding="t:b"><s:address location="$base/soap"/></w:port></w:service></w:definitions>};
}
sub serve {
  my ($c) = @_;
  my ($head, $body) = ("", "");
  while (defined(my $line = <$c>)) { $head .= $line; last if $line eq "\r\n"; }
  if ($head =~ m{^POST /raw}) {
    my $sha = Digest::SHA->new(256);
    my $whole = read_body($c, $head, sub { $sha->add($_[0]) });
    my $back = "$dir/back";
    printf $c "HTTP/1.1 200 OK\r\nX-Sum: %s%s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", $sha->hexdigest, $whole ? "" : " cut", -s $back;
    open(my $f, "<:raw", $back) or return;
    while (read($f, my $piece, 65536)) { print $c $piece or return; }
    return;
  }
  read_body($c, $head, sub { $body .= $_[0] });
  my ($type) = $head =~ /^Content-Type: (.*)\r$/mi;
  if ($head =~ m{^GET}) { ($type, $body) = ("text/xml", wsdl()) }
  else { Lab::spew("$dir/seen", $body); Lab::spew("$dir/seen-type", $type); $body =~ s/t:take\b/t:takeResponse/g; }
  print $c "HTTP/1.1 200 OK\r\nContent-Type: $type\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
}
my $service = fork() // die;
if (!$service) {
  $SIG{PIPE} = "IGNORE";
  while (getppid() != 1) { my $c = $door->accept or next; binmode $c; serve($c); close $c; }
  POSIX::_exit(0);
}
close $door;
END { if ($service) { local $?; kill "TERM", $service; waitpid($service, 0); } }

# ---- both servers, and what the company offers ----
$lab->start($_) or BAIL_OUT("no $_") for qw(center town company);
my ($client, $provider) = ("LAB/GOV/9000020994014/opendata", "LAB/COM/2010401999001/logistics");
sub change {
  my ($method, $path, $json) = @_;
  my $m = $lab->{m}{company};
  my $r = HTTP::Tiny->new(timeout => 60)->request($method, "http://$m->{address}:" . (4000 + $lab->{shift}) . "/api/v1$path",
    { headers => { Authorization => "X-Road-ApiKey token=$m->{key}", "Content-Type" => "application/json" }, content => encode_json($json // {}) });
  $r->{success} or diag("$method $path: $r->{status} $r->{content}");
  return eval { decode_json($r->{content}) } // {};
}
my $id = $provider =~ tr{/}{:}r;
for my $d ({ url => "$base/raw", type => "REST", rest_service_code => "raw" }, { url => "$base/wsdl", type => "WSDL" }) {
  my $made = change(POST => "/clients/$id/service-descriptions", { %$d, ignore_warnings => JSON::PP::true });
  change(PUT => "/service-descriptions/$made->{id}/enable");
}
change(POST => "/services/$id:$_/service-clients", { items => [{ id => $client =~ tr{/}{:}r, service_client_type => "SUBSYSTEM" }] }) for "raw", "take.v1";
ok($lab->works("town", 20), "exchanges from the town") or BAIL_OUT("no exchange");

# curl with these arguments: (status, its headers, seconds)
sub curl {
  my @argv = @_;
  my $begun = time;
  open(my $h, "-|", "curl", "-sS", "--max-time", "900", "-D", "$dir/headers", "-o", "$dir/answer", "-w", "%{http_code}", @argv) or die;
  my $status = do { local $/; <$h> } // "";
  close $h;
  return ($status, eval { Lab::slurp("$dir/headers") } // "", time - $begun);
}
sub sum { my ($f) = @_; return Digest::SHA->new(256)->addfile($f, "b")->hexdigest; }
sub proc { my ($name, $file, $what) = @_; return Lab::slurp("/proc/$lab->{pid}{$name}/$file") =~ /^$what:\s+(\d+)/m ? $1 : -1; }

# ---- a large body, both ways ----
system("head -c " . ($mb << 20) . " /dev/urandom > $dir/sent; head -c " . ($mb << 20) . " /dev/urandom > $dir/back");
my @rest = ("-H", "X-Road-Client: $client", $lab->url("town", "/r1/$provider/raw"));
my ($status, $headers) = curl("--data-binary", "small", @rest);
is($status, 200, "a first body") or diag($headers, Lab::slurp("$dir/answer"));
my (%rss, %disk);
for my $name (qw(town company)) {
  Lab::spew("/proc/$lab->{pid}{$name}/clear_refs", "5");
  $rss{$name} = $lab->rss($name);
  $disk{$name} = proc($name, "io", "write_bytes");
}
for my $framing ("length", "chunks") {
  my @how = $framing eq "chunks" ? ("-H", "Transfer-Encoding: chunked") : ();
  ($status, $headers, my $seconds) = curl("-X", "POST", "-T", "$dir/sent", "-H", "Content-Type: a/b", @how, @rest);
  is($status, 200, "$mb MB both ways, $framing: " . sprintf("%.1f s", $seconds)) or diag($headers);
  my ($got) = $headers =~ /^X-Sum: (.*)\r$/mi;
  is($got, sum("$dir/sent"), "the service got what was sent");
  is(sum("$dir/answer"), sum("$dir/back"), "and its answer came back");
}
for my $name (qw(town company)) {
  my $grown = proc($name, "status", "VmHWM") - $rss{$name};
  cmp_ok($grown, "<", 32 * 1024, "$name: memory grew by $grown kB");
  my $wrote = (proc($name, "io", "write_bytes") - $disk{$name}) / (2 * ($mb << 20));
  cmp_ok($wrote, "<=", 2.2, sprintf("%s: wrote %.2f times the body", $name, $wrote));
}

# ---- SOAP with attachments ----
sub soap {
  my ($id, $service, $body) = @_;
  my $name = sub { my ($path, $tag, @more) = @_; my @p = split m{/}, $path;
    my @n = (qw(xRoadInstance memberClass memberCode subsystemCode), @more);
    return join("", map { "<i:$n[$_]>$p[$_]</i:$n[$_]>" } 0 .. $#p); };
  return qq{<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:x="http://x-road.eu/xsd/xroad.xsd"
    xmlns:i="http://x-road.eu/xsd/identifiers" xmlns:t="urn:t"><s:Header><x:client i:objectType="SUBSYSTEM">} . $name->($client)
    . qq{</x:client><x:service i:objectType="SERVICE">} . $name->("$provider/" . ($service // "take/v1"), "", qw(serviceCode serviceVersion))
    . qq{</x:service><x:id>$id</x:id><x:protocolVersion>4.0</x:protocolVersion></s:Header><s:Body>} . ($body // "<t:take/>") . "</s:Body></s:Envelope>";
}
my $random = do { open(my $h, "<:raw", "$dir/sent") or die; read($h, my $b, 500_000); $b };
# The third part as it is sent, or as it arrives: X-Road opens multiparts inside
# (SoapMessageDecoder: mime4j's recursion), the parts then stand side by side.
sub multipart {
  my ($b, $root, $id, $arrives) = @_;
  my $inner = "content-type:text/plain\r\nX-Other: 1";
  my @part = (["content-type:$root\r\nContent-ID: <root>", soap($id)],
    ["content-type:application/octet-stream\r\nContent-ID: <a\@b>\r\nContent-Transfer-Encoding: binary", $random],
    $arrives ? [$inner, "x"] : ["content-type:multipart/mixed; boundary=in", "--in\r\n$inner\r\n\r\nx\r\n--in--\r\n"], ["content-type:text/plain", ""]);
  return join("\r\n", map { "--$b\r\n$_->[0]\r\n\r\n$_->[1]" } @part) . "\r\n--$b--\r\n";
}
for my $case (["attachments", "text/xml; charset=UTF-8", 'multipart/related; type="text/xml"; boundary="--x y"', "--x y"],
  ["MTOM", 'application/xop+xml; charset=UTF-8; type="text/xml"',
    'multipart/related; type="application/xop+xml"; start="<root>"; start-info="text/xml"; boundary=uuid:1', "uuid:1"]) {
  my ($what, $root, $type, $b) = @$case;
  Lab::spew("$dir/request", multipart($b, $root, "soap-$what"));
  ($status, $headers) = curl("--data-binary", "\@$dir/request", "-H", "Content-Type: $type", "-H", 'SOAPAction: ""', $lab->url("town", "/"));
  my $answer = Lab::slurp("$dir/answer");
  is($status, 200, "SOAP with $what") or diag($headers);
  unlike($answer, qr/faultcode/, "is no fault") or diag(substr($answer, 0, 500));
  is(Lab::slurp("$dir/seen-type"), $type, "the service sees the content type");
  ok(Lab::slurp("$dir/seen") eq multipart($b, $root, "soap-$what", 1), "and the message byte for byte, the multipart inside opened");
  like($headers, qr/^Content-Type: \Q$type\E\r$/mi, "the content type of the answer");
  my $tail = index($answer, "\r\n--$b\r\n");
  ok($tail > 0 && substr($answer, $tail) eq (Lab::slurp("$dir/seen") =~ s/.*?(?=\r\n--\Q$b\E\r\n)//sr), "its attachments byte for byte");
  like($answer, qr/requestHash algorithmId=/, "the hash of the request stands in it");
}
# the server's own attachment
Lab::spew("$dir/request", soap("wsdl-1", "getWsdl", "<x:getWsdl><x:serviceCode>take</x:serviceCode><x:serviceVersion>v1</x:serviceVersion></x:getWsdl>"));
($status, $headers) = curl("--data-binary", "\@$dir/request", "-H", "Content-Type: text/xml", $lab->url("town", "/"));
my $wsdl = Lab::slurp("$dir/answer");
is($status, 200, "getWsdl");
like($headers, qr{^Content-Type: multipart/related; type="text/xml"; charset=UTF-8; boundary=(\S+)\r$}mi, "is a multipart");
like($wsdl, qr{\r\n\r\n.*getWsdlResponse.*\r\n--\S+\r\ncontent-type:text/xml\r\n.*\r\n\r\n.*<w:definitions .*</w:definitions>\s*\r\n--\S+--\r\n$}s, "with the WSDL as its attachment")
  or diag($wsdl);
is($lab->stop($_), 0, "$_ ends well") for qw(town company center);
done_testing();
