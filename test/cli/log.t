#!/usr/bin/perl
# `machilink log` beside a running and a stopped server: records found by what
# is known of them, one taken out and verified, nothing written. Loopback
# addresses of its own (127.33.1).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lab";
use Lab;
use JSON::PP;
use Test::More;

$ENV{LC_ALL} = "C.UTF-8";
my $lab = Lab->new(net => "127.33.1", ini => { "message-log" => { "timestamp-interval" => 1 }, "proxy-ui-api" => { tls => "false" } });
my $ini = "$lab->{m}{town}{dir}/machilink.ini";
my $out = "$lab->{dir}/one.asice";

sub found {
  my @words = @_;
  my ($code, $text) = $lab->run("log", "search", "--config", $ini, "--json", @words);
  my $j = eval { decode_json($text) };
  return ($code, $j ? $j->{records} : [], $j, $text);
}
sub check {
  my ($when) = @_;
  my ($code, $all) = found("--message-id", "find-me");
  is($code, 0, "$when: found by message id");
  is_deeply([sort map { $_->{direction} } @$all], ["request", "response"], "both records");
  is_deeply([map { $_->{side} } @$all], ["consumer", "consumer"], "of the consumer's side");
  (undef, my $by) = found("--member", "LAB/GOV/9000020994014", "--protocol", "rest", "--direction", "request", "--limit", 500);
  ok((grep { $_->{number} == $all->[-1]{number} } @$by), "found by member");
  ok(!(grep { $_->{direction} ne "request" || $_->{protocol} ne "rest" } @$by), "and only such ones");
  (undef, $by) = found("--service", "LAB/COM/2010401999001/logistics/emergency-goods", "--from", $all->[-1]{time}, "--to", $all->[0]{time});
  is_deeply([map { $_->{number} } @$by], [map { $_->{number} } @$all], "found by service and time");
  ($code) = found("--message-id", "find-nobody");
  is($code, 1, "what is not there is not found");
  (undef, my $page, my $j) = found("--limit", 1);
  (undef, my $more) = found("--limit", 1, "--before", $j->{next});
  ok($more->[0]{number} < $page->[0]{number}, "the next page goes on");
  return $all->[0]{number};
}

ok($lab->start($_), "$_ starts") or BAIL_OUT("no $_") for "center", "town", "company";
ok($lab->works("town", 15), "exchanges") or BAIL_OUT("no exchange");
is($lab->exchange("town", "find-me"), "", "an exchange");
my $number = check("running");
my $stamped = Lab::until(15, sub { (found("--message-id", "find-me"))[1][0]{stamped} }, sub { $_[0] });
ok($stamped, "it is time-stamped");
my ($code, $text) = $lab->run("log", "get", $number, "--config", $ini, "--out", $out);
is($code, 0, "a container is taken out") or diag($text);
($code, $text) = $lab->run("verify", $out, "--globalconf", $lab->{globalconf}, "--lang", "en");
is($code, 0, "it verifies") or diag($text);
like($text, qr/find-me/, "it is that message");
my $web = $lab->api("town", "/api/v1/machilink/exchanges?message-id=find-me&direction=response");
is($web && @{ $web->{exchanges} }, 1, "the administration API searches too");
is($lab->stop("town"), 0, "the server stops");
check("stopped");

# ---- encrypted from now on ----
($code, $text) = $lab->run("log", "key", "k1", "--config", $ini, "--lang", "en");
is($code, 0, "a key is made") or diag($text);
like($text, qr/^messagelog-key-id = k1$/m, "and how to use it is said");
my $key = "$lab->{m}{town}{dir}/data/messagelog-keys/k1.key";
is((stat $key)[2] & 0777, 0600, "nobody else reads it");
($code) = $lab->run("log", "key", "k1", "--config", $ini);
is($code, 70, "it is not made twice");
$lab->edit("town", "message-log" => { "messagelog-encryption-enabled" => "true", "messagelog-key-id" => "k1" });
ok($lab->start("town"), "the server starts with it");
ok($lab->works("town", 15), "exchanges");
is($lab->exchange("town", "sealed-one"), "", "an exchange");
ok(Lab::until(15, sub { (found("--message-id", "sealed-one"))[1][0]{stamped} }, sub { $_[0] }), "it is time-stamped");
(undef, my $sealed) = found("--message-id", "sealed-one");
($code, $text) = $lab->run("log", "get", $sealed->[0]{number}, "--config", $ini, "--out", $out);
is($code, 0, "a container is taken out") or diag($text);
($code, $text) = $lab->run("verify", $out, "--globalconf", $lab->{globalconf}, "--lang", "en");
is($code, 0, "it verifies") or diag($text);
is($lab->stop("town"), 0, "the server stops");
rename($key, "$key.away") or die;
ok(!$lab->start("town"), "without its key it does not start");
like(Lab::slurp("$lab->{m}{town}{dir}/output"), qr/the key k1 of the message log is not in/, "and says why");
rename("$key.away", $key) or die;

# ---- what people see ----
($code, $text) = $lab->run("log", "search", "--config", $ini, "--message-id", "find-me", "--lang", "ja");
like($text, qr/REST 応答  LAB\/GOV/, "in Japanese");
($code, $text) = $lab->run("log", "search", "--config", $ini, "--limit", 1, "--lang", "en");
like($text, qr/^more: --before \d+$/m, "says how to go on");
($code, $text) = $lab->run("log", "--lang", "en");
is($code, 64, "no command");
like($text, qr/usage: machilink log search/, "usage");
($code, $text) = $lab->run("log", "--lang", "ja");
like($text, qr/使い方: machilink log search/, "usage in Japanese");
for my $bad (["--from", "soon"], ["--member", "LAB"], ["--protocol", "smtp"], ["--limit", 0], ["--service", "LAB/GOV/1/2"]) {
  ($code, $text) = $lab->run("log", "search", "--config", $ini, @$bad);
  is($code, 70, "@$bad is refused: $text");
}
($code, $text) = $lab->run("log", "get", 1 << 40, "--config", $ini);
like($text, qr/has no record/, "no such record");
done_testing;
