#!/usr/bin/perl
# The ODBC companion is asked nonsense: whatever comes in, it answers with a
# frame or ends by itself, and no signal ends it. Frames are made of good ones
# by a seeded generator (MACHILINK_SEED, MACHILINK_EXAMPLES), before and on a
# connection with a real MariaDB.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Adapter;
use File::Basename qw(dirname);
use Fcntl qw(F_SETFD);
use POSIX ();
use Socket qw(AF_UNIX SOCK_STREAM PF_UNSPEC);
use Test::More;

my $build = $ENV{BUILD_DIR} ? dirname($ENV{BUILD_DIR}) : "$FindBin::Bin/../../build";
my $bin = "$build/odbc/machilink-odbc";
plan skip_all => 'the companion is not built: make odbc' unless -x $bin;
my $rounds = $ENV{MACHILINK_EXAMPLES} // 150;
srand($ENV{MACHILINK_SEED} // 1);
my $a = Adapter->new('127.52.4.1');
my $my = $a->maria('CREATE TABLE site (id int, name varchar(20)); INSERT INTO site VALUES (1, \'x\')');

sub str { return pack('N', length $_[0]) . $_[0]; }
sub frame { my ($type, $body) = @_; return pack('N', 1 + length $body) . chr($type) . $body; }
my $port = $my ? $my->{port} : 1;
my @good = (
  frame(1, join('', map { str($_) } 'MariaDB Unicode', $a->{ip}, 'town', 'town', "to'wn", '', 'utf8mb4') . pack('NCCN', $port, 2, 1, 2)),
  frame(2, ''), frame(3, pack('N', 7) . str('SELECT id, name FROM site WHERE id > ? AND name <> ?')),
  frame(5, pack('NNN', 7, 500, 2) . chr(1) . pack('q>', 0) . chr(3) . str('y')), frame(6, ''), frame(7, chr 0),
  frame(3, pack('N', 8) . str('UPDATE site SET name = ? WHERE id = 1')), frame(5, pack('NNN', 8, 500, 1) . chr(3) . str("z")), frame(6, ''), frame(7, chr 1),
  frame(4, pack('N', 7)), frame(8, ''), frame(9, ''));

# One companion; sends the frames, reads what comes. How it ended: -1 by us.
sub talk {
  my (@frames) = @_;
  socketpair(my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die;
  socketpair(my $cancel, my $its, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die;
  my $pid = fork // die;
  if (!$pid) {
    POSIX::dup2(fileno $theirs, 13); POSIX::dup2(fileno $its, 14);
    POSIX::dup2(13, 3); POSIX::dup2(14, 4);
    open STDERR, '>', '/dev/null';
    fcntl(IO::Handle->new_from_fd($_, 'r+'), F_SETFD, 0) for 3, 4;
    exec $bin or POSIX::_exit(127);
  }
  close $theirs; close $its;
  my $answers = 0;
  local $SIG{PIPE} = 'IGNORE';
  for my $f (@frames) {
    my $sent = 0;
    while ($sent < length $f) { $sent += syswrite($ours, $f, length($f) - $sent, $sent) // last; last if !defined $!{EPIPE}; }
    my ($in, $rin, $got) = ('', '', '');
    vec($rin, fileno $ours, 1) = 1;
    # a frame that says it is longer than it is has no answer
    while (select(my $ready = $rin, undef, undef, $f =~ /\A(....)/s && unpack('N', $1) > length($f) - 4 ? 0.01 : 5)) {
      sysread($ours, $got, 65536) or last;
      $in .= $got;
      last if length $in >= 4 && length($in) >= 4 + unpack 'N', $in;
    }
    last if !length $in;
    $answers++;
  }
  close $ours;
  close $cancel;
  waitpid $pid, 0;
  return ($? & 127, $? >> 8, $answers);
}
sub bent {
  my @f = @_;
  for (1 .. 1 + rand 3) {
    my $i = int rand @f;
    my $what = int rand 6;
    my $n = length $f[$i];
    if ($what == 0) { substr($f[$i], rand $n, 1) = chr rand 256; }
    elsif ($what == 1) { $f[$i] = frame(rand 12, substr $f[$i], 5); }
    elsif ($what == 2) { my $b = substr $f[$i], 5; $f[$i] = frame(ord(substr $f[$i], 4, 1), substr $b, 0, rand 1 + length $b); }
    elsif ($what == 3) { $f[$i] = frame(ord(substr $f[$i], 4, 1), substr($f[$i], 5) . join '', map { chr rand 256 } 1 .. rand 40); }
    elsif ($what == 4) { splice @f, $i, 0, $f[rand @f]; }
    else { my $b = substr $f[$i], 5; substr($b, rand(length($b) - 3), 4) = pack 'N', (0, 1, 0x7fffffff, 0xffffffff, 501)[rand 5] if length $b > 4; $f[$i] = frame(ord(substr $f[$i], 4, 1), $b); }
  }
  return @f;
}

my ($signal, $code, $answers) = talk(@good);
is($signal, 0, 'good frames: no signal');
is($code, 0, 'it ends when the adapter does');
is($answers, $my ? scalar @good : 1, 'an answer to each') if $my;
for my $x (["\0\0\0\0"], ["\xff\xff\xff\xff"], ["\0\0\0\1\0"], [''], [map { frame($_, '') } 2 .. 8], [(frame(1, str('x') x 7 . pack('NCCN', 1, 2, 0, 1))) x 3]) {
  ($signal) = talk(@$x);
  is($signal, 0, 'nonsense: ' . unpack 'H20', $x->[0] // '');
}
my @killed;
for my $n (1 .. $rounds) {
  # most of them on a connection that stands
  my @f = $my && $n % 4 ? ($good[0], bent(@good[1 .. $#good])) : bent(@good);
  ($signal) = talk(@f);
  push @killed, join ' ', map { unpack 'H*', $_ } @f if $signal;
}
is(scalar @killed, 0, "$rounds bent conversations: none ends it") or diag($killed[0]);
$my->stop if $my;
done_testing();
