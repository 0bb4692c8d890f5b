#!/usr/bin/perl
# The newcomer's guide, followed to the letter: the commands of
# web/help/*/adapter.md are run as they are printed, in both languages, and
# what the guide shows of their output must be there. In a network namespace
# of its own, because the guide's addresses are those of `make run`.
use strict;
use warnings;
use utf8;
use Cwd qw(abs_path);
use Encode qw(decode);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Select;
use Test::More;

binmode $_, ':utf8' for Test::More->builder->output, Test::More->builder->failure_output;
my $bin = abs_path($ENV{MACHILINK} // 'build/release/machilink');
plan skip_all => 'machilink is not built' unless -x $bin;
plan skip_all => 'curl is not installed' if system 'command -v curl >/dev/null 2>&1';
if (!$ENV{GUIDE_APART}) {
  plan skip_all => 'no right to make a network namespace' if system "unshare -n true 2>/dev/null";
  $ENV{GUIDE_APART} = 1;
  $ENV{MACHILINK} = $bin;
  exec 'unshare', '-n', 'sh', '-c', 'ip link set lo up && exec perl "$0"', abs_path($0) or die;
}
my $root = abs_path(dirname(abs_path($0)) . '/../..');
my $dir = tempdir('machilink-guide-XXXXXX', TMPDIR => 1, CLEANUP => 1);
sub slurp { open my $h, '<:encoding(UTF-8)', $_[0] or die "$_[0]: $!"; local $/; return scalar <$h>; }
# [kind, text] of the blocks of a page.
sub blocks { my @b; my $t = slurp($_[0]); push @b, [$1, $2] while $t =~ /^```(\w+)\n(.*?)^```$/msg; return @b; }

my %page = map { $_ => [blocks("$root/web/help/$_/adapter.md")] } qw(ja en);
my @sh = map { $_->[1] } grep { $_->[0] eq 'sh' } @{ $page{ja} };
is_deeply([map { $_->[1] } grep { $_->[0] eq 'sh' } @{ $page{en} }], \@sh, 'both languages have the same commands');
cmp_ok(scalar @sh, '>', 8, 'and they are some');
for my $readme (qw(README.md README.ja.md)) {
  my $text = slurp("$root/$readme");
  my @line = $text =~ /^(machilink (?:lab --dir run|import open-data|apply publish|api-key --config run).*)$/mg;
  cmp_ok(scalar @line, '>', 2, "$readme has the short form");
  for my $line (@line) { is((grep { index($_, $line) >= 0 } @sh) > 0, 1, "$readme: $line") }
}

# ---- the network: the first command, which stays ----
mkdir "$dir/bin" or die;
symlink $bin, "$dir/bin/machilink" or die;
$ENV{PATH} = "$dir/bin:$ENV{PATH}";
chdir $dir or die;
like($sh[0], qr/\Amachilink lab /, 'first the network');
pipe my $r, my $w or die;
my $lab = fork // die;
if (!$lab) { $ENV{LC_ALL} = 'ja_JP.UTF-8'; open STDOUT, '>&', $w; open STDERR, '>&', $w; close $r; exec split ' ', $sh[0] or exit 127; }
close $w;
END { if ($lab) { local $?; kill 'INT', $lab; waitpid $lab, 0; chdir '/'; } }
my ($said, $watch) = ('', IO::Select->new($r));
while ($said !~ /Ctrl-C/ && $watch->can_read(60)) { sysread $r, $said, 4096, length $said or last }
like($said, qr/Ctrl-C/, 'comes up') or BAIL_OUT(decode('UTF-8', $said));

for my $lang (qw(ja en)) {
  local $ENV{LC_ALL} = $lang eq 'ja' ? 'ja_JP.UTF-8' : 'C.UTF-8';
  my ($out, $what) = ('', '');
  for (@{ $page{$lang} }) {
    my ($kind, $text) = @$_;
    if ($kind eq 'sh') {
      next if $text eq $sh[0];
      ($what) = $text =~ /^([^\n]{1,70})/;
      my $child = open(my $p, '-|') // die;
      if (!$child) { open STDERR, '>&', \*STDOUT; binmode STDOUT; exec 'sh', '-ec', Encode::encode('UTF-8', $text) or exit 127; }
      { local $/; $out = decode('UTF-8', <$p> // ''); }
      close $p;
      is($?, 0, "$lang: $what") or diag($out);
    } else {
      ok(index($out, $_) >= 0, "$lang: shows $_") || diag($out) for split /\n/, $text;
    }
  }
}
kill 'INT', $lab;
waitpid $lab, 0;
is($? >> 8, 0, 'Ctrl-C ends it');
undef $lab;
chdir '/';
done_testing();
