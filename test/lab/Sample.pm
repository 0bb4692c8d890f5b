# Services of information systems, as the scenario scripts of X-Road's developers
# expect them: a SOAP service with its WSDL, a REST service that greets, and one
# with an OpenAPI description. One small HTTP server, core modules only.
#
#   my $s = Sample->new(address => "127.13.0.9", port => 8080);
package Sample;
use strict;
use warnings;
use IO::Socket::INET;
use JSON::PP;
use POSIX ();

my $space = "http://test.x-road.fi/producer";
my @operations = qw(getRandom helloService listPeople personDetails);

sub new {
  my ($class, %o) = @_;
  my $self = bless { %o, owner => $$ }, $class;
  my $l = IO::Socket::INET->new(LocalAddr => $o{address}, LocalPort => $o{port}, Listen => 64, ReuseAddr => 1)
    or die "$o{address}:$o{port}: $!";
  $self->{pid} = fork() // die;
  return $self if $self->{pid};
  $SIG{TERM} = sub { POSIX::_exit(0) };
  while (getppid() == $self->{owner}) {
    vec(my $r = "", fileno($l), 1) = 1;
    select($r, undef, undef, 0.5) > 0 or next;
    my $c = $l->accept or next;
    eval { local $SIG{ALRM} = sub { die }; alarm 10; call($c); alarm 0 };
    close $c;
  }
  POSIX::_exit(0);
}
sub DESTROY {
  my ($self) = @_;
  return if $$ != $self->{owner};
  local $?;
  kill "TERM", $self->{pid};
  waitpid($self->{pid}, 0);
}

sub call {
  my ($c) = @_;
  my $in = "";
  while ($in !~ /\r\n\r\n/) { sysread($c, $in, 65536, length $in) or return; }
  my ($head, $body) = split /\r\n\r\n/, $in, 2;
  my ($verb, $path) = $head =~ m{^(\w+) (\S+)} or return;
  my $length = $head =~ /^content-length:\s*(\d+)/mi ? $1 : 0;
  if ($head =~ /^transfer-encoding:\s*chunked/mi) { $body = chunks($c, $body); }
  while (length $body < $length) { sysread($c, $body, $length - length $body, length $body) or return; }
  my ($status, $type, $out) = answer($verb, $path, $body);
  syswrite($c, "HTTP/1.1 $status X\r\nContent-Type: $type\r\nContent-Length: " . length($out) . "\r\nConnection: close\r\n\r\n$out");
}
sub chunks {
  my ($c, $in) = @_;
  my $out = "";
  while (1) {
    while ($in !~ /^([0-9a-f]+)[^\n]*\n/i) { sysread($c, $in, 65536, length $in) or die; }
    my ($n, $head) = (hex $1, length $&);
    while (length $in < $head + $n + 2) { sysread($c, $in, 65536, length $in) or die; }
    return $out if !$n;
    $out .= substr($in, $head, $n);
    $in = substr($in, $head + $n + 2);
  }
}

# (status, type, body)
sub answer {
  my ($verb, $path, $body) = @_;
  return (200, "text/xml; charset=utf-8", wsdl()) if $path =~ /\?wsdl$/i;
  return (200, "text/xml; charset=utf-8", soap($body)) if $verb eq "POST" && $path =~ m{/Endpoint$};
  return (200, "application/json", openapi()) if $path eq "/v3/api-docs";
  return (200, "application/json", '{"message":"Hello, world from POST service!","requestBody":' . $body . "}")
    if $verb eq "POST" && $path =~ m{/mock_1$};
  return (200, "application/json", '[{"name":"Kai"}]') if $path =~ m{/members$};
  return (404, "text/plain", "nothing here");
}

# The header comes back as it was; the body's element with "Response".
sub soap {
  my ($in) = @_;
  my ($header) = $in =~ m{(<(\w+:)?Header\b.*</\2?Header>)}s or return "";
  my ($name) = $in =~ m{Body[^>]*>\s*<(?:\w+:)?(\w+)}s or return "";
  my ($open) = $in =~ m{(<(?:\w+:)?Envelope\b[^>]*>)}s;
  my ($prefix) = $open =~ /^<(\w+:)?/;
  $prefix //= "";
  my $data = $name eq "getRandom" ? sprintf("%.6f", rand 100) : "Hello";
  return "$open$header<${prefix}Body><p:${name}Response xmlns:p=\"$space\"><p:response><p:data>$data</p:data></p:response>"
    . "</p:${name}Response></${prefix}Body></${prefix}Envelope>";
}

sub openapi {
  my %say = (responses => { 200 => { description => "OK" } });
  return encode_json({ openapi => "3.0.1", info => { title => "Members", version => "1" },
    servers => [{ url => "http://isopenapi:8080" }],
    paths => { "/api/members" => { get => \%say, post => \%say }, "/api/members/{id}" => { get => { %say,
      parameters => [{ name => "id", in => "path", required => JSON::PP::true, schema => { type => "string" } }] } } } });
}

sub wsdl {
  my ($types, $messages, $ports, $bindings) = ("", "", "", "");
  for my $o (@operations) {
    $types .= "<xs:element name=\"$o\"><xs:complexType><xs:sequence><xs:element name=\"request\"><xs:complexType/></xs:element>"
      . "</xs:sequence></xs:complexType></xs:element><xs:element name=\"${o}Response\"><xs:complexType><xs:sequence>"
      . "<xs:element name=\"response\"><xs:complexType><xs:sequence><xs:element name=\"data\" type=\"xs:string\"/></xs:sequence>"
      . "</xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>";
    $messages .= "<w:message name=\"$o\"><w:part name=\"body\" element=\"t:$o\"/></w:message>"
      . "<w:message name=\"${o}Response\"><w:part name=\"body\" element=\"t:${o}Response\"/></w:message>";
    $ports .= "<w:operation name=\"$o\"><w:input message=\"t:$o\"/><w:output message=\"t:${o}Response\"/></w:operation>";
    $bindings .= "<w:operation name=\"$o\"><s:operation soapAction=\"\"/><x:version>v1</x:version>"
      . "<w:input><s:body use=\"literal\"/></w:input><w:output><s:body use=\"literal\"/></w:output></w:operation>";
  }
  return "<w:definitions xmlns:w=\"http://schemas.xmlsoap.org/wsdl/\" xmlns:s=\"http://schemas.xmlsoap.org/wsdl/soap/\""
    . " xmlns:x=\"http://x-road.eu/xsd/xroad.xsd\" xmlns:t=\"$space\" targetNamespace=\"$space\" name=\"sample\">"
    . "<w:types><xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"$space\""
    . " elementFormDefault=\"qualified\">$types</xs:schema></w:types>$messages<w:portType name=\"port\">$ports</w:portType>"
    . "<w:binding name=\"binding\" type=\"t:port\"><s:binding style=\"document\""
    . " transport=\"http://schemas.xmlsoap.org/soap/http\"/>$bindings</w:binding><w:service name=\"service\">"
    . "<w:port name=\"port\" binding=\"t:binding\"><s:address location=\"http://issoap:8080/example-adapter/Endpoint\"/></w:port>"
    . "</w:service></w:definitions>";
}

1;
