# A network set up step by step over the administration API, as an operator
# would, with trust services of somebody else (Trust.pm): one center, the
# security servers town and company, an information system that answers both.
# What it shares with the network of `machilink lab` is in Lab.pm.
#
#   my $net = Bringup->new(net => "127.16.2", trust => $trust);
#   $net->rest("company"), $net->soap("company"): "" or what went wrong
package Bringup;
use strict;
use warnings;
use File::Temp qw(tempdir);
use HTTP::Tiny;
use JSON::PP;
use Lab;
use Trust;
our @ISA = ("Lab");
# an end from outside still ends every process
$SIG{$_} = sub { exit 1 } for qw(INT TERM);

my %member = (center => ["ORG", "5010001999002", "Council"], town => ["GOV", "9000020994014", "海風町"],
  company => ["COM", "2010401999001", "Port Logistics"]);
my %system = (center => "MANAGEMENT", town => "opendata", company => "logistics");

# net: the first three numbers of addresses; ini as for Lab; trust: a Trust;
# anchor: sub ($net, $server_name) that gives another anchor. With [machilink]
# test-clock the servers' clocks are ahead by the seconds in the file {dir}/clock,
# at first `clock`.
sub new {
  my ($class, %o) = @_;
  my $self = bless { bin => $ENV{MACHILINK} // "build/release/machilink", net => $o{net}, pid => {}, shift => 0, trust => $o{trust}, clock => $o{clock},
    dir => tempdir("machilink-bringup-XXXXXX", TMPDIR => 1, CLEANUP => 1), owner => $$, http => HTTP::Tiny->new(timeout => 40) }, $class;
  my $n = 0;
  $self->machine($_, "$o{net}." . ++$n) for qw(center town company);
  $self->edit($_, %{ $o{ini} // {} }) for keys %{ $self->{m} };
  $self->{backend} = Backend->new("$o{net}.5");
  $self->center;
  $self->server($_, $o{anchor}) for qw(town company);
  $self->provider;
  $self->client($_) for qw(town company);
  return $self;
}

sub machine {
  my ($self, $name, $address) = @_;
  my $dir = "$self->{dir}/$name";
  mkdir $dir; mkdir "$dir/data";
  $self->{m}{$name} = { name => $name, dir => $dir, address => $address };
  Trust::spew("$dir/pin", "Secret1234");
  Trust::spew("$dir/machilink.ini", "[machilink]\nroles = " . ($name eq "center" ? "center" : "security-server") . ", dashboard\n"
    . "data-dir = $dir/data\nlog-file = $dir/machilink.log\ninstance = LAB\naddress = $address\nlanguage = en\n\n"
    . "[signer]\nautologin-file = $dir/pin\nocsp-retry-delay = 1\n\n[proxy-ui-api]\nlisten-address = $address\ntls = false\n"
    . "automatic-activate-auth-certificate = true\n\n"
    . ($name eq "center" ? "[center]\nlisten-address = $address\npublic-address = $address\nhttp-port = 8000\n"
      . "management-listen-address = $address\nauto-approve-auth-cert-reg-requests = true\n"
      . "auto-approve-client-reg-requests = true\nconf-expire-interval-seconds = 86400\n"
      : "[configuration-client]\nupdate-interval = 1\n\n[message-log]\ntimestamp-interval = 1\ntimestamp-retry-delay = 1\n\n[proxy]\n"
      . "connector-host = $address\nserver-listen-address = $address\nocsp-responder-listen-address = $address\n"));
  my ($rc, $out) = $self->run("api-key", "--config", "$dir/machilink.ini");
  die "no key: $out" if $rc || $out !~ /([0-9a-f-]{36})/;
  $self->{m}{$name}{key} = $1;
}

# ---- asking ----

# (status, decoded answer or text)
sub ask {
  my ($self, $name, $method, $path, $body, $type) = @_;
  my $m = $self->{m}{$name};
  my %h = (Authorization => "X-Road-ApiKey token=$m->{key}");
  $h{"Content-Type"} = $type // "application/json" if defined $body;
  my $r = $self->{http}->request($method, "http://$m->{address}:4000/api/v1$path",
    { headers => \%h, defined $body ? (content => ref $body ? encode_json($body) : $body) : () });
  return ($r->{status}, eval { decode_json($r->{content}) } // $r->{content});
}
# The answer of a call that has to succeed.
sub say_to {
  my ($self, @call) = @_;
  my ($status, $got) = $self->ask(@call);
  die "$call[0] $call[1] $call[2]: $status " . (ref $got ? encode_json($got) : $got) . "\n" if $status < 200 || $status > 299;
  return $got;
}
# A form with files: name => text, or name => [content].
sub form {
  my ($self, $name, $path, %field) = @_;
  my $text = join "", map { my $v = $field{$_}; "--b0und\r\nContent-Disposition: form-data; name=\"$_\"" . (ref $v ? "; filename=\"f\"\r\n"
    . "Content-Type: application/octet-stream\r\n\r\n$v->[0]\r\n" : "\r\n\r\n$v\r\n") } sort keys %field;
  return $self->say_to($name, "POST", $path, "$text--b0und--\r\n", "multipart/form-data; boundary=b0und");
}
sub wait_for {
  my ($self, $name, $path, $good) = @_;
  my $got = Lab::until(30, sub { ($self->ask($name, "GET", $path))[1] }, sub { ref $_[0] && $good->($_[0]) });
  die "$name $path stays " . (ref $got ? encode_json($got) : $got) . "\n" unless ref $got && $good->($got);
  return $got;
}
sub id { my (undef, $name, $system) = @_; return join ":", "LAB", @{ $member{$name} }[0, 1], $system ? $system{$name} : (); }

# ---- the center ----

sub center {
  my ($self) = @_;
  my @c = ("center");
  $self->start("center") or die "no center";
  $self->say_to(@c, "POST", "/initialization", { instance_identifier => "LAB", central_server_address => $self->{m}{center}{address},
    software_token_pin => "Secret1234" });
  $self->say_to(@c, "PUT", "/tokens/0/login", { password => "Secret1234" });
  $self->approve($self->{trust});
  for (qw(center town company)) {
    my ($class, $code, $name) = @{ $member{$_} };
    my %id = (member_class => $class, member_code => $code);
    utf8::decode(my $text = $name);
    $self->say_to(@c, "POST", "/member-classes", { code => $class, description => $class });
    $self->say_to(@c, "POST", "/members", { member_id => { %id }, member_name => $text });
    $self->say_to(@c, "POST", "/subsystems", { subsystem_id => { %id, subsystem_code => $system{$_} }, subsystem_name => $system{$_} });
  }
  $self->say_to(@c, "PATCH", "/management-services-configuration", { service_provider_id => $self->id("center", 1) });
  $self->say_to(@c, "POST", "/configuration-sources/$_/signing-keys", { key_label => $_, token_id => "0" }) for qw(INTERNAL EXTERNAL);
}
# The trust services enter the configuration: nothing of it is the center's own.
sub approve {
  my ($self, $t) = @_;
  my $pem = sub { [Trust::slurp($t->file($_[0]))] };
  my $ca = $self->form("center", "/certification-services", certificate => $pem->("ca"), tls_auth => "false",
    certificate_profile_info => "ee.ria.xroad.common.certificateprofile.impl.BasicCertificateProfileInfoProvider");
  $self->{ca} = $ca->{name};
  if ($t->{intermediate}) {
    my $below = $self->form("center", "/certification-services/$ca->{id}/intermediate-cas", certificate => $pem->("issuer"));
    $self->form("center", "/intermediate-cas/$below->{id}/ocsp-responders", cost_type => "FREE", url => $t->url("ocsp"), certificate => $pem->("ocsp"));
    $self->form("center", "/certification-services/$ca->{id}/ocsp-responders", cost_type => "FREE", url => $t->url("ocsp/root"), certificate => $pem->("ocsp-root"));
  } else {
    $self->form("center", "/certification-services/$ca->{id}/ocsp-responders", cost_type => "FREE", url => $t->url("ocsp"), certificate => $pem->("ocsp"));
  }
  $self->form("center", "/timestamping-services", cost_type => "FREE", url => $t->url("tsa"), certificate => $pem->("tsa"));
}
sub anchor { my ($self) = @_; return $self->say_to("center", "GET", "/configuration-sources/INTERNAL/anchor/download"); }

# ---- security servers ----

sub server {
  my ($self, $name, $anchor) = @_;
  Trust::spew("$self->{dir}/clock", ($self->{clock} // 0) . "\n");
  $self->{env}{$name}{MACHILINK_CLOCK_FILE} = "$self->{dir}/clock";
  $self->start($name) or die "no $name: " . Trust::slurp("$self->{m}{$name}{dir}/machilink.log");
  my ($class, $code) = @{ $member{$name} };
  $self->say_to($name, "POST", "/system/anchor", $anchor ? $anchor->($self, $name) : $self->anchor, "application/octet-stream");
  $self->say_to($name, "POST", "/initialization", { owner_member_class => $class, owner_member_code => $code,
    security_server_code => "$name-ss1", software_token_pin => "Secret1234", ignore_warnings => JSON::PP::false });
  $self->say_to($name, "PUT", "/tokens/0/login", { password => "Secret1234" });
  my ($tsa) = @{ $self->say_to($name, "GET", "/timestamping-services") };
  $self->say_to($name, "POST", "/system/timestamping-services", $tsa);
  $self->certificate($name, "SIGNING", $name);
  $self->register($name, $self->certificate($name, "AUTHENTICATION", $name));
}
# A new key and its certificate, imported: the certificate in PEM.
sub certificate {
  my ($self, $name, $usage, $of) = @_;
  my ($class, $code, $text) = @{ $member{$of} };
  utf8::decode($text);
  my $sign = $usage eq "SIGNING";
  my $made = $self->say_to($name, "POST", "/tokens/0/keys-with-csrs", { key_label => "$usage $of", csr_generate_request => {
    key_usage_type => $usage, ca_name => $self->{ca}, csr_format => "PEM", member_id => $self->id($of), subject_field_values => { C => "JP",
      O => $text, serialNumber => $code, $sign ? (businessCategory => $class, CN => $text) : (CN => "$name-ss1") } } });
  my $csr = $self->say_to($name, "GET", "/keys/$made->{key}{id}/csrs/$made->{csr_id}?csr_format=PEM");
  my $pem = $self->{trust}->sign($csr, $sign ? "sign" : "auth");
  $self->say_to($name, "POST", "/token-certificates", $pem, "application/octet-stream");
  $self->{m}{$name}{lc $usage} = $pem if $name eq $of;
  return $pem;
}
# What the server says about its certificates of one usage.
sub certificates {
  my ($self, $name, $usage) = @_;
  return map { @{ $_->{certificates} } } grep { $_->{usage} eq $usage } @{ $self->say_to($name, "GET", "/tokens/0")->{keys} };
}
sub find {
  my ($self, $name, $usage, $pem) = @_;
  my $serial = $self->{trust}->openssl("x509", "-in", $self->{trust}->keep($pem), "-noout", "-serial") =~ /=(\w+)/ ? hex $1 : 0;
  my ($c) = grep { $_->{certificate_details}{serial} eq $serial } $self->certificates($name, $usage);
  return $c;
}
# Registers an authentication certificate; true once it is active.
sub register {
  my ($self, $name, $pem) = @_;
  my $hash = $self->find($name, "AUTHENTICATION", $pem)->{certificate_details}{hash};
  $self->say_to($name, "PUT", "/token-certificates/$hash/register", { address => $self->{m}{$name}{address} });
  return Lab::until(30, sub { $self->find($name, "AUTHENTICATION", $pem) }, sub { $_[0]{active} && $_[0]{status} eq "REGISTERED" })->{active};
}

sub add_client {
  my ($self, $at, $of) = @_;
  my ($class, $code) = @{ $member{$of} };
  $self->say_to($at, "POST", "/clients", { client => { member_class => $class, member_code => $code, subsystem_code => $system{$of},
    connection_type => "HTTP" }, ignore_warnings => JSON::PP::true });
}
sub describe {
  my ($self, $at, $of, $to, $type, $url, $code) = @_;
  my $client = $self->id($of, 1);
  my $d = $self->say_to($at, "POST", "/clients/$client/service-descriptions", { url => $url, type => $type, $code ? (rest_service_code => $code) : (),
    ignore_warnings => JSON::PP::true });
  $self->say_to($at, "PUT", "/service-descriptions/$d->{id}/enable");
  $self->say_to($at, "POST", "/services/$_->{id}/service-clients", { items => [$to] }) for @{ $d->{services} };
}
# The management services, on the town's server.
sub provider {
  my ($self) = @_;
  my $id = $self->id("center", 1);
  $self->add_client("town", "center");
  $self->certificate("town", "SIGNING", "center");
  $self->say_to("center", "POST", "/management-services-configuration/register-provider",
    { security_server_id => $self->id("town") . ":town-ss1" });
  $self->say_to("town", "POST", "/clients/$id/tls-certificates", Trust::slurp("$self->{m}{center}{dir}/data/management.crt"),
    "application/octet-stream");
  $self->describe("town", "center", { id => "LAB:security-server-owners", service_client_type => "GLOBALGROUP" }, "WSDL",
    "http://$self->{m}{center}{address}:8000/managementservices.wsdl");
  $self->wait_for("town", "/clients/$id", sub { $_[0]{status} eq "REGISTERED" });
}
# A subsystem with one REST and one SOAP service, registered by request.
sub client {
  my ($self, $name) = @_;
  my $id = $self->id($name, 1);
  my %to = (id => $self->id($name eq "town" ? "company" : "town", 1), service_client_type => "SUBSYSTEM");
  $self->add_client($name, $name);
  $self->describe($name, $name, { %to }, "REST", $self->{backend}->url("rest"), "echo");
  $self->describe($name, $name, { %to }, "WSDL", $self->{backend}->url("wsdl"));
  my ($status) = Lab::until(20, sub { ($self->ask($name, "PUT", "/clients/$id/register"))[0] }, sub { $_[0] == 204 });
  die "$id is not registered: $status" if $status != 204;
  $self->wait_for($name, "/clients/$id", sub { $_[0]{status} eq "REGISTERED" });
}

# ---- exchanges ----

sub rest {
  my ($self, $from, $id) = @_;
  my $to = $from eq "town" ? "company" : "town";
  my $r = $self->{http}->get("http://$self->{m}{$from}{address}:8080/r1/" . $self->id($to, 1) =~ s{:}{/}gr . "/echo/x?y=1",
    { headers => { "X-Road-Client" => $self->id($from, 1) =~ s{:}{/}gr, "X-Road-Id" => $id // "rest-$$-" . $self->{calls}++ } });
  return $r->{status} == 200 && $r->{content} =~ m{GET /rest/x} ? "" : $r->{headers}{"x-road-error"} // "$r->{status} $r->{content}";
}
sub soap {
  my ($self, $from, $id) = @_;
  my $to = $from eq "town" ? "company" : "town";
  my $block = sub {
    my ($tag, $kind, $of, $more) = @_;
    my ($class, $code) = @{ $member{$of} };
    return "<x:$tag i:objectType=\"$kind\"><i:xRoadInstance>LAB</i:xRoadInstance><i:memberClass>$class</i:memberClass><i:memberCode>$code"
      . "</i:memberCode><i:subsystemCode>$system{$of}</i:subsystemCode>$more</x:$tag>";
  };
  my $r = $self->{http}->post("http://$self->{m}{$from}{address}:8080/", { headers => { "Content-Type" => "text/xml; charset=UTF-8" }, content =>
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:x="http://x-road.eu/xsd/xroad.xsd"'
    . ' xmlns:i="http://x-road.eu/xsd/identifiers"><s:Header>' . $block->("client", "SUBSYSTEM", $from, "")
    . $block->("service", "SERVICE", $to, "<i:serviceCode>greet</i:serviceCode><i:serviceVersion>v1</i:serviceVersion>")
    . "<x:id>" . ($id // "soap-$$-" . $self->{calls}++) . "</x:id><x:protocolVersion>4.0</x:protocolVersion></s:Header>"
    . '<s:Body><g:greet xmlns:g="urn:greet"><g:name>x</g:name></g:greet></s:Body></s:Envelope>' });
  return "" if $r->{content} =~ /greetResponse/;
  return $r->{content} =~ m{<faultcode>(.*?)</faultcode>} ? $1 : "$r->{status} $r->{content}";
}
# Both kinds in both directions, asked again until they work: "" or the last words.
sub exchanges {
  my ($self, $seconds) = @_;
  my $words = sub { join " ", grep { $_ ne "" } map { ($self->rest($_), $self->soap($_)) } qw(town company) };
  return Lab::until($seconds, $words, sub { $_[0] eq "" });
}

# The information system behind both servers.
package Backend;
our @ISA = ("Trust");
sub new {
  my ($class, $address) = @_;
  my $self = bless { address => $address, port => 0, owner => $$, pid => [],
    dir => File::Temp::tempdir("machilink-is-XXXXXX", TMPDIR => 1, CLEANUP => 1) }, $class;
  $self->serve;
  return $self;
}
sub answer {
  my ($self, $path, $head, $body) = @_;
  return (200, "text/plain", (split /\r\n/, $head)[0]) if $path =~ m{^/rest};
  return (200, "text/xml; charset=UTF-8", $self->wsdl) if $path eq "/wsdl";
  $body =~ s{<(/?)g:greet\b}{<$1g:greetResponse}g;
  return (200, "text/xml; charset=UTF-8", $body);
}
sub wsdl {
  my ($self) = @_;
  return '<?xml version="1.0" encoding="UTF-8"?><w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"'
    . ' xmlns:x="http://x-road.eu/xsd/xroad.xsd" xmlns:t="urn:greet" targetNamespace="urn:greet"><w:types><d:schema xmlns:d="http://www.w3.org/2001/XMLSchema"'
    . ' targetNamespace="urn:greet" elementFormDefault="qualified">' . join("", map { "<d:element name=\"$_\"><d:complexType><d:sequence>"
    . '<d:element name="name" type="d:string"/></d:sequence></d:complexType></d:element>' } qw(greet greetResponse)) . '</d:schema></w:types>'
    . join("", map { "<w:message name=\"$_\"><w:part name=\"body\" element=\"t:$_\"/></w:message>" } qw(greet greetResponse))
    . '<w:portType name="p"><w:operation name="greet"><w:input message="t:greet"/><w:output message="t:greetResponse"/></w:operation></w:portType>'
    . '<w:binding name="b" type="t:p"><s:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/><w:operation name="greet">'
    . '<s:operation soapAction="" style="document"/><x:version>v1</x:version><w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/>'
    . '</w:output></w:operation></w:binding><w:service name="s"><w:port name="p" binding="t:b"><s:address location="' . $self->url("soap")
    . '"/></w:port></w:service></w:definitions>';
}

1;
