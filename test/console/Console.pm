# What the tests of a dashboard share: a machine in a folder of its own, curl as
# its client, and what was answered last. Core modules only.
#
#   prepare('127.x.y.z', qw(curl sqlite3));   # address; programs it skips without
#   $ini = spew("$dir/machilink.ini", ...);   # on $ip and $port
#   start(); call('GET', '/'); stop();
package Console;
use strict;
use warnings;
use Exporter qw(import);
use Fcntl qw(F_SETFD);
use File::Temp qw(tempdir);
use JSON::PP;
use FindBin;
use lib "$FindBin::Bin/..";
use Port qw(free_port);
use Test::More;

our @EXPORT = qw(prepare free_port spew slurp run sql start stop call key $bin $dir $ip $port $base $ini $json
  $status %h @cookies $text $answer $peer $agent);
our $bin = $ENV{MACHILINK} // 'build/release/machilink';
our $json = JSON::PP->new->utf8->allow_nonref;
our ($dir, $ip, $port, $base, $ini);
# The last answer: %h its headers, $answer its JSON. From where and as whom is
# asked: $peer an address, $agent a browser's name; undef for the usual ones.
our ($status, %h, @cookies, $text, $answer, $peer, $agent);
my $pid = 0;

sub prepare {
  ($ip, my @tools) = @_;
  plan skip_all => "$bin is not built" unless -x $bin;
  for my $tool (@tools) { plan skip_all => "$tool is not installed" if system "command -v $tool >/dev/null 2>&1"; }
  $dir = tempdir('machilink-console-XXXXXX', TMPDIR => 1, CLEANUP => 1);
  $port = free_port($ip);
  $base = "https://$ip:$port";
}
sub spew { open my $h, '>:raw', $_[0] or die "$_[0]: $!"; print $h $_[1]; close $h or die; return $_[0]; }
sub slurp { open my $h, '<:raw', $_[0] or return ''; local $/; return scalar <$h> // ''; }
# Without a shell; first argument: standard input; (exit code, both streams).
sub run {
  my ($in, @argv) = @_;
  spew("$dir/stdin", $in // '');
  my $child = open(my $p, '-|') // die;
  if (!$child) { open STDIN, '<', "$dir/stdin"; open STDERR, '>&', \*STDOUT; exec { $argv[0] } @argv or exit 127; }
  local $/;
  my $out = <$p> // '';
  close $p;
  return ($? >> 8, $out);
}
# Rows of the dashboard's database.
sub sql { my ($code, $out) = run('', 'sqlite3', '-json', "$dir/data/console.db", $_[0]); die $out if $code; return $out ? $json->decode($out) : []; }

# ---- the machine of $ini ----
sub start {
  pipe my $r, my $w or die;
  fcntl $w, F_SETFD, 0;
  $pid = fork // die;
  if (!$pid) { open STDERR, '>>', "$dir/log" or die; exec $bin, 'serve', '--config', $ini, '--ready-fd', fileno $w or exit 127; }
  close $w;
  return is(scalar(<$r>) // '', "ready\n", 'it is ready') || BAIL_OUT(slurp("$dir/log"));
}
sub stop { kill 'TERM', $pid; waitpid $pid, 0; is($? >> 8, 0, 'it ends cleanly') or diag(slurp("$dir/log")); $pid = 0; }
END { if ($pid) { local $?; kill 'KILL', $pid; waitpid $pid, 0; } }

# ---- asking ----
# call(METHOD, path, body => text or value, headers...)
sub call {
  my ($method, $path, %o) = @_;
  my $body = delete $o{body};
  my @argv = ('curl', '-sk', '-i', '--max-time', '60', '--path-as-is');
  push @argv, $method eq 'HEAD' ? '-I' : ('-X', $method);
  push @argv, '--interface', $peer if $peer;
  push @argv, '-A', $agent if $agent;
  $o{'Content-Type'} //= 'application/json' if ref $body;
  push @argv, '-H', "$_: $o{$_}" for sort keys %o;
  push @argv, '-H', 'Expect:', '--data-binary', '@-' if defined $body;
  (my $c, my $all) = run(ref $body ? $json->encode($body) : $body, @argv, "$base$path");
  my ($head, $rest) = split /\r\n\r\n/, $all, 2;
  ($status) = ($head // '') =~ m{^HTTP/1.1 (\d+)};
  (%h, @cookies) = ();
  for my $line (split /\r\n/, $head // '') {
    next unless $line =~ /^([^:]+): (.*)/;
    push @cookies, $2 if lc $1 eq 'set-cookie';
    $h{lc $1} = $2;
  }
  $text = $rest // '';
  $answer = eval { $json->decode($text) };
  return $status;
}
sub key { return ('Authorization' => "X-Road-ApiKey token=$_[0]") }

1;
