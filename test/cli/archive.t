#!/usr/bin/perl
# `machilink verify` over whole message archives: the containers, linkinginfo,
# the chain from file to file, and every way in which they can be wrong.
use strict;
use warnings;
use Digest::SHA qw(sha512_hex);
use File::Temp qw(tempdir);
use IO::Compress::Zip qw($ZipError ZIP_CM_DEFLATE);
use JSON::PP qw(decode_json);
use Test::More;

my $bin = $ENV{MACHILINK} // "build/release/machilink";
my $dir = tempdir("machilink-archive-XXXXXX", TMPDIR => 1, CLEANUP => 1);
my $v = ($ENV{MACHILINK_VECTORS} // "../shared/vectors") . "/x-road";
$ENV{LC_ALL} = "C.UTF-8";

sub run {
  pipe(my $r, my $w) or die;
  my $pid = fork() // die;
  if (!$pid) { open(STDIN, "<", "/dev/null"); open(STDOUT, ">&", $w); open(STDERR, ">&", $w); close $r; exec $bin, "verify", @_ or exit 127; }
  close $w;
  my $out = do { local $/; <$r> } // "";
  waitpid($pid, 0);
  return ($? >> 8, $out);
}
sub slurp { my ($path) = @_; open(my $h, "<:raw", $path) or die "$path: $!"; local $/; return scalar <$h>; }

# A ZIP of [name, bytes] pairs.
sub pack_zip {
  my ($name, @entry) = @_;
  my $z;
  for my $e (@entry) {
    my @opt = (Name => $e->[0], Method => ZIP_CM_DEFLATE, Zip64 => 0, Minimal => 1);
    if ($z) { $z->newStream(@opt) } else { $z = IO::Compress::Zip->new("$dir/$name", @opt) or die $ZipError }
    $z->print($e->[1]) if length $e->[1];
  }
  $z->close;
  return "$dir/$name";
}
# An archive of containers that goes on from a digest and a file name.
sub archive {
  my ($name, $digest, $before, @entry) = @_;
  my $info = ($digest || "-") . " " . ($before || "-") . " SHA-512\n";
  for my $e (@entry) {
    $digest = sha512_hex($digest . sha512_hex($e->[1]));
    $info .= "$digest $e->[0]\n";
  }
  return (pack_zip($name, @entry, ["linkinginfo", $info]), $digest);
}

# ---- the chain alone: it needs nobody's trust ----
my ($one, $d1) = archive("one.zip", "", "", ["a.asice", "first"], ["b.asice", "second"]);
my ($two, $d2) = archive("two.zip", $d1, "one.zip", ["c.asice", "third"]);
my ($three) = archive("three.zip", $d2, "two.zip", ["d.asice", "fourth"]);
my ($code, $out) = run("--linking-only", $one, $two, $three);
is($code, 0, "three archives in their order") or diag($out);
like($out, qr/begins here.*follows one\.zip.*follows two\.zip/s, "the chain in words");
($code, $out) = run("--linking-only", "--lang", "ja", $one, $two);
is($code, 0, "in Japanese");
like($out, qr/連鎖: one\.zip に続きます/, "the chain in Japanese words");
($code, $out) = run("--linking-only", $two);
is($code, 0, "one from the middle");
like($out, qr/goes on from one\.zip, which was not given/, "says what it hangs on");
($code, $out) = run("--linking-only", $one, $three);
is($code, 1, "one left out");
like($out, qr/three\.zip: invalid.*it follows two\.zip/s, "says what is missing");
($code, $out) = run("--linking-only", $three, $one, $two);
is($code, 0, "given in any order") or diag($out);
like($out, qr/begins here.*follows one\.zip.*follows two\.zip/s, "they are told in the order of the chain");
my ($other) = archive("other.zip", "", "", ["a.asice", "elsewhere"]);
($code, $out) = run("--linking-only", $one, $two, $other);
is($code, 1, "another beginning");
like($out, qr/begins a chain of its own/, "is said");
# every group has its chain: mlog-GROUP-FIRST-LAST-DIGEST.zip
my ($g1, $e1) = archive("mlog-A-B-20261121-20261122-1.zip", "", "", ["a.asice", "A"]);
my ($g2) = archive("mlog-A-B-20261120-20261121-2.zip", $e1, "mlog-A-B-20261121-20261122-1.zip", ["b.asice", "A2"]);
my ($g3) = archive("mlog-C-20261120-20261121-3.zip", "", "", ["a.asice", "C"]);
($code, $out) = run("--linking-only", $g2, $g3, $g1);
is($code, 0, "two groups") or diag($out);
($code, $out) = run("--linking-only", $g1, $g2, $g3, $one);
is($code, 0, "and one without") or diag($out);
($code, $out) = run("--linking-only", "--json", $one, $two);
my $json = eval { decode_json($out) };
is($json && $json->{verdict}, "valid", "JSON") or diag($out);
is_deeply([map { $_->{chain} } @{$json->{archives}}], ["begins", "follows"], "with the chain");
is($json->{archives}[1]{last_digest}, $d2, "and the digests");

my $bad = pack_zip("bad.zip", ["a.asice", "fi+st"], ["linkinginfo", "- - SHA-512\n" . sha512_hex(sha512_hex("first")) . " a.asice\n"]);
($code, $out) = run("--linking-only", $bad);
is($code, 1, "a container that was changed");
like($out, qr/a\.asice does not give the digest.*invalid_hash_chain/, "is named");
($code, $out) = run("--linking-only", "--lang", "ja", $bad);
like($out, qr/理由: ダイジェストの連鎖がつながりません \(invalid_hash_chain\)\n\s+詳細: .*a\.asice/, "in Japanese, with the details");
($code, $out) = run("--linking-only", pack_zip("none.zip", ["a.asice", "first"]));
is($code, 1, "no linkinginfo");
like($out, qr/there is no linkinginfo/, "is said");
($code, $out) = run("--linking-only", "$dir/missing.zip");
is($code, 2, "no such file: cannot tell");
($code, $out) = run("--linking-only", "$dir/missing.zip", $two);
is($code, 2, "nor about the one behind it");
like($out, qr/two\.zip: cannot tell/, "is said");
open(my $h, ">", "$dir/text.zip") or die; print $h "no zip"; close $h;
($code, $out) = run("--linking-only", "$dir/text.zip");
is($code, 1, "no ZIP at all");
($code, $out) = run($one);
is($code, 2, "without trust data it cannot tell");
like($out, qr/--globalconf/, "and says what it needs");
($code, $out) = run();
is($code, 64, "nothing to verify");

# every reason in Japanese is a sentence of its own, and so are the verdicts
for my $case ([[$one], 2, "指定が足りない"], [["--linking-only", "$dir/missing.zip"], 2, "見つかりません"], [["--linking-only", "$dir/text.zip"], 1, "形式が正しくありません"]) {
  my ($args, $want, $words) = @$case;
  ($code, $out) = run("--lang", "ja", @$args);
  is($code, $want, "@$args: the same verdict");
  like($out, qr/(無効|判定できません)\n.*理由: [^\n]*\Q$words\E/s, "and its reason in Japanese") or diag($out);
}

# ---- containers and chain together ----
SKIP: {
  my $trust = "$v/globalconf-core/globalconf_good2_v3";
  skip "no shared vectors beside the checkout", 1 unless -d $trust && -d "$v/asic-containers";
  my @good = map { ["$_.asice", slurp("$v/asic-containers/$_.asice")] } qw(valid-signed-message valid-signed-hashchain valid-batch-ts);
  my @wrong = map { ["$_.asice", slurp("$v/asic-containers/$_.asice")] } qw(wrong-message invalid-digest);
  my ($first, $d) = archive("first.zip", "", "", @good);
  my ($second) = archive("second.zip", $d, "first.zip", ["again.asice", $good[0][1]]);
  ($code, $out) = run($first, $second, "--globalconf", $trust);
  is($code, 0, "valid containers in a valid chain") or diag($out);
  like($out, qr/of 3, 3 are valid/, "all are judged");
  my ($mixed) = archive("mixed.zip", $d, "first.zip", $good[0], @wrong);
  ($code, $out) = run($first, $mixed, "--globalconf", $trust);
  is($code, 1, "invalid containers in a valid chain");
  like($out, qr/of 3, 1 are valid/, "are counted");
  like($out, qr/why: wrong-message\.asice: .*invalid_signature_value/, "each with what is wrong");
  like($out, qr/linkinginfo: holds.*follows first\.zip/s, "and the chain holds");
  ($code, $out) = run($mixed, "--lang", "ja", "--globalconf", $trust);
  like($out, qr/理由: wrong-message\.asice: 署名が内容と一致しません \(invalid_signature_value\)/, "in Japanese too");
  ($code, $out) = run((glob "$v/asic-containers/valid-signed-message*.asice")[0], "--lang", "ja", "--globalconf", $trust);
  like($out, qr/有効.*内容: SOAP(要求|応答).*部分 message\.xml: 検証済み/s, "a container in Japanese") or diag($out);
  ($code, $out) = run($mixed, "--json", "--globalconf", $trust);
  $json = eval { decode_json($out) };
  is_deeply([map { $_->{container} } @{$json->{archives}[0]{problems}}], ["wrong-message.asice", "invalid-digest.asice"], "JSON names them");
}
SKIP: {
  skip "no shared vectors beside the checkout", 1 unless -d "$v/archive-live";
  my @live = map { "$v/archive-live/message-archive-$_.zip" } 0, 1;
  ($code, $out) = run("--linking-only", @live);
  is($code, 0, "archives of a real server") or diag($out);
  like($out, qr/9011ab557706b505.*1bdf9efbf998d9c1/s, "with their digests");
  my %want = (WITH_LINKINGINFO => 0, NO_LINKINGINFO => 1, NO_ASIC_CONTAINERS => 1, WITH_INVALID_LINKINGINFO => 1, EXCESSIVE_FILES_IN_LINKINGINFO => 1);
  for my $name (sort keys %want) {
    ($code, $out) = run("--linking-only", "$v/archive-samples/mlog-$name.zip");
    is($code, $want{$name}, "mlog-$name") or diag($out);
  }
}
done_testing();
