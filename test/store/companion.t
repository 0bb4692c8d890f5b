#!/usr/bin/perl
# The ODBC companion meets an adapter that talks nonsense: it ends, it does not
# crash. Frames are those of appliance/base/odbc_wire.h, well-formed, cut and
# with random fields; no database is needed.
use strict;
use warnings;
use File::Basename qw(dirname);
use POSIX qw(dup2);
use Socket;
use Test::More;

my $bin = ($ENV{BUILD_DIR} // 'build/release') . '/../odbc/machilink-odbc';
plan skip_all => 'the companion is not built: make odbc' unless -x $bin;
srand 18;

sub str { return pack 'N/a*', $_[0]; }
sub frame { return pack 'N/a*', $_[0]; }

# Sends bytes, closes; (exit code, signal, what it answered).
sub talk {
  my @bytes = @_;
  socketpair my $us, my $them, AF_UNIX, SOCK_STREAM, 0 or die "$!";
  socketpair my $stop, my $stopped, AF_UNIX, SOCK_STREAM, 0 or die "$!";
  my $pid = fork // die;
  if (!$pid) {
    my ($a, $b) = (POSIX::dup(fileno $them), POSIX::dup(fileno $stopped));
    dup2($a, 20); dup2($b, 21); dup2(20, 3); dup2(21, 4);
    exec $bin or POSIX::_exit(127);
  }
  close $them; close $stopped;
  local $SIG{PIPE} = 'IGNORE';
  syswrite $us, $_ for @bytes;
  shutdown $us, 1;
  my $answer = '';
  local $SIG{ALRM} = sub { kill 'KILL', $pid };
  alarm 120;
  1 while sysread $us, $answer, 65536, length $answer;
  waitpid $pid, 0;
  alarm 0;
  return ($? >> 8, $? & 127, $answer);
}

my $open = pack('C', 1) . join('', map { str($_) } 'No such driver', 'host', 'db', 'user', 'word}x', '', '') . pack('NCCN', 3306, 2, 0, 1);
my ($code, $signal, $answer) = talk(frame($open));
is($signal, 0, 'a driver that is not there: no crash');
is(unpack('x4C', $answer), 70, 'but an error');
unlike($answer, qr/word/, 'without the password');
for my $first (frame($open), '') {
  my $bad = 0;
  for my $round (1 .. 60) {
    my $type = int rand 10;
    my $body = pack('C', $type) . join '', map { rand() < 0.5 ? pack('N', int rand 5) : str(join '', map { chr int rand 256 } 1 .. int rand 40) } 1 .. int rand 6;
    my $f = rand() < 0.3 ? substr(frame($body), 0, int rand length $body) : rand() < 0.1 ? pack('N', 0xffffff00) . $body : frame($body);
    my (undef, $sig) = talk($first, $f);
    if ($sig) { $bad++; diag(unpack 'H*', $f); }
  }
  is($bad, 0, 'nonsense: no crash');
}
is((talk())[1], 0, 'nothing at all: it ends');
done_testing();
