# What the browser tests share on the outside: a lab of their own and the
# browser's script, whose TAP lines are counted here.
package Web;
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Select;
use Test::More;

my $here = dirname(abs_path(__FILE__));

# Skips the whole test where there is no browser.
sub need {
  plan(skip_all => "no chromium") unless -x "/usr/bin/chromium";
  plan(skip_all => "no node") if system("command -v node >/dev/null 2>&1");
}

# A running lab on the net 127.x.y, without PostgreSQL unless other arguments of
# `machilink lab` are given: {town, company, center} => {url, password}, and
# {dir}. It ends with end().
sub lab {
  my ($class, $net, @more) = @_;
  my @none = (grep { $_ eq "residents" } @more) ? () : ("--without-residents");
  @more = grep { $_ ne "residents" } @more;
  @more = ("--without-postgresql") unless @more;
  my $self = bless { bin => $ENV{MACHILINK} // "build/release/machilink",
    tmp => tempdir("machilink-page-XXXXXX", TMPDIR => 1, CLEANUP => 1) }, $class;
  $self->{dir} = "$self->{tmp}/lab";
  local $ENV{LC_ALL} = "C.UTF-8";
  pipe(my $r, my $w) or die;
  $self->{pid} = fork() // die;
  if (!$self->{pid}) {
    open(STDOUT, ">&", $w); open(STDERR, ">&", $w); close $r;
    exec $self->{bin}, "lab", "--dir", $self->{dir}, "--net", $net, "--lang", "en", @none, @more or exit 127;
  }
  close $w;
  my $text = "";
  my $watch = IO::Select->new($r);
  while ($text !~ /Ctrl-C/ && $watch->can_read(300)) { sysread($r, $text, 4096, length $text) or last; }
  $self->{out} = $r;
  $self->{$1} = { url => $2, password => $3 } while $text =~ m{(\w+) +(https://\S+?)/ +admin / (\w+)}g;
  ok($self->{center} && $self->{town} && $self->{company}, "the lab runs and tells the pages") or diag($text);
  return $self;
}

# The PIN of a machine's key token.
sub pin {
  my ($self, $name) = @_;
  open(my $h, "<", "$self->{dir}/$name/pin") or die "$name: $!";
  chomp(my $pin = <$h>);
  return $pin;
}

# Runs test/web/<script> with arguments: its checks are ours. Three times the
# seconds, which it takes at most on an idle machine, end it.
sub browser {
  my ($self, $script, $seconds, @argv) = @_;
  open(my $t, "-|", "timeout", 3 * $seconds, "node", "$here/$script", @argv) or die;
  while (my $line = <$t>) {
    chomp $line;
    if ($line =~ /^(not )?ok - (.*)/) { ok(!$1, $2); } else { diag($line); }
  }
  close $t;
  is($? >> 8, 0, "$script ended well");
}

sub end {
  my ($self) = @_;
  kill "INT", $self->{pid};
  waitpid($self->{pid}, 0);
  is($? >> 8, 0, "the lab ended well");
}

1;
