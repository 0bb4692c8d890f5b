# What the tests of the adapter share: a folder, an adapter on it, and the
# databases it is tried on, which are real ones: PostgreSQL and MariaDB are
# started here, on an address of the test's own, and end with it.
package Adapter;
use strict;
use warnings;
use utf8;
use Cwd qw(abs_path);
use Encode qw(decode encode);
use Exporter qw(import);
use Fcntl qw(F_SETFD);
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use JSON::PP;
use lib dirname(abs_path(__FILE__)) . '/..';
use Port qw(free_port);
use Test::More;
use Time::HiRes qw(time sleep);

our @EXPORT = qw(spew slurp run free_port service param uri envelope);
my $json = JSON::PP->new->utf8->allow_nonref->canonical;
my $here = dirname(abs_path(__FILE__));
my @left; # processes that must end with the test

binmode $_, ':utf8' for Test::More->builder->output, Test::More->builder->failure_output;

sub spew { my ($f, $t) = @_; open my $h, '>:raw', "$f.new" or die "$f: $!"; print $h encode('UTF-8', $t); close $h or die "$f: $!"; rename "$f.new", $f or die "$f: $!"; return $f; }
sub slurp { open my $h, '<:raw', $_[0] or return ''; local $/; return decode('UTF-8', scalar <$h> // ''); }
sub uri { return join '', map { sprintf '%%%02X', ord } split //, encode('UTF-8', $_[0]); }
# Without a shell; (exit code, both streams).
sub run {
  my @argv = map { encode('UTF-8', $_) } @_;
  my $child = open(my $p, '-|') // die;
  if (!$child) { open STDERR, '>&', \*STDOUT; open STDIN, '<', '/dev/null'; exec { $argv[0] } @argv or exit 127; }
  local $/;
  my $out = <$p> // '';
  close $p;
  return ($? >> 8, decode('UTF-8', $out));
}
sub service { my ($name, $template, %more) = @_; return { name => $name, sqlTemplate => $template, %more }; }
sub param { my ($name, $type, %more) = @_; return { name => $name, ($type ? (type => $type) : ()), %more }; }

# The request of a SOAP caller; body in namespace p:.
sub envelope {
  my ($body) = @_;
  my ($code) = $body =~ /^<p:([^\s\/>]+)/;
  return encode('UTF-8', <<"END");
<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:x="http://x-road.eu/xsd/xroad.xsd" xmlns:i="http://x-road.eu/xsd/identifiers" xmlns:p="http://producer.x-road.eu" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Header><x:client i:objectType="SUBSYSTEM"><i:xRoadInstance>LAB</i:xRoadInstance><i:memberClass>COM</i:memberClass><i:memberCode>1</i:memberCode><i:subsystemCode>app</i:subsystemCode></x:client><x:service i:objectType="SERVICE"><i:xRoadInstance>LAB</i:xRoadInstance><i:memberClass>GOV</i:memberClass><i:memberCode>2</i:memberCode><i:subsystemCode>data</i:subsystemCode><i:serviceCode>$code</i:serviceCode><i:serviceVersion>v1</i:serviceVersion></x:service><x:userId>EE1</x:userId><x:id>q-1</x:id><x:protocolVersion>4.0</x:protocolVersion></s:Header><s:Body>$body</s:Body></s:Envelope>
END
}

# ---- the adapter ----
# ip: where it listens. bin: the program; skips the test without it.
sub new {
  my ($class, $ip) = @_;
  my $bin = $ENV{MACHILINK} // 'build/release/machilink';
  plan skip_all => "$bin is not built" unless -x $bin;
  my $dir = tempdir('machilink-adapter-XXXXXX', TMPDIR => 1, CLEANUP => 1);
  chmod 0755, $dir;
  return bless { ip => $ip, bin => abs_path($bin), dir => $dir, http => HTTP::Tiny->new(timeout => 60, max_redirect => 0) }, $class;
}
# The companion is looked for beside the program: a copy of both. False if it
# is not built.
sub with_companion {
  my ($a) = @_;
  my $build = $ENV{BUILD_DIR} ? dirname($ENV{BUILD_DIR}) : "$here/../../build";
  return 0 unless -x "$build/odbc/machilink-odbc";
  mkdir "$a->{dir}/bin" or die;
  for ([$a->{bin}, 'machilink'], ["$build/odbc/machilink-odbc", 'machilink-odbc']) {
    copy($_->[0], "$a->{dir}/bin/$_->[1]") or die "$!";
    chmod 0755, "$a->{dir}/bin/$_->[1]";
  }
  $a->{bin} = "$a->{dir}/bin/machilink";
  return 1;
}
# Writes services.json; sources as in the file.
sub offer { my ($a, @sources) = @_; return spew("$a->{dir}/services.json", decode('UTF-8', $json->encode({ name => 't', dbSources => \@sources }))); }
sub sqlite { my ($a, @services) = @_; return { databaseType => 'SQLITE', databaseName => 'data.db', dbServices => \@services }; }
sub sql { my ($a, $text) = @_; open my $p, '|-', 'sqlite3', '-bail', "$a->{dir}/data.db" or die; print $p encode('UTF-8', $text); close $p or die 'sqlite3 failed'; }
sub config {
  my ($a) = @_;
  $a->{port} //= free_port($a->{ip});
  return spew("$a->{dir}/machilink.ini", "[machilink]\nroles = adapter\ndata-dir = $a->{dir}/data\nlanguage = en\n"
      . "[adapter]\nlisten-address = $a->{ip}\nlisten-port = $a->{port}\nservices = $a->{dir}/services.json\n");
}
sub start {
  my ($a) = @_;
  my $ini = $a->config;
  pipe my $r, my $w or die;
  fcntl $w, F_SETFD, 0;
  my $pid = fork // die;
  if (!$pid) { open STDERR, '>>', "$a->{dir}/log" or die; exec $a->{bin}, 'serve', '--config', $ini, '--ready-fd', fileno $w or exit 127; }
  close $w;
  push @left, $a->{pid} = $pid;
  is(scalar(<$r>) // '', "ready\n", 'the adapter is ready') or BAIL_OUT(slurp("$a->{dir}/log"));
  $a->{base} = "http://$a->{ip}:$a->{port}";
}
# Starts to no end: what it says. The exit code must not be 0.
sub start_refused {
  my ($a) = @_;
  my ($code, $out) = run('timeout', '20', $a->{bin}, 'serve', '--config', $a->config);
  isnt($code, 0, 'it does not start');
  isnt($code, 124, 'at once');
  return $out;
}
sub stop {
  my ($a) = @_;
  kill 'TERM', $a->{pid};
  waitpid $a->{pid}, 0;
  is($? >> 8, 0, 'the adapter ends cleanly') or diag(slurp("$a->{dir}/log"));
  @left = grep { $_ != $a->{pid} } @left;
  unlike(slurp("$a->{dir}/log"), qr/Sanitizer|runtime error/, 'no complaint of a sanitizer');
}

# ---- calls ----
# HTTP::Tiny sends head and body apart: the body would wait for an answer to
# the head, 40 ms each.
{
  my $connect = HTTP::Tiny::Handle->can('connect');
  no warnings 'redefine';
  *HTTP::Tiny::Handle::connect = sub { my $h = $connect->(@_); setsockopt $h->{fh}, IPPROTO_TCP, TCP_NODELAY, 1; return $h; };
}
# Fills status, text (characters), answer (JSON or undef), head.
sub call {
  my ($a, $method, $path, $body, %h) = @_;
  my $got = $a->{http}->request($method, $a->{base} . $path, { headers => { 'Content-Type' => 'application/json', %h },
      (defined $body ? (content => ref $body ? $json->encode($body) : $body) : ()) });
  ($a->{status}, $a->{head}) = ($got->{status}, $got->{headers});
  $a->{raw} = $got->{content};
  $a->{text} = decode('UTF-8', $got->{content});
  $a->{answer} = eval { $json->decode($got->{content}) };
  return $a->{answer};
}
sub get { my ($a, $path) = @_; return $a->call('GET', "/api/service/$path"); }
sub post { my ($a, $name, $body) = @_; return $a->call('POST', '/api/service/' . uri($name), $body // {}); }
sub soap { my ($a, $body) = @_; $a->call('POST', '/ws/action.soap', envelope($body), 'Content-Type' => 'text/xml; charset=UTF-8', SOAPAction => '""'); return $a->{text}; }
# A connection on which a GET was sent; read by the test.
sub raw {
  my ($a, $path, $version) = @_;
  my $s = IO::Socket::INET->new(PeerAddr => $a->{ip}, PeerPort => $a->{port}, Timeout => 60) or die "$!";
  print $s "GET /api/service/$path HTTP/" . ($version // '1.1') . "\r\nHost: x\r\nConnection: close\r\n\r\n";
  return $s;
}
# kB, of the process.
sub memory { my ($a, $what) = @_; my ($kb) = slurp("/proc/$a->{pid}/status") =~ /^\Q$what\E:\s+(\d+)/m; return $kb; }

# ---- databases ----
sub quiet {
  my ($log, @argv) = @_;
  my $child = fork // die;
  if (!$child) { open STDOUT, '>>', $log; open STDERR, '>&', \*STDOUT; open STDIN, '<', '/dev/null'; exec @argv or exit 127; }
  waitpid $child, 0;
  return $?;
}
# Servers do not run as root.
sub as_user {
  my (@names) = @_;
  return () if $> != 0;
  my ($user) = grep { getpwnam $_ } @names, 'nobody';
  return ('setpriv', "--reuid=$user", '--clear-groups', '--regid=' . (getpwnam $user)[3]);
}
sub own_folder { my ($a, $name, @user) = @_; my $d = "$a->{dir}/$name"; mkdir $d or die; my ($u) = map { /=(.*)/ } grep { /reuid/ } @user; chown((getpwnam $u)[2, 3], $d) if $u; return $d; }

# undef if PostgreSQL is not installed. User "town", password "to'wn".
sub postgres {
  my ($a, $sql, @initdb) = @_;
  my ($bin) = sort { ($b =~ m{/(\d+)/})[0] <=> ($a =~ m{/(\d+)/})[0] } glob '/usr/lib/postgresql/*/bin';
  return undef unless $bin && -x "$bin/initdb";
  my @as = as_user('postgres');
  my $dir = own_folder($a, 'pg', @as);
  my $p = $a->{pg} = bless { a => $a, bin => $bin, as => \@as, dir => "$dir/data", port => free_port($a->{ip}), log => "$a->{dir}/pg.log", sock => $dir }, 'Adapter::Postgres';
  quiet($p->{log}, @as, "$bin/initdb", '-D', "$dir/data", '-U', 'boss', '--auth-local=trust', '--auth-host=scram-sha-256', '-N', (@initdb ? @initdb : ('-E', 'UTF8', '--locale=C'))) and return undef;
  $p->start and return undef;
  is($p->sql("CREATE USER town PASSWORD 'to''wn'; $sql"), 0, 'PostgreSQL has its tables') or diag(slurp($p->{log}));
  return $p;
}
# MariaDB through its ODBC driver, or undef. User "town", password "to'wn",
# database "town".
sub maria {
  my ($a, $sql) = @_;
  my ($server) = grep { -x $_ } '/usr/sbin/mariadbd';
  return undef unless $server && glob('/usr/lib/*/odbc/libmaodbc.so') && $a->with_companion;
  my @as = as_user('mysql');
  my $dir = own_folder($a, 'my', @as);
  my $m = $a->{my} = bless { a => $a, bin => $server, as => \@as, dir => $dir, port => free_port($a->{ip}), log => "$a->{dir}/my.log" }, 'Adapter::Maria';
  quiet($m->{log}, 'mariadb-install-db', '--no-defaults', "--datadir=$dir/data", '--skip-test-db', '--auth-root-authentication-method=normal', $> == 0 ? '--user=' . ($as[1] =~ s/.*=//r) : ()) and return undef;
  $m->start or return undef;
  is($m->sql("CREATE DATABASE town CHARACTER SET utf8mb4; CREATE USER town\@'%' IDENTIFIED BY 'to''wn'; GRANT SELECT, INSERT, UPDATE, DELETE ON town.* TO town\@'%'; USE town; $sql"), 0, 'MariaDB has its tables') or diag(slurp($m->{log}));
  return $m;
}

package Adapter::Postgres;
sub start { my ($p) = @_; return Adapter::quiet($p->{log}, @{ $p->{as} }, "$p->{bin}/pg_ctl", '-D', $p->{dir}, '-w', '-t', '120', '-l', "$p->{sock}/server.log", '-o', "-h $p->{a}{ip} -p $p->{port} -k $p->{sock} -F", 'start'); }
sub stop { my ($p, $how) = @_; return Adapter::quiet($p->{log}, @{ $p->{as} }, "$p->{bin}/pg_ctl", '-D', $p->{dir}, '-w', '-m', $how // 'immediate', 'stop'); }
sub sql { my ($p, $text) = @_; my $f = Adapter::spew("$p->{a}{dir}/in.sql", $text); return Adapter::quiet($p->{log}, "$p->{bin}/psql", '-h', $p->{sock}, '-p', $p->{port}, '-U', 'boss', '-d', 'postgres', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $f); }
sub ask { my ($p, $text) = @_; my (undef, $out) = Adapter::run("$p->{bin}/psql", '-h', $p->{sock}, '-p', $p->{port}, '-U', 'boss', '-d', 'postgres', '-qAt', '-c', $text); return $out =~ s/\n\z//r; }
sub source { my ($p, $password, @services) = @_; return { id => 'pg', databaseType => 'POSTGRESQL', host => $p->{a}{ip}, port => 0 + $p->{port}, databaseName => 'postgres', username => 'town', password => $password, tls => 'off', dbServices => \@services }; }

package Adapter::Maria;
sub start {
  my ($m) = @_;
  my $pid = fork // die;
  if (!$pid) {
    open STDOUT, '>>', $m->{log}; open STDERR, '>&', \*STDOUT; open STDIN, '<', '/dev/null';
    exec @{ $m->{as} }, $m->{bin}, '--no-defaults', "--datadir=$m->{dir}/data", "--socket=$m->{dir}/s", "--port=$m->{port}", "--bind-address=$m->{a}{ip}", '--skip-log-bin', '--innodb-buffer-pool-size=16M', '--innodb-flush-log-at-trx-commit=0', "--pid-file=$m->{dir}/pid", '--skip-name-resolve' or exit 127;
  }
  push @left, $m->{pid} = $pid;
  for my $until (Adapter::time() + 120) { while (Adapter::time() < $until) { return 1 if (Adapter::run('mariadb-admin', '--no-defaults', '-u', 'root', "--socket=$m->{dir}/s", 'ping'))[0] == 0; Adapter::sleep(0.1); } }
  return 0;
}
sub stop { my ($m) = @_; kill 'KILL', $m->{pid}; waitpid $m->{pid}, 0; @left = grep { $_ != $m->{pid} } @left; return 0; }
sub sql { my ($m, $text) = @_; my $f = Adapter::spew("$m->{a}{dir}/in.sql", $text); my ($code, $out) = Adapter::run('mariadb', '--no-defaults', '--default-character-set=utf8mb4', '-u', 'root', "--socket=$m->{dir}/s", '-e', "source $f"); Test::More::diag($out) if $code; return $code; }
sub ask { my ($m, $text) = @_; my (undef, $out) = Adapter::run('mariadb', '--no-defaults', '--default-character-set=utf8mb4', '-u', 'root', "--socket=$m->{dir}/s", '-NB', 'town', '-e', $text); return $out =~ s/\n\z//r; }
# As the Connector says it: the usual driver, no TLS on this machine.
sub source { my ($m, $password, @services) = @_; return { id => 'my', databaseType => 'MYSQL', host => $m->{a}{ip}, port => 0 + $m->{port}, databaseName => 'town', username => 'town', password => $password, dbServices => \@services }; }

package Adapter;
my $owner = $$;
our @servers;
END {
  if ($$ == $owner) {
    local $?;
    kill 'KILL', $_ for @left;
    waitpid $_, 0 for @left;
  }
}
sub DESTROY { my ($a) = @_; local $?; $a->{pg}->stop if $$ == $owner && $a->{pg} && -e "$a->{pg}{dir}/postmaster.pid"; }
1;
