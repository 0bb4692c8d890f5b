# A port for a server that a test starts: free_port(ADDRESS). Nobody listens on
# it, and nobody is given it by chance before the server is up: it is outside of
# the range from which the kernel gives ports to connections and to port 0.
package Port;
use strict;
use warnings;
use Exporter qw(import);
use IO::Socket::INET;

our @EXPORT_OK = qw(free_port);
my %given;

sub free_port {
  my ($address) = @_;
  for (1 .. 1000) {
    my $port = 10_240 + int rand 22_000;
    next if $given{$port}++ || !IO::Socket::INET->new(Listen => 1, LocalAddr => $address, LocalPort => $port);
    return $port;
  }
  die "no free port on $address: $!";
}
1;
