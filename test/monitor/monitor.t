#!/usr/bin/perl
# The monitor in a running network: exchanges on both sides become records, use
# and numbers; who may read /metrics; a reader that Prometheus trusts; kill -9;
# nothing of it where it must not be. Loopback addresses of its own (127.54.x).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lab";
use File::Basename;
use HTTP::Tiny;
use JSON::PP;
use Lab;
use Test::More;

my $token = "a" x 48;
my $dir = "/tmp/machilink-monitor-$$";
mkdir $dir or die;
END { local $?; unlink glob "$dir/*" if $dir; rmdir $dir if $dir; }
sub spew { my ($f, $t) = @_; open(my $h, ">", $f) or die "$f: $!"; print $h $t; close $h; }
spew("$dir/token", "$token\n");
my $net = "127.54." . (10 + $$ % 200);
my $lab = Lab->new(net => $net, ini => { "proxy-ui-api" => { tls => "false" },
  "town/machilink" => { "metrics-port" => 19464, "metrics-address" => "$net.2", "metrics-token-file" => "$dir/token" } });
my $address = $lab->{m}{town}{address};
$lab->edit("town", "machilink" => { "metrics-address" => $address });
ok($lab->start($_), "$_ starts") for qw(center town company);
ok($lab->works("company", 30), "an exchange goes through");

# ---- use ----

my $service = "LAB/GOV/9000020994014/opendata/evacuation-sites";
is($lab->exchange("company", "mon-$_"), "", "exchange $_") for 1 .. 5;
my $refused = HTTP::Tiny->new->get($lab->url("company", "/r1/LAB/GOV/9000020994014/opendata/none"),
  { headers => { "X-Road-Client" => "LAB/COM/2010401999001/logistics", "X-Road-Id" => "mon-none" } });
is($refused->{status}, 500, "a service that does not exist");
sub usage { my ($who, $query) = @_; return $lab->api($who, "/api/v1/machilink/usage$query") // {}; }
sub of { my ($u, $side) = @_; return grep { ($_->{service} // "") eq $service && ($_->{side} // "") eq $side } @{ $u->{items} // [] }; }
my $u = Lab::until(10, sub { usage("town", "?by=service&compare=true") }, sub { my ($x) = of($_[0], "provider"); $x && $x->{calls} >= 6 });
my ($row) = of($u, "provider");
ok($row && $row->{calls} >= 6, "the town counts its service") or diag(explain($u));
is($row->{failures}, 0, "without failures");
ok($row->{p95_ms} > 0 && $row->{p50_ms} <= $row->{p95_ms} && $row->{mean_ms} <= $row->{max_ms}, "latencies");
ok($row->{request_bytes} > 0 && $row->{response_bytes} > 0, "bytes");
is($row->{days}, 1, "one day");
like($row->{first_use}, qr/^\d{4}-.*Z$/, "first use");
is($row->{before}{calls}, 0, "nothing before");
ok(exists $row->{change} && !defined $row->{change}, "so no change can be told");
my ($mine) = of(usage("company", "?by=service"), "consumer");
ok($mine && $mine->{calls} >= 6, "the company counts what it asked");
my ($none) = grep { ($_->{service} // "") =~ m{/none$} } @{ usage("company", "?by=service&side=consumer")->{items} };
ok($none && $none->{failures} == 1 && $none->{failures_by}{access} == 1, "the refusal has its reason") or diag(explain($none));
my ($data) = grep { $_->{service} eq "evacuation-sites" } @{ usage("town", "?by=pair&side=adapter")->{items} };
ok($data && $data->{calls} >= 5 && $data->{consumer} eq "LAB/COM/2010401999001/logistics", "the adapter's part is told apart") or diag(explain($data));
my $trend = $lab->api("town", "/api/v1/machilink/usage/trend?step=hour&by=service&service=$service&side=provider") // {};
is(scalar(@{ $trend->{series} // [] }), 1, "a line");
is(scalar(@{ $trend->{series}[0]{points} // [] }), 30 * 24, "with a point for each hour");
my $sum = 0;
$sum += $_->{calls} for @{ $trend->{series}[0]{points} // [] };
is($sum, (of(usage("town", "?by=service"), "provider"))[0]{calls}, "that come to the same");
my $unused = Lab::until(10, sub { $lab->api("town", "/api/v1/machilink/usage/unused?days=30") // {} }, sub { @{ $_[0]{items} // [] } });
ok(@{ $unused->{items} // [] } && !grep({ $_->{service} eq $service } @{ $unused->{items} }), "unused services are told");
is($lab->api("town", "/api/v1/machilink/usage/status")->{lost}, 0, "nothing was lost");
my $about = sprintf("%04d-%02d-%02dT%02d:%02d:%02dZ", (gmtime)[5] + 1900, (gmtime)[4] + 1, (gmtime)[3, 2, 1, 0]);
my $steps = $lab->api("company", "/api/v1/machilink/usage/steps?message_id=mon-3&near=$about")->{items} // [];
my @at = map { $steps->[0]{$_} // 0 } qw(request_in request_out response_in response_out);
ok(@$steps == 1 && $steps->[0]{side} eq "consumer" && $at[0] > 0 && "@at" eq join(" ", sort { $a <=> $b } @at), "the steps of one exchange")
  or diag(explain($steps));
$steps = $lab->api("company", "/api/v1/machilink/usage/steps?message_id=mon-none&near=$about")->{items} // [];
ok(@$steps == 1 && !$steps->[0]{succeeded} && $steps->[0]{fault_code}, "of a refused one, with its fault") or diag(explain($steps));
is_deeply($lab->api("company", "/api/v1/machilink/usage/steps?message_id=mon-3&near=2001-01-01T00:00:00Z")->{items}, [], "nothing at another time");

my $m = $lab->{m}{town};
my $api = "http://$m->{address}:" . (4000 + $lab->{shift}) . "/api/v1";
my %auth = (Authorization => "X-Road-ApiKey token=$m->{key}");
my $csv = HTTP::Tiny->new->get("$api/machilink/usage?format=csv&bom=true", { headers => { %auth, Accept => "text/csv" } });
is($csv->{status}, 200, "CSV") or diag($csv->{content});
like($csv->{content}, qr/^\xef\xbb\xbfside,service,consumer,calls,.*\r\n"provider","/, "with a byte order mark");
for my $bad ("from=2026-13-01", "by=moon", "from=2026-01-02&to=2026-01-01", "side=x") {
  is(HTTP::Tiny->new->get("$api/machilink/usage?$bad", { headers => \%auth })->{status}, 400, "refused: $bad");
}
is(HTTP::Tiny->new->get("$api/machilink/usage")->{status}, 401, "not for everybody");

# ---- X-Road's page ----

my $from = time - 3600;
my @t = map { my @g = gmtime($_); sprintf "%04d-%02d-%02dT%02d:%02d:%02dZ", $g[5] + 1900, $g[4] + 1, @g[3, 2, 1, 0] } $from, time;
my $graph = $lab->api("town", "/api/v1/diagnostics/operational-monitoring?records_from=$t[0]&records_to=$t[1]&interval=15&security_server_type=Producer&service_id=LAB:GOV:9000020994014:opendata:evacuation-sites");
ok(ref $graph eq "ARRAY" && @$graph >= 4, "requests by interval");
$sum = 0;
$sum += $_->{success_count} for @{ $graph // [] };
my $all = 0; # SOAP's service has a version
$all += $_->{calls} for grep { $_->{service} =~ m{^\Q$service\E(?:/|$)} } @{ usage("town", "?by=service&side=provider")->{items} };
is($sum, $all, "as many");
ok($lab->api("town", "/api/v1/diagnostics/addon-status")->{opmonitoring_enabled}, "opmonitoring_enabled");

# ---- Prometheus ----

my $url = "http://$address:19464/metrics";
is(HTTP::Tiny->new->get($url)->{status}, 401, "no token, no numbers");
is(HTTP::Tiny->new->get($url, { headers => { Authorization => "Bearer " . "b" x 48 } })->{status}, 401, "another's neither");
my $r = Lab::until(10, sub { HTTP::Tiny->new->get($url, { headers => { Authorization => "Bearer $token" } }) },
  sub { $_[0]{content} =~ /machilink_exchanges_total/ });
is($r->{status}, 200, "/metrics");
like($r->{headers}{"content-type"}, qr{^text/plain; version=0\.0\.4}, "in its format");
my $text = $r->{content};
like($text, qr/^machilink_exchanges_total\{side="provider",service="\Q$service\E",consumer="[^"]+",result="success"\} \d+$/m, "exchanges");
like($text, qr/^machilink_exchange_duration_seconds_bucket\{.*le="\+Inf"\} \d+$/m, "a histogram");
like($text, qr/^machilink_certificate_expiry_timestamp_seconds\{kind="[^"]+",subject="[^"]+",sha256="[0-9a-f]{64}"\} \d+$/m, "ends of certificates");
like($text, qr/^machilink_globalconf_valid 1$/m, "global configuration");
like($text, qr/^machilink_token_logged_in 1$/m, "token");
like($text, qr/^$_ [\d.e+]+$/m, $_) for qw(machilink_messagelog_unstamped_records machilink_data_free_bytes
  machilink_monitor_queue_records machilink_monitor_records_lost_total machilink_adapter_services
  machilink_adapter_services_asleep machilink_adapter_rows_total machilink_adapter_trace_lost_total process_resident_memory_bytes process_cpu_seconds_total);
my (%seen, %type);
for (split /\n/, $text) {
  $type{$1} = $2 if /^# TYPE (\S+) (\S+)/;
  next if /^#/;
  my ($series) = /^(\S+?(?:\{.*\})?) [^ ]+$/;
  fail("a line that is none: $_") unless defined $series;
  fail("twice: $series") if $seen{$series}++;
}
ok(!grep({ !defined } values %type), "every metric has a type");
spew("$dir/metrics", $text);
SKIP: {
  skip "no promtool", 2 if system("command -v promtool >/dev/null 2>&1");
  my $out = `promtool check metrics <$dir/metrics 2>&1`;
  is($?, 0, "promtool check metrics") or diag($out);
  my $rules = dirname(__FILE__) . "/../../packaging/monitoring/rules.yml";
  $out = `promtool check rules $rules 2>&1`;
  is($?, 0, "promtool check rules") or diag($out);
}
# what dashboard and rules ask for is there
for my $file (qw(grafana-dashboard.json rules.yml)) {
  open(my $h, "<", dirname(__FILE__) . "/../../packaging/monitoring/$file") or die;
  my $body = do { local $/; <$h> };
  decode_json($body) if $file =~ /json$/;
  my %name = map { $_ => 1 } $body =~ /\b((?:machilink|process)_[a-z_]+)/g;
  delete $name{$_} for map { ($_, "${_}_bucket") } keys %type;
  is_deeply([sort keys %name], [], "$file asks for what there is");
}

# ---- what is written stays ----

$lab->kill("town");
ok($lab->restart("town"), "the town comes back");
my ($again) = of(Lab::until(10, sub { usage("town", "?by=service") }, sub { of($_[0], "provider") }), "provider");
ok($again && $again->{calls} >= $row->{calls}, "and remembers");
$lab->stop("town");

# ---- fails closed ----

$lab->edit("town", "machilink" => { "metrics-token-file" => "$dir/missing" });
ok(!$lab->start("town"), "no token file, no start");
spew("$dir/short", "short\n");
$lab->edit("town", "machilink" => { "metrics-token-file" => "$dir/short" });
ok(!$lab->start("town"), "a short token neither");
$lab->edit("town", "machilink" => { "metrics-token-file" => "" });
ok(!$lab->start("town"), "nobody may read: neither");
like(Lab::slurp("$lab->{m}{town}{dir}/output"), qr/metrics-token-file/, "and why");

# ---- with certificates ----

SKIP: {
  skip "no openssl or curl", 3 if system("command -v openssl curl >/dev/null 2>&1");
  system("cd $dir && for n in reader other; do openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=\$n "
    . "-keyout \$n.key -out \$n.crt >/dev/null 2>&1; done");
  $lab->edit("town", "machilink" => { "metrics-token-file" => "", "metrics-client-certificate-file" => "$dir/reader.crt" });
  ok($lab->start("town"), "readers with certificates") or skip "it does not run", 2;
  my $get = sub { `curl -sk -o /dev/null -w '%{http_code}' $_[0] https://$address:19464/metrics` };
  is($get->("--cert $dir/reader.crt --key $dir/reader.key"), 200, "the reader's certificate opens");
  isnt($get->("--cert $dir/other.crt --key $dir/other.key"), 200, "another does not");
  isnt($get->(""), 200, "none does not");
}
done_testing();
