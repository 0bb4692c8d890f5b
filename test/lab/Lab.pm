# What the survival tests share: a network made by `machilink lab`, whose three
# processes are then started, killed and asked one by one. Every process is
# ended by its own id. Core modules only.
package Lab;
use strict;
use warnings;
use Fcntl qw(F_SETFD);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use IO::Select;
use IO::Uncompress::Unzip qw(unzip $UnzipError);
use JSON::PP;
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(time sleep);

my %code = (town => "LAB/GOV/9000020994014/opendata", company => "LAB/COM/2010401999001/logistics");
my %service = (town => "evacuation-sites?area=%E6%B8%AF", company => "emergency-goods?least=1000");
my %port = (town => 8080, company => 8080);

# ini: section => { key => value }, put into the machines' configurations after
# the set-up; of one machine with "town/message-log".
sub new {
  my ($class, %o) = @_;
  my $self = bless { bin => $ENV{MACHILINK} // "build/release/machilink", net => $o{net}, pid => {},
    dir => tempdir("machilink-survive-XXXXXX", TMPDIR => 1, CLEANUP => 1), owner => $$ }, $class;
  my $dir = "$self->{dir}/lab";
  my ($rc, $out) = $self->run("lab", "--once", "--json", "--without-postgresql", "--without-residents", "--dir", $dir, "--net", $o{net}, "--lang", "en");
  die "no lab: $out" if $rc;
  my $report = decode_json($out =~ /(\{.*\})/s ? $1 : "{}");
  my $state = decode_json(slurp("$dir/lab.json"));
  $self->{$_} = $report->{$_} for qw(globalconf container);
  $self->{shift} = $state->{shift};
  $self->{m}{$_} = { %{ $state->{$_} }, name => $_, dir => "$dir/$_" } for qw(center town company);
  for my $m (values %{ $self->{m} }) { $self->edit($m->{name}, %{ $o{ini} // {} }); }
  return $self;
}

sub slurp { my ($f) = @_; open(my $h, "<:raw", $f) or die "$f: $!"; local $/; return scalar <$h>; }
sub spew { my ($f, $t) = @_; open(my $h, ">:raw", $f) or die "$f: $!"; print $h $t; close $h or die "$f: $!"; }

# Runs to its end; (exit code, output of both streams).
sub run {
  my ($self, @argv) = @_;
  pipe(my $r, my $w) or die;
  my $pid = fork() // die;
  if (!$pid) { open(STDIN, "<", "/dev/null"); open(STDOUT, ">&", $w); open(STDERR, ">&", $w); close $r; exec $self->{bin}, @argv or POSIX::_exit(127); }
  close $w;
  my $out = do { local $/; <$r> } // "";
  waitpid($pid, 0);
  return ($? >> 8, $out);
}

# Puts keys into a machine's configuration file.
sub edit {
  my ($self, $name, %ini) = @_;
  my $file = "$self->{m}{$name}{dir}/machilink.ini";
  my $text = slurp($file);
  for my $where (sort keys %ini) {
    my ($only, $section) = $where =~ m{^(\w+)/(.*)} ? ($1, $2) : ("", $where);
    next if $only && $only ne $name;
    for my $key (sort keys %{ $ini{$where} }) {
      $text =~ s/^\Q$key\E = .*\n//m;
      $text .= "\n[$section]\n" unless $text =~ /^\[\Q$section\E\]\n/m;
      $text =~ s/^(\[\Q$section\E\]\n)/$1$key = $ini{$where}{$key}\n/m;
    }
  }
  spew($file, $text);
}

# ---- processes ----

# Starts one machine, with the variables in {env}{its name}; true once it says
# ready.
sub start {
  my ($self, $name) = @_;
  my %env = %{ $self->{env}{$name} // {} };
  my $m = $self->{m}{$name};
  pipe(my $r, my $w) or die;
  my $pid = fork() // die;
  if (!$pid) {
    close $r;
    POSIX::setpgid(0, 0);
    # dup2 onto itself would leave it to be closed by exec
    if (fileno($w) == 9) { fcntl($w, F_SETFD, 0) } else { POSIX::dup2(fileno($w), 9) }
    open(STDIN, "<", "/dev/null");
    open(STDOUT, ">>", "$m->{dir}/output"); open(STDERR, ">&", \*STDOUT);
    $ENV{$_} = $env{$_} for keys %env;
    exec $self->{bin}, "serve", "--config", "$m->{dir}/machilink.ini", "--ready-fd", "9" or POSIX::_exit(127);
  }
  close $w;
  $self->{pid}{$name} = $pid;
  my $ready = IO::Select->new($r)->can_read(60) && sysread($r, my $word, 16);
  return 1 if $ready;
  $self->kill($name);
  return 0;
}
# Started by whoever supervises; a machine that cannot start at once may be
# asked once more, as a service manager would.
sub restart { my ($self, $name) = @_; return $self->start($name) || $self->start($name); }
sub alive { my ($self, $name) = @_; my $pid = $self->{pid}{$name} or return 0; return 0 if waitpid($pid, WNOHANG) == $pid; return 1; }
# kill -9, and gone.
sub kill {
  my ($self, $name) = @_;
  my $pid = delete $self->{pid}{$name} or return;
  CORE::kill("KILL", $pid);
  waitpid($pid, 0);
}
sub signal { my ($self, $name, $sig) = @_; CORE::kill $sig, $self->{pid}{$name}; }
# SIGTERM; its exit code, or -1 when it had to be killed.
sub stop {
  my ($self, $name) = @_;
  my $pid = $self->{pid}{$name} or return;
  CORE::kill("TERM", $pid);
  for (1 .. 6000) {
    if (waitpid($pid, WNOHANG) == $pid) { delete $self->{pid}{$name}; return $? >> 8; }
    sleep 0.01;
  }
  $self->kill($name);
  return -1;
}
# Waits for an end that it finds by itself.
sub wait_end {
  my ($self, $name, $seconds) = @_;
  my $pid = $self->{pid}{$name};
  for (1 .. $seconds * 100) {
    if (waitpid($pid, WNOHANG) == $pid) { delete $self->{pid}{$name}; return 1; }
    sleep 0.01;
  }
  return 0;
}
# The signer: the only child.
sub signer {
  my ($self, $name) = @_;
  my $pid = $self->{pid}{$name} or return;
  for my $f (glob "/proc/$pid/task/*/children") {
    my $c = eval { slurp($f) } // "";
    return $1 if $c =~ /(\d+)/;
  }
  return;
}
sub rss { my ($self, $name) = @_; return slurp("/proc/$self->{pid}{$name}/status") =~ /VmRSS:\s+(\d+)/ ? $1 : -1; }
sub fds { my ($self, $name) = @_; my @f = glob "/proc/$self->{pid}{$name}/fd/*"; return scalar @f; }
sub DESTROY {
  my ($self) = @_;
  return if $$ != $self->{owner};
  local $?;
  $self->kill($_) for keys %{ $self->{pid} };
}

# ---- asking ----

sub url { my ($self, $name, $path) = @_; return "http://$self->{m}{$name}{address}:" . ($port{$name} + $self->{shift}) . $path; }
# The administration API; the tests switch its TLS off.
sub api {
  my ($self, $name, $path) = @_;
  my $m = $self->{m}{$name};
  my $r = HTTP::Tiny->new(timeout => 60)->get("http://$m->{address}:" . (4000 + $self->{shift}) . $path,
    { headers => { Authorization => "X-Road-ApiKey token=$m->{key}" } });
  return $r->{success} ? eval { decode_json($r->{content}) } : undef;
}
# What the security server on it says about its health.
sub health {
  my ($self, $name) = @_;
  my $h = $self->api($name, "/api/v1/machilink/health") or return {};
  return (map { $_->{health} } grep { $_->{role} eq "security-server" } @{ $h->{roles} })[0] // {};
}
# Asks again until it is so, or the time is over; what was last said. The time
# is when to give up, not what is measured: on a busy machine everything takes
# longer, so it is a minute at least.
sub until {
  my ($seconds, $ask, $good) = @_;
  my $end = time + ($seconds < 60 ? 60 : $seconds);
  while (1) {
    my $x = $ask->();
    return $x if $good->($x) || time > $end;
    sleep 0.05;
  }
}

# One REST exchange from one machine to the other: "" or what went wrong.
sub exchange {
  my ($self, $from, $id, $http, %h) = @_;
  my $to = $from eq "town" ? "company" : "town";
  $http //= HTTP::Tiny->new(timeout => 30);
  my $r = $http->get($self->url($from, "/r1/$code{$to}/$service{$to}"),
    { headers => { "X-Road-Client" => $code{$from}, "X-Road-Id" => $id, %h } });
  return "" if $r->{status} == 200 && ($r->{headers}{"x-road-id"} // "") eq $id && eval { decode_json($r->{content})->{rows} };
  return $r->{headers}{"x-road-error"} // "$r->{status} $r->{content}";
}
# True when an exchange succeeds within the time.
sub works {
  my ($self, $from, $seconds) = @_;
  my $n = 0;
  return Lab::until($seconds, sub { $self->exchange($from, "works-$$-$from-" . time . "-" . $n++) }, sub { $_[0] eq "" }) eq "";
}

# ---- load ----

# Information systems that ask without pause, each a process of its own. What
# was answered stands in their files.
sub load {
  my ($self, $each) = @_;
  $self->{load} = [];
  unlink "$self->{dir}/enough";
  for my $n (1 .. 2 * $each) {
    my $from = $n % 2 ? "town" : "company";
    my $file = "$self->{dir}/load-$n";
    my $pid = fork() // die;
    if (!$pid) { eval { $self->ask_on($from, $n, $file) }; POSIX::_exit(0); }
    push @{ $self->{load} }, { pid => $pid, from => $from, file => $file };
  }
}
sub ask_on {
  my ($self, $from, $n, $file) = @_;
  my $http = HTTP::Tiny->new(timeout => 5);
  open(my $h, ">", $file) or die;
  $h->autoflush(1);
  for (my $i = 0; !-e "$self->{dir}/enough" && getppid() == $self->{owner}; $i++) {
    my $why = $self->exchange($from, "k$n-$i", $http);
    print $h "k$n-$i $why\n" =~ s/\s*\n/ /gr =~ s/ $//r . "\n";
    sleep 0.02 if $why ne "";
  }
}
# Ends them: [ids that were answered], { what the others heard => how often }.
sub load_end {
  my ($self) = @_;
  my (@good, %bad);
  spew("$self->{dir}/enough", "");
  for my $l (@{ $self->{load} }) {
    waitpid($l->{pid}, 0);
    for (split /\n/, slurp($l->{file})) {
      my ($id, $why) = split / /, $_, 2;
      if (($why // "") eq "") { push @good, $id } else { $bad{ substr($why, 0, 70) }++ }
    }
    unlink $l->{file};
  }
  delete $self->{load};
  return (\@good, \%bad);
}

# ---- archives ----

# The archives of a machine in the order of their chain; dies when there is no
# single chain. Fills { container name => how often }.
sub archives {
  my ($self, $name, $found) = @_;
  my (%next, %seen);
  for my $f (glob "$self->{m}{$name}{dir}/data/archive/mlog-*.zip") {
    my $info = ($self->{linking}{$f} //= do {
      my $text; unzip($f => \$text, Name => "linkinginfo") or die "$f: $UnzipError"; $text });
    my ($head, @line) = split /\n/, $info;
    my $before = (split / /, $head)[1];
    die "two archives follow $before" if $next{$before};
    $next{$before} = $f;
    $found->{ (split / /, $_)[1] }++ for @line;
  }
  my @chain;
  for (my $at = "-"; $next{$at}; $at = $chain[-1] =~ s{.*/}{}r) { push @chain, delete $next{$at}; }
  die "archives outside of the chain: " . join(" ", %next) if %next;
  return @chain;
}
# Containers an answered exchange must have, that are missing.
sub missing {
  my ($found, $ids) = @_;
  my %kind;
  for (keys %$found) { $kind{$1}++ if /^(.*-(?:request|response))-[0-9a-v]+\.asice$/; }
  return grep { !$kind{$_} } map { ("$_-request", "$_-response") } @$ids;
}

1;
