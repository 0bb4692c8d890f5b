#!/usr/bin/perl
# A security server's backup over real processes: made while messages pass, put
# back after the server was taken apart, and onto a new machine; its state is
# as before and exchanges go on. The message log is not part of it and stays.
use strict;
use warnings;
use File::Path qw(make_path);
use FindBin;
use lib $FindBin::Bin;
use HTTP::Tiny;
use JSON::PP;
use Lab;
use Test::More;
use Time::HiRes qw(sleep);

my $lab = Lab->new(net => "127.15.250", ini => { "proxy-ui-api" => { tls => "false" } });
ok($lab->start($_), "$_ starts") or BAIL_OUT("no $_") for qw(center town company);
ok($lab->works($_, 30), "$_ exchanges") for qw(town company);
my $town = $lab->{m}{town};
my $json = JSON::PP->new->utf8->canonical;
my $http = HTTP::Tiny->new(timeout => 60);
my $client = "LAB:GOV:9000020994014:opendata";

sub call {
  my ($method, $path, $body) = @_;
  my $r = $http->request($method, "http://$town->{address}:" . (4000 + $lab->{shift}) . "/api/v1$path",
    { headers => { Authorization => "X-Road-ApiKey token=$town->{key}", "Content-Type" => "application/json" },
      defined $body ? (content => $json->encode($body)) : () });
  return ($r->{status}, $r->{content} ? eval { $json->decode($r->{content}) } : undef);
}
# All that a declared state knows of it.
sub state {
  local $ENV{MACHILINK_API_KEY} = $town->{key};
  my ($code, $out) = $lab->run("export", "--json", "--config", "$town->{dir}/machilink.ini");
  return $code ? "exit $code: $out" : $out;
}
sub records { my ($code, $list) = call("GET", "/machilink/exchanges?limit=500"); return scalar @{ $list->{items} // $list->{exchanges} // [] }; }

my $before = state();
like($before, qr/"evacuation-sites"/, "the state before");

# ---- backed up under load ----
$lab->load(2);
sleep 1;
my ($status, $made) = call("POST", "/backups");
is($status, 201, "a backup under load");
my ($good, $bad) = $lab->load_end;
ok(@$good > 5 && !%$bad, scalar(@$good) . " exchanges meanwhile, none refused") or diag(explain $bad);

# ---- the server is taken apart ----
my ($s, $list) = call("GET", "/clients/$client/service-descriptions");
call("DELETE", "/service-descriptions/$_->{id}") for @$list;
call("POST", "/clients/$client/local-groups", { code => "new", description => "Not in the backup" });
($s, my $token) = call("GET", "/tokens/0");
my ($key) = grep { $_->{usage} eq "SIGNING" && $_->{certificates}[0]{owner_id} eq "LAB:GOV:9000020994014" } @{ $token->{keys} };
my ($deleted) = call("DELETE", "/keys/$key->{id}?ignore_warnings=true");
ok($deleted =~ /^20/, "its signing key is deleted") or diag($deleted);
isnt(state(), $before, "another state");
isnt($lab->exchange("company", "gone-$$"), "", "nobody reaches its services");
my $records = records();

# ---- put back ----
($status, my $answer) = call("PUT", "/backups/$made->{filename}/restore");
is($status, 200, "restored") or diag(explain $answer);
my $after = Lab::until(60, \&state, sub { $_[0] eq $before });
is($after, $before, "the state is as before");
ok($lab->alive("town"), "by the same process");
ok($lab->works($_, 60), "$_ exchanges again") for qw(company town);
cmp_ok(records(), ">", $records, "the message log kept what it had");
$lab->kill("town");
ok($lab->restart("town"), "killed and started again") or diag(substr(Lab::slurp("$town->{dir}/machilink.log"), -800));
ok($lab->works("company", 60), "it still serves");
is(state(), $before, "the same state");

# ---- a new machine, with the old one's backup and key ----
ok($lab->stop("town") >= 0, "the machine is lost");
my $old = "$town->{dir}/data";
my $ini = Lab::slurp("$town->{dir}/machilink.ini");
(my $new = $ini) =~ s{^data-dir = .*}{data-dir = $town->{dir}/fresh}m;
Lab::spew("$town->{dir}/machilink.ini", $new);
make_path("$town->{dir}/fresh");
my @restore = ("backup", "restore", "$old/backup/$made->{filename}", "--config", "$town->{dir}/machilink.ini");
my ($code, $out) = $lab->run(@restore);
isnt($code, 0, "a stranger's backup is not opened") or diag($out);
($code, $out) = $lab->run(@restore, "--force", "--key-file", "$old/backup.key");
is($code, 0, "with the key it is") or diag($out);
ok($lab->restart("town"), "the new machine starts");
ok($lab->works($_, 60), "$_ exchanges with the new machine") for qw(company town);
is(state(), $before, "the same state");
$lab->stop($_) for qw(town company center);
done_testing();
