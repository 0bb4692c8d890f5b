#!/usr/bin/perl
# Service descriptions over real processes: the company publishes the OpenAPI
# document and the WSDL of its own adapter, and a YAML document of another
# system; the town reads them through both security servers (getOpenAPI,
# getWsdl) and may call exactly the endpoints that it was given.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP;
use Lab;
use Test::More;

my $lab = Lab->new(net => "127.35.1", ini => { "proxy-ui-api" => { tls => "false" } });
ok($lab->start($_), "$_ starts") or BAIL_OUT("no $_") for qw(center town company);
my $json = JSON::PP->new->utf8;
my $company = $lab->{m}{company};
my $http = HTTP::Tiny->new(timeout => 60);
my $id = "LAB:COM:2010401999001:logistics";
(my $path = $id) =~ tr{:}{/};
my $town = "LAB/GOV/9000020994014/opendata";

ok($lab->works($_, 30), "$_ exchanges") for qw(town company);

# ---- an information system with a document in YAML ----
my $yaml = <<'END';
openapi: 3.0.3   # written by hand
info: {title: Rooms, version: 1.0}
servers:
  - url: /v1
paths:
  /rooms: &rooms
    get: {responses: {200: {description: all}}}
  /rooms/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {200: {description: one}}}
    delete: {responses: {204: {description: gone}}}
END
my $door = IO::Socket::INET->new(Listen => 10, LocalAddr => $company->{address}, ReuseAddr => 1) or die "no port: $!";
my $is = "http://$company->{address}:" . $door->sockport;
my $child = fork() // die;
if (!$child) {
  while (my $c = $door->accept) {
    my ($line) = (<$c> // "") =~ /^(\S+ \S+)/;
    while (defined(my $l = <$c>)) { last if $l =~ /^\r?\n/; }
    my $body = $line && $line =~ m{ /api\.yaml$} ? $yaml : "you asked $line";
    print $c "HTTP/1.1 200 OK\r\nContent-Type: " . ($body eq $yaml ? "application/x-yaml" : "text/plain") .
      "\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
    close $c;
  }
  exit 0;
}
my $me = $$;
END { if (defined $me && $$ == $me && $child) { local $?; CORE::kill("KILL", $child); waitpid($child, 0); } }

# ---- the administrator of the company ----
my $answer;
sub admin {
  my ($method, $where, $body) = @_;
  my $r = $http->request($method, "http://$company->{address}:" . (4000 + $lab->{shift}) . "/api/v1$where", {
    headers => { Authorization => "X-Road-ApiKey token=$company->{key}", $body ? ("Content-Type" => "application/json") : () },
    $body ? (content => $json->encode($body)) : () });
  $answer = eval { $json->decode($r->{content}) };
  return $r->{status};
}
sub codes { return join " ", sort map { $_->{full_service_code} } @{ $answer->{services} }; }
sub endpoints { return join ", ", map { "$_->{method} $_->{path}" } @{ $answer->{services}[0]{endpoints} }; }

is(admin("GET", "/clients/$id/service-descriptions"), 200, "descriptions");
my ($wsdl) = map { $_->{id} } grep { $_->{type} eq "WSDL" } @$answer;
my ($adapter) = $answer->[0]{url} =~ m{^(http://[^/]+)};
my %add = (type => "OPENAPI3", url => "$adapter/api/openapi.json", rest_service_code => "data");
my $status = admin("POST", "/clients/$id/service-descriptions", \%add);
if ($status == 400) { diag("warned: " . $json->encode($answer->{warnings} // [])); $status = admin("POST", "/clients/$id/service-descriptions", { %add, ignore_warnings => JSON::PP::true }); }
is($status, 201, "the adapter's OpenAPI document");
like(endpoints(), qr{^\* \*\*, .*/api/service/}, "has its endpoints: " . endpoints());
my $rest = $answer->{id};
is(admin("POST", "/clients/$id/service-descriptions", { type => "OPENAPI3", url => "$is/api.yaml", rest_service_code => "rooms" }), 201, "a document in YAML, without doubts");
is(endpoints(), "* **, GET /rooms, GET /rooms/*, DELETE /rooms/*", "its endpoints");
is($answer->{services}[0]{url}, "$is/v1", "its address");
my %end = map { ("$_->{method} $_->{path}" => $_->{id}) } @{ $answer->{services}[0]{endpoints} };
my $rooms = $answer->{id};
is(admin("POST", "/clients/$id/service-descriptions", { type => "WSDL", url => "$adapter/wsdl/services.wsdl" }), 409, "the adapter's WSDL is known");
is($answer->{error}{code}, "wsdl_exists", "and that is said");
is(admin("GET", "/service-descriptions/$wsdl"), 200, "it is looked at");
my ($operation) = split / /, codes();
ok($operation, "has operations: " . codes());
is(admin("PUT", "/service-descriptions/$_/enable"), 200, "enabled") for $rest, $rooms, $wsdl;
is(admin("PUT", "/service-descriptions/$wsdl/refresh", {}), 200, "nothing new in the WSDL");
is(admin("POST", "/endpoints/$end{'GET /rooms/*'}/service-clients", { items => [{ id => $town =~ tr{/}{:}r }] }), 201, "the town may read single rooms");

# ---- the town ----
sub ask {
  my ($method, $where) = @_;
  my $r = $http->request($method, $lab->url("town", "/r1/$path/$where"), { headers => { "X-Road-Client" => $town } });
  return $r->{headers}{"x-road-error"} // "$r->{status} $r->{content}";
}
sub methods {
  my ($service) = grep { $_->{service_code} eq $_[1] } @{ $json->decode(ask("GET", $_[0]) =~ s/^200 //r)->{service} };
  return $service ? join ", ", $service->{service_type}, map { "$_->{method} $_->{path}" } @{ $service->{endpoint_list} } : "";
}
is(methods("listMethods", "rooms"), "OPENAPI, GET /rooms, GET /rooms/*, DELETE /rooms/*", "listMethods");
is(methods("allowedMethods", "rooms"), "OPENAPI, GET /rooms/*", "allowedMethods");
is(methods("allowedMethods", "data"), "", "nothing of the other");
is(ask("GET", "rooms/rooms/7?x=%2F"), "200 you asked GET /v1/rooms/7?x=%2F", "a room is read");
is(ask($_->[0], $_->[1]), "server.serverproxy.access_denied", "@$_ is refused")
  for ["GET", "rooms/rooms"], ["DELETE", "rooms/rooms/7"], ["GET", "rooms/rooms/7%2F..%2F8"], ["GET", "rooms/rooms/%2e%2e/x"];
my $document = ask("GET", "getOpenAPI?serviceCode=rooms");
like($document, qr{^200 .*^servers:\n- url: /v1\n}ms, "getOpenAPI in YAML");
like(ask("GET", "getOpenAPI?serviceCode=data"), qr{^200 \{"openapi":"3\.0\.3"}, "getOpenAPI in JSON");

my ($code, $version) = split /\./, $operation, 2;
my ($i, $c, $m, $s) = split /:/, $id;
my ($ti, $tc, $tm, $ts) = split m{/}, $town;
sub wsdl {
  my $doc = qq{<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:x="http://x-road.eu/xsd/xroad.xsd" xmlns:id="http://x-road.eu/xsd/identifiers"><s:Header>
<x:client id:objectType="SUBSYSTEM"><id:xRoadInstance>$ti</id:xRoadInstance><id:memberClass>$tc</id:memberClass><id:memberCode>$tm</id:memberCode><id:subsystemCode>$ts</id:subsystemCode></x:client>
<x:service id:objectType="SERVICE"><id:xRoadInstance>$i</id:xRoadInstance><id:memberClass>$c</id:memberClass><id:memberCode>$m</id:memberCode><id:subsystemCode>$s</id:subsystemCode><id:serviceCode>getWsdl</id:serviceCode></x:service>
<x:id>wsdl-$$</x:id><x:userId>u</x:userId><x:protocolVersion>4.0</x:protocolVersion></s:Header><s:Body><x:getWsdl>$_[0]</x:getWsdl></s:Body></s:Envelope>};
  return $http->post($lab->url("town", "/"), { headers => { "Content-Type" => "text/xml" }, content => $doc });
}
my $r = wsdl("<x:serviceCode>$code</x:serviceCode>" . (defined $version ? "<x:serviceVersion>$version</x:serviceVersion>" : ""));
is($r->{status}, 200, "getWsdl");
like($r->{headers}{"content-type"}, qr{^multipart/related; type="text/xml"; charset=UTF-8; boundary=}, "is a multipart");
my @part = split /\r\n--xroad\w+(?:--)?\r\n/, "\r\n$r->{content}";
is(scalar @part, 3, "of two parts");
like($part[1] // "", qr{<x:getWsdlResponse>.*<x:serviceCode>\Q$code\E</x:serviceCode>}s, "the first echoes the question");
like($part[2] // "", qr{^content-type:text/xml\r\n.*Content-ID: ?<wsdl=[-0-9a-f]+\@x-road\.eu>\r\n}ims, "the second is named");
like($part[2] // "", qr{location="http://example\.org/xroad-endpoint"}, "says nothing of the address");
unlike($part[2] // "", qr{location="\Q$adapter\E}, "not at all");
like(wsdl("")->{content}, qr{server\.serverproxy\.invalid_request}, "which service?");

# ---- disabled: only who may call it learns why ----
is(admin("PUT", "/service-descriptions/$rooms/disable", { disabled_notice => "until Monday" }), 200, "disabled");
like($http->get($lab->url("town", "/r1/$path/rooms/rooms/7"), { headers => { "X-Road-Client" => $town } })->{content}, qr{service_disabled.*until Monday}s, "the notice is told");
is(ask("GET", "rooms/rooms"), "server.serverproxy.access_denied", "not to who has no right");
is($lab->stop($_), 0, "$_ ends") for qw(town company center);
done_testing();
