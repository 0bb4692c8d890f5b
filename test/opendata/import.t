#!/usr/bin/perl
# From a CSV file to a data service: the standard sets in both editions, files
# as offices save them, what is mended and what is refused, and the services
# themselves, asked over REST while the adapter runs.
use strict;
use warnings;
use utf8;
use Encode qw(decode encode);
use Fcntl qw(F_SETFD);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/..";
use Port qw(free_port);
use HTTP::Tiny;
use JSON::PP;
use Test::More;
use Time::HiRes qw(time sleep);

binmode $_, ':utf8' for Test::More->builder->output, Test::More->builder->failure_output;
my $bin = $ENV{MACHILINK} // 'build/release/machilink';
plan skip_all => "$bin is not built" unless -x $bin;
my $dir = tempdir('machilink-opendata-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $ip = '127.53.1.1';
my $json = JSON::PP->new->utf8->canonical;
my ($code, $out, $pid);

sub spew { my ($f, $t) = @_; open my $h, '>:raw', $f or die "$f: $!"; print $h $t; close $h or die "$f: $!"; }
sub slurp { open my $h, '<:raw', $_[0] or return ''; local $/; return scalar <$h> // ''; }
sub utf8 { return encode('UTF-8', $_[0]) }
sub run {
  my @argv = @_;
  pipe my $r, my $w or die;
  my $child = fork // die;
  if (!$child) { open STDOUT, '>&', $w; open STDERR, '>&', $w; close $r; exec $bin, map { utf8($_) } @argv or exit 127; }
  close $w;
  $out = do { local $/; decode('UTF-8', <$r> // '') };
  waitpid $child, 0;
  return $code = $? >> 8;
}
sub import_file { my ($file, @more) = @_; return run('import', 'open-data', $file, '--config', "$dir/m.ini", '--lang', 'en', @more); }
sub file { my ($name, $text) = @_; spew(utf8("$dir/$name"), $text); return "$dir/$name"; }

my $port;
$port = free_port($ip);
spew("$dir/m.ini", "[machilink]\nroles = adapter\ndata-dir = $dir/data\nlanguage = en\n[adapter]\nlisten-address = $ip\nlisten-port = $port\n");

# ---- the standard sets, by their columns alone ----
# In the present edition, and in the one before it where towns still have it.
my @head = qw(全国地方公共団体コード ID 地方公共団体名);
my @old = qw(都道府県コード又は市区町村コード NO 都道府県名 市区町村名);
my @place = qw(名称 名称_カナ 所在地_連結表記 緯度 経度);
my @sets = (
  ['public-facilities', @head, @place, qw(POIコード 利用可能曜日 バリアフリー情報)],
  ['cultural-properties', @head, @place, qw(文化財分類 種類 所有者等 文化財指定日)],
  ['evacuation-sites', @head, @place, '災害種別_洪水', '災害種別_崖崩れ、土石流及び地滑り', '災害種別_津波', '指定避難所との重複', '想定収容人数'],
  ['evacuation-sites', @old, qw(名称 名称_カナ 住所 緯度 経度 災害種別_洪水 災害種別_津波 想定収容人数)],
  ['population', qw(全国地方公共団体コード 地域コード 地方公共団体名 調査年月日 地域名 総人口 男性 女性 0-4歳の男性 0-4歳の女性 世帯数 備考)],
  ['childcare-facilities', @head, @place, qw(種別 収容定員 受入年齢 一時預かりの有無 病児保育の有無)],
  ['wireless-access-points', @head, @place, qw(設置者 SSID 提供エリア)],
  ['aed', @head, @place, qw(設置位置 団体名 利用可能曜日 小児対応設備の有無)],
  ['aed', @old, qw(名称 名称_カナ 住所 方書 緯度 経度 設置位置 小児対応設備の有無)],
  ['care-services', @head, qw(介護サービス事業所名称 介護サービス事業所名称_カナ 実施サービス 事業所番号 定員)],
  ['medical-institutions', @head, @place, qw(医療機関の種類 診療曜日 診療科目 病床数)],
  ['tourist-facilities', @old, qw(名称 名称_カナ 名称_英語 POIコード 住所 緯度 経度 料金（基本） 説明_英語 アクセス方法 バリアフリー情報)],
  ['events', @head, qw(イベント名 イベント名_カナ 開始日 終了日 開始時間 説明 料金(基本) 主催者 場所名称 アクセス方法)],
  ['public-toilets', @head, @place, qw(設置位置 男性トイレ総数 男性トイレ数（小便器） 女性トイレ総数 バリアフリートイレ数 車椅子使用者用トイレ有無)],
  ['fire-water', @head, qw(種別 所在地_連結表記 緯度 経度 口径 備考)],
  ['food-businesses', @head, qw(施設名称 施設名称_カナ 営業の種類 業態 所在地_連結表記 法人番号 許可番号 許可年月日 許可満了日)],
);
# A plausible value for a column, by its name.
sub value {
  my ($name, $n) = @_;
  return '011002' if $name =~ /コード$/ && $name =~ /団体|市区町村/;
  return 35 + $n / 100 if $name eq '緯度';
  return 139 + $n / 100 if $name eq '経度';
  return $n * 10 if $name =~ /人口|男性$|女性$|歳の|世帯数|総数|定員|人数|病床数/;
  return "2026/4/$n" if $name =~ /日$/;
  return "0$n" if $name =~ /番号|ID|^NO$/;
  return "$name$n";
}
my $i = 0;
for (@sets) {
  my ($want, @columns) = @$_;
  my $f = file('list' . $i++ . '.csv', utf8(join("\r\n", join(',', @columns), map({ my $n = $_; join(',', map { value($_, $n) } @columns) } 1 .. 3), '')));
  is(import_file($f), 0, "$want: taken") or diag($out);
  like($out, qr{/api/service/\Q$want\E$}m, "$want is recognised");
  like($out, qr/standard open data set \d\d\): 3 rows, ${\ scalar @columns} columns/, 'and told');
}
run('import', 'open-data', '--list', '--lang', 'ja');
is(scalar(() = $out =~ /^  \d\d  /mg), 14, 'fourteen sets are known');

# ---- the services ----
my $list = <<'END';
全国地方公共団体コード,ID,地方公共団体名,名称,名称_カナ,所在地_連結表記,"建物名等(方書)",緯度,経度,POIコード,バリアフリー情報,開設日,"席 数"
11002,P0001,札幌市,"北小学校
(体育館)",キタショウガッコウ,札幌市北1-1,,43.06,141.35,1601,"車椅子可;""多目的""トイレ",昭和52年4月1日,"1,200"
011002,P0002,札幌市,𠮷田会館,ヨシダカイカン,札幌市北2-1,2階,43.07,141.36,1305,,令和元年5月1日,80

013048,P0003,新篠津村,髙﨑公民館,タカサキコウミンカン,新篠津村1,,43.2,141.6,1305,車椅子可,R7.10.3,１２０
END
is(import_file(file('011002_public_facility.csv', "\xef\xbb\xbf" . utf8($list))), 0, 'a list with everything') or diag($out);
like($out, qr/3 rows, 13 columns, UTF-8 \(BOM\)/, 'is read with its BOM');
like($out, qr/leading zero was put back in 1 rows/, 'a zero that a spreadsheet took');
like($out, qr/column "建物名等\(方書\)" is called "建物名等（方書）"/, 'a name that services cannot have');
pipe my $r, my $w or die;
fcntl $w, F_SETFD, 0;
$pid = fork // die;
if (!$pid) { open STDERR, '>', "$dir/log" or die; exec $bin, 'serve', '--config', "$dir/m.ini", '--ready-fd', fileno $w or exit 127; }
close $w;
END { if ($pid) { local $?; kill 'TERM', $pid; waitpid $pid, 0; } }
is(scalar(<$r>) // '', "ready\n", 'the adapter takes all of it') or BAIL_OUT(slurp("$dir/log"));
my $http = HTTP::Tiny->new(timeout => 60);
sub get { my ($path) = @_; my $a = $http->get("http://$ip:$port/api/service/$path"); return ($a->{status}, eval { $json->decode($a->{content}) } // decode('UTF-8', $a->{content})); }
sub rows { my ($s, $a) = get(@_); return $s == 200 ? $a->{rows} : [{ status => $s, %{ ref $a ? $a : {} } }]; }
sub ids { return join ' ', map { $_->{ID} // '?' } @{ rows(@_) } }
sub pc { my ($t) = @_; return join '', map { sprintf '%%%02X', ord } split //, utf8($t) }
sub q1 { return pc($_[0]) . '=' . pc($_[1]) }
is(ids('public-facilities'), 'P0001 P0002 P0003', 'all rows, in their order');
is(ids('public-facilities?municipality_code=011002'), 'P0001 P0002', 'of one municipality');
is(ids('public-facilities?' . q1(name => '会館')), 'P0002', 'by a part of the name');
is(ids('public-facilities?' . q1(name => 'タカサキ')), 'P0003', 'or of its kana');
is(ids('public-facilities?' . q1('POIコード', '1305') . '&' . q1(name => '𠮷')), 'P0002', 'by two things');
my ($row) = @{ rows('public-facilities-by-id?id=P0001') };
is($row->{'名称'}, "北小学校\n(体育館)", 'one row by its ID; a line break in a cell');
is($row->{'開設日'}, '1977-04-01', 'a date of the Japanese calendar');
is($row->{'席_数'}, 1200, 'a number with a comma');
is($row->{'バリアフリー情報'}, '車椅子可;"多目的"トイレ', 'quotes in a cell');
ok(exists $row->{'建物名等（方書）'} && !defined $row->{'建物名等（方書）'}, 'what is empty is null');
like(encode_json($row), qr/:43\.06[,}]/, 'a number is one');
is(rows('public-facilities-by-id?id=P0003')->[0]{'席_数'}, 120, 'full-width digits');
is(rows('public-facilities-by-id?id=P9')->[0], undef, 'there is no such row');
is(scalar @{ rows('public-facilities-by-id?' . q1(id => "' OR 1=1 --")) }, 0, 'an odd ID finds nothing');
is((get('population?' . q1('調査年月日', '2026-04-02')))[1]{rows}[0]{'_0-4歳の男性'}, 20, 'population by its day');
my $api = $json->decode($http->get("http://$ip:$port/api/openapi.json")->{content});
ok($api->{paths}{"/api/service/$_"}, "$_ is in the OpenAPI document") for qw(public-facilities public-facilities-by-id food-businesses fire-water);
like($http->get("http://$ip:$port/wsdl/services.wsdl")->{content}, qr/operation name="aed"/, 'and in the WSDL');

# ---- again: rows are replaced while callers read, the service stays ----
(my $less = $list) =~ s/^013048.*\n//m;
is(import_file(file('011002_public_facility.csv', utf8($less))), 0, 'the list of next month');
is(ids('public-facilities'), 'P0001 P0002', 'at once, without a restart');
my $services = $json->decode(slurp("$dir/data/services.json"));
is(scalar(grep { $_->{name} eq 'public-facilities' } map { @{ $_->{dbServices} } } @{ $services->{dbSources} }), 1, 'there is one of it');

# ---- CP932, as spreadsheets save it ----
my $cp = encode('cp932', "市区町村コード,名称,種別,備考\r\n011002,髙﨑①会館ｱ,集会所,㈱\r\n011002,港会館,集会所,\r\n");
is(import_file(file('kaikan.csv', $cp)), 0, 'CP932') or diag($out);
like($out, qr/2 rows, 4 columns, CP932/, 'is told');
for (1 .. 1200) { last if (get('kaikan'))[0] == 200; sleep 0.05 }
is(rows('kaikan')->[0]{'名称'}, '髙﨑①会館ｱ', 'with the letters of NEC and IBM');
(my $gaiji = $cp) =~ s/\x8d\x60/\xf0\x40/; # 港 as one's own character
is(import_file(file('kaikan.csv', $gaiji)), 0, "one's own characters");
like($out, qr/line 3: a character that CP932 does not have \(bytes f040\) became 〓/, 'are reported with their line');
is(rows('kaikan')->[1]{'名称'}, '〓会館', 'and stay visible');

# ---- any other list: guessed ----
my $shops = "店名\t区分\t開店\t席\n" . join('', map { "店$_\t" . ($_ % 2 ? '和食' : '洋食') . "\t2026/1/$_\t" . ($_ == 5 ? '約20' : $_) . "\n" } 1 .. 9);
is(import_file(file('お店.csv', utf8($shops))), 1, 'a file whose name is no service');
like($out, qr/give one with --name/, 'says what to do');
is(import_file("$dir/お店.csv", '--name', 'shops', '--title', '町のお店', '--dry-run'), 0, 'a dry run');
like($out, qr/nothing was changed/, 'changes nothing');
unlike(slurp("$dir/data/services.json"), qr/shops/, 'indeed');
is(import_file("$dir/お店.csv", '--name', 'shops', '--title', '町のお店'), 0, 'with a name') or diag($out);
like($out, qr/column "席" is kept as text because of "約20" in line 6/, 'a number that is none is told');
for (1 .. 1200) { last if (get('shops'))[0] == 200; sleep 0.05 }
is(scalar @{ rows('shops?' . q1('区分', '和食')) }, 5, 'a column of few values is a filter');
is(rows('shops-by-id?' . q1(id => '店3'))->[0]{'開店'}, '2026-01-03', 'the first column tells them apart');

# ---- refused, with the reason, and nothing changes ----
my $before = slurp("$dir/data/services.json");
my @bad = (
  ['', qr/the file is empty/], ["a,b\n", qr/a heading and no rows/], ["a,,c\n1,2,3\n", qr/column 2 has no name/], ["a,a\n1,2\n", qr/two columns are called "a"/],
  ["a,b\n1,2\n1,2,3\n", qr/line 3 has 3 cells, but the heading has 2/], ["a,b\n1,\"2\n3\n", qr/line 2: a quote \("\) is never closed/],
  ["a,b\n1,\"2\"x\n", qr/line 2: text after a closing quote/], ["PK\3\4rest", qr/this is a spreadsheet/], [encode('UTF-16LE', "\x{feff}a\tb\n1\t2\n"), qr/UTF-16/],
  ["\xff\xfe\xfd\xff\xfe\xfd,\xff\n\xff\xff,\xff\xff\n", qr/neither UTF-8 nor CP932/], [join(',', map { "c$_" } 1 .. 101) . "\n", qr/over 100 columns/],
);
for (@bad[0, 2, 4, 5, 8]) {
  run('import', 'open-data', file('bad.csv', $_->[0]), '--config', "$dir/m.ini", '--lang', 'ja');
  like($out, qr/[ぁ-ん]{2}.*。$/, 'a refusal in Japanese');
}
for (@bad) {
  my ($text, $why) = @$_;
  is(import_file(file('bad.csv', $text)), 1, "refused: $why");
  like($out, $why, 'with its reason');
}
is(slurp("$dir/data/services.json"), $before, 'services.json is as it was');
$services = $json->decode($before);
push @{ $services->{dbSources} }, { databaseType => 'SQLITE', databaseName => 'opendata.db', id => 'mine', password => 'x' };
$services->{dbSources}[1]{databaseName} = 'other.db';
$services->{dbSources}[1]{dbServices} = [{ name => 'mine', sqlTemplate => 'SELECT 1 AS a' }];
spew("$dir/data/services.json", $json->encode($services));
chmod 0600, "$dir/data/services.json";
is(import_file("$dir/kaikan.csv", '--name', 'mine'), 1, 'a name that another database has');
like($out, qr/"mine" is there already/, 'is not taken away from it');
is(import_file("$dir/kaikan.csv"), 0, 'what was broken before stays for its owner');
like($out, qr/another part of services\.json is wrong/, 'and is told') or diag($out);
is((stat "$dir/data/services.json")[2] & 0777, 0600, 'who may read the file stays');
kill 'TERM', $pid; waitpid $pid, 0;
is($? >> 8, 0, 'it ends cleanly');
undef $pid;
done_testing();
