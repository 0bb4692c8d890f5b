#!/usr/bin/perl
# Every refusal of the adapter and of the data sources has its Japanese
# sentence: the texts of fail() in the sources against sentence.def, and what a
# running adapter says to callers of both protocols, and of a bad file.
use strict;
use warnings;
use utf8;
use FindBin;
use lib $FindBin::Bin;
use Adapter;
use JSON::PP;
use Test::More;

my $root = "$FindBin::Bin/../..";
# a C source's string literals that stand together, from a place on
sub literals { my ($s) = @_; return join '', map { s/\\"/"/gr =~ s/\\\\/\\/gr =~ s/\\n/\n/gr } $s =~ /"((?:[^"\\]|\\.)*)"/g; }

my @rows;
my $def = slurp("$root/appliance/adapter/sentence.def");
while ($def =~ /^SENTENCE\(((?:"(?:[^"\\]|\\.)*"\s*)+),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)$/mg) {
  my ($en, $ja) = map { literals($_) } $1, $2;
  my $gaps = () = $en =~ /\{[*+]?\}/g;
  my @told = $ja =~ /\{(\d)\}/g;
  is((grep { $_ > $gaps } @told) + 0, 0, "gaps of: $en");
  like($ja, qr/[ぁ-んァ-ヶ一-龥]|^\{1\}\.json/, "Japanese of: $en");
  my $re = join '.*', map { quotemeta } split /\{[*+]?\}/, $en, -1;
  push @rows, qr/\A$re\z/s;
}
cmp_ok(scalar @rows, '>', 90, 'rows of sentence.def');

# Faults that never reach a caller or an author: logged, or replaced by the
# sentence of their fault, which sentence.c has in Japanese.
my %silent = map { $_ => 1 } qw(FAULT_DATA_GONE FAULT_DATA_SLOW FAULT_DATA_CANCELLED FAULT_DATA_STANDBY FAULT_DATA_TEMPORARY
  FAULT_DATA_TYPE FAULT_NETWORK FAULT_UNKNOWN_HOST FAULT_IO FAULT_DATABASE FAULT_INTERNAL);
for my $f (glob("$root/appliance/adapter/*.c $root/appliance/store/data*.c $root/appliance/opendata/*.c"), map { "$root/appliance/store/$_.c" } qw(sqltext command cursor)) {
  my $text = slurp($f);
  while ($text =~ /\bfail\(\s*\w+,\s*([\w>.-]+),\s*((?:found\s*\?|id\s*==[^?]*\?)?\s*(?:"(?:[^"\\]|\\.)*"\s*(?::\s*)?)+)/g) {
    my ($fault, $all) = ($1, $2);
    for my $en (map { literals($_) } split /(?<=")\s*:\s*(?=")/, $all) {
      next if $silent{$fault} || $en =~ /\A(?:%s|%\.\*s)[^a-z]*(?:%s)?\z/ || $en =~ /\A%\.\*s \(/;
      (my $sample = $en) =~ s/%\.\*s|%-?\.?\d*(?:ll|z|l)?[sdiux]/7/g;
      # a word of ours that ends the sentence
      my @try = ($sample, $sample =~ s/ be 7/ be a SELECT/r);
      $f =~ m{([^/]+)\z};
      ok((grep { my $s = $_; grep { $s =~ $_ } @rows } @try) > 0, "$1: $en");
    }
  }
}

plan skip_all => 'sqlite3 is not installed' if system 'command -v sqlite3 >/dev/null 2>&1';
my $a = Adapter->new('127.52.2.1');
$a->sql("CREATE TABLE site (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO site VALUES (1, '中央公園'); CREATE TABLE secret (pin TEXT)");
$a->offer($a->sqlite(
    service('one', 'SELECT id, name FROM site WHERE id = :id', params => [param('id', 'LONG')]),
    service('unordered', 'SELECT id FROM site'),
    service('slow', 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS top FROM n', timeLimit => 50),
    service('change', 'UPDATE site SET name = :n', write => JSON::PP::true, maxAffected => 1, params => [param('n', 'STRING')]),
    service('full', 'INSERT INTO site VALUES (1, :n)', write => JSON::PP::true, params => [param('n', 'STRING')]),
    service('odd', "SELECT 'x' AS n", result => [param('n', 'LONG')])));
$a->start;
my @calls = (
  ['GET', 'none', undef, 404, 'データサービス「none」はありません'],
  ['GET', 'one', undef, 400, 'パラメーター「id」がありません'],
  ['GET', 'one?id=1&_format=pdf', undef, 400, '_format は json'],
  ['GET', 'one?id=1&_limit=3', undef, 400, '順序が決められていない'],
  ['GET', 'change?n=1', undef, 405, 'POST で呼び出して'],
  ['POST', 'one', '[1]', 400, 'JSON オブジェクトにして'],
  ['POST', 'one', '{"id"', 400, 'JSON として正しくありません'],
  ['POST', 'one', '<id>1</id>', 415, '本文の形式が text/xml です', 'text/xml'],
  ['POST', 'one?id=1', '{"id":1}', 400, 'アドレスに書けません'],
  ['GET', 'slow', undef, 503, '許された 50 ミリ秒以内'],
  ['GET', 'odd', undef, 500, '宣言された型 LONG に合わない'],
  ['POST', 'full', '{"n":"x"}', 409, '制約に反する'],
);
for my $x (@calls) {
  $a->call($x->[0], "/api/service/$x->[1]", $x->[2], $x->[5] ? ('Content-Type' => $x->[5]) : ());
  is($a->{status}, $x->[3], "$x->[0] $x->[1]: $x->[3]") or diag($a->{text});
  like($a->{answer}{error}{message_ja}, qr/\Q$x->[4]\E/, 'in Japanese');
  like($a->{answer}{error}{message_ja}, qr/。\)?。?\z|\)。\z/, 'a sentence');
  unlike($a->{text}, qr/SELECT i|UPDATE site|INSERT INTO/, 'without the SQL');
}
$a->soap('<p:one/>');
like($a->{text}, qr{<detail><message xmlns="http://producer\.x-road\.eu" xml:lang="ja">パラメーター「id」がありません。</message></detail>}, 'SOAP: in Japanese') or diag($a->{text});
$a->soap('<p:slow/>');
like($a->{text}, qr{xml:lang="ja">データサービス「slow」の処理が、許された 50 ミリ秒以内}, 'SOAP: the time cap');
$a->soap('<p:none/>');
like($a->{text}, qr{xml:lang="ja">データサービス「none」はありません}, 'SOAP: no service');
$a->stop;
done_testing();
