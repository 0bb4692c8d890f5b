#!/usr/bin/perl
# The dashboard in a real browser, against a lab of its own (127.22.x).
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Select;
use Test::More;

my $bin = $ENV{MACHILINK} // "build/release/machilink";
my $here = dirname(abs_path($0));
plan skip_all => "no chromium" unless -x "/usr/bin/chromium";
plan skip_all => "no node" if system("command -v node >/dev/null 2>&1");
my $dir = tempdir("machilink-page-XXXXXX", TMPDIR => 1, CLEANUP => 1);
$ENV{LC_ALL} = "C.UTF-8";

pipe(my $r, my $w) or die;
my $pid = fork() // die;
if (!$pid) {
  open(STDOUT, ">&", $w); open(STDERR, ">&", $w); close $r;
  exec $bin, "lab", "--dir", "$dir/lab", "--net", "127.22.1", "--lang", "en", "--without-postgresql" or exit 127;
}
close $w;
my $text = "";
my $watch = IO::Select->new($r);
while ($text !~ /Ctrl-C/ && $watch->can_read(120)) { sysread($r, $text, 4096, length $text) or last; }
my ($url, $password) = $text =~ m{company +(https://\S+/) +admin / (\w+)};
my ($center, $center_password) = $text =~ m{center +(https://\S+?)/ +admin / (\w+)};
ok($url && $center, "the lab runs and tells the pages") or diag($text);
if ($url) {
  my @shot = $ENV{MACHILINK_SHOT} ? ($ENV{MACHILINK_SHOT}) : ();
  (my $base = $url) =~ s{/$}{};
  open(my $t, "-|", "timeout", "120", "node", "$here/page.mjs", $base, $password, $center, $center_password, @shot) or die;
  while (my $line = <$t>) {
    chomp $line;
    if ($line =~ /^(not )?ok - (.*)/) { ok(!$1, $2); } else { diag($line); }
  }
  close $t;
  is($? >> 8, 0, "the browser ended well");
}
kill "INT", $pid;
waitpid($pid, 0);
is($? >> 8, 0, "the lab ended well");
done_testing();
