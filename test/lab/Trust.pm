# Trust services of somebody else: a CA by `openssl ca`, a responder by `openssl
# ocsp`, a time-stamping authority by `openssl ts`, behind one small HTTP server:
#   POST /ocsp          about certificates of the issuing CA; /ocsp/root of the root
#   POST /tsa           RFC 3161
#   POST /               either, by its type, as X-Road's test CA has it
#   POST /testca/sign   a form with "type" (auth, sign, auto) and the file "certreq",
#                       answered with the certificate: the form X-Road's test CA has
# Core modules only; every process is ended by its own id.
#
#   my $t = Trust->new(address => "127.16.1.9", port => 8888);
#   $t->file("ca"), $t->url("ocsp"), $t->sign($csr_pem, "auth"), $t->revoke($pem)
package Trust;
use strict;
use warnings;
use Fcntl qw(:flock);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use POSIX ();
use FindBin;
use lib "$FindBin::Bin/..";
use Port qw(free_port);

# address, port (0: any free); name: common name of the CA; key: "rsa:2048",
# "ec:P-256"; digest; intermediate: a CA below the root issues; ocsp: who signs
# responses, "delegated" (a certificate of the issuing CA), "own" (one that
# nobody issued), "ca"; native: `openssl ocsp -port` answers for the issuing CA.
sub new {
  my ($class, %o) = @_;
  my $self = bless { name => "Independent CA", key => "rsa:2048", digest => "sha256", ocsp => "delegated", port => 0,
    %o, owner => $$, pid => [] }, $class;
  $self->{dir} //= tempdir("machilink-trust-XXXXXX", TMPDIR => 1, CLEANUP => 1);
  $self->{issuer} = $self->{intermediate} ? "inter" : "root";
  $self->authority("root");
  $self->authority("inter") if $self->{intermediate};
  $self->service("tsa", "root");
  $self->responder($_) for $self->{intermediate} ? qw(root inter) : "root";
  spew("$self->{dir}/tsa.cnf", $self->tsa_conf);
  spew("$self->{dir}/tsa.serial", "01\n");
  $self->native if $self->{native};
  $self->serve;
  return $self;
}

sub slurp { my ($f) = @_; open(my $h, "<:raw", $f) or die "$f: $!"; local $/; return scalar <$h>; }
sub spew { my ($f, $t) = @_; open(my $h, ">:raw", $f) or die "$f: $!"; print $h $t; close $h or die "$f: $!"; }

# What openssl says; dies when it fails.
sub openssl {
  my ($self, @argv) = @_;
  pipe(my $r, my $w) or die;
  my $pid = fork() // die;
  if (!$pid) {
    open(STDIN, "<", "/dev/null"); open(STDOUT, ">&", $w); open(STDERR, ">&", $w); close $r;
    exec "openssl", @argv or POSIX::_exit(127);
  }
  close $w;
  my $out = do { local $/; <$r> } // "";
  waitpid($pid, 0);
  die "openssl @argv: $out" if $?;
  return $out;
}

# The file of: ca (the top one), inter, issuer, ocsp, ocsp-root, tsa.
sub file {
  my ($self, $what) = @_;
  my %at = (ca => "root.pem", issuer => "$self->{issuer}.pem", ocsp => "ocsp-$self->{issuer}.pem");
  return "$self->{dir}/" . ($at{$what} // "$what.pem");
}
sub url {
  my ($self, $what) = @_;
  return "http://$self->{address}:$self->{ocsp_port}/" if $what eq "ocsp" && $self->{ocsp_port};
  return "http://$self->{address}:$self->{port}/$what";
}

# ---- keys and certificates ----

sub genkey {
  my ($self, $name) = @_;
  my ($kind, $size) = split /:/, $self->{key};
  $self->openssl("genpkey", "-quiet", "-out", "$self->{dir}/$name.key", $kind eq "ec" ?
    ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:$size") : ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:$size"));
}
sub request {
  my ($self, $name, $cn) = @_;
  $self->genkey($name);
  $self->openssl("req", "-new", "-config", $self->{conf}, "-key", "$self->{dir}/$name.key", "-out", "$self->{dir}/$name.csr",
    "-subj", "/C=JP/O=Independent Trust/CN=$cn");
}

my $extensions = <<'END';
[any]
countryName = optional
stateOrProvinceName = optional
localityName = optional
organizationName = optional
organizationalUnitName = optional
organizationIdentifier = optional
businessCategory = optional
serialNumber = optional
commonName = optional
[req]
distinguished_name = dn
[dn]
[auth]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment, dataEncipherment, keyAgreement
extendedKeyUsage = clientAuth, serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[sign]
basicConstraints = CA:FALSE
keyUsage = critical, nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ocsp]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
[tsa]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[inter]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
END

# A CA with the files `openssl ca` wants: root, or inter below it.
sub authority {
  my ($self, $ca) = @_;
  my $d = $self->{dir};
  my $conf = "$d/$ca.cnf";
  spew($conf, "[ca]\ndefault_ca = d\n[d]\ndatabase = $d/$ca.index\nserial = $d/$ca.serial\nnew_certs_dir = $d/$ca.new\n"
    . "certificate = $d/$ca.pem\nprivate_key = $d/$ca.key\ndefault_md = $self->{digest}\npolicy = any\npreserve = yes\n"
    . "unique_subject = no\ncopy_extensions = none\ndefault_days = 3650\n$extensions");
  $self->{conf} //= $conf;
  mkdir "$d/$ca.new";
  spew("$d/$ca.index", "");
  spew("$d/$ca.index.attr", "unique_subject = no\n");
  spew("$d/$ca.serial", "1000\n");
  if ($ca eq "inter") { $self->service("inter", "root"); return; }
  $self->genkey($ca);
  $self->openssl("req", "-new", "-x509", "-config", $conf, "-extensions", "root", "-$self->{digest}", "-days", 3650,
    "-key", "$d/$ca.key", "-out", "$d/$ca.pem", "-subj", "/C=JP/O=Independent Trust/CN=$self->{name}");
}
# A key and a certificate of the root for what the CA itself needs.
sub service {
  my ($self, $name, $ca) = @_;
  $self->request($name, "$self->{name} $name");
  $self->ca($ca, "-extensions", $name =~ s/-.*//r, "-in", "$self->{dir}/$name.csr", "-out", "$self->{dir}/$name.pem");
}
sub responder {
  my ($self, $ca) = @_;
  my $d = $self->{dir};
  if ($self->{ocsp} eq "ca") {
    for (qw(key pem)) { spew("$d/ocsp-$ca.$_", slurp("$d/$ca.$_")); }
  } elsif ($self->{ocsp} eq "own") {
    $self->genkey("ocsp-$ca");
    $self->openssl("req", "-new", "-x509", "-config", $self->{conf}, "-extensions", "ocsp", "-$self->{digest}", "-days", 3650,
      "-key", "$d/ocsp-$ca.key", "-out", "$d/ocsp-$ca.pem", "-subj", "/C=JP/O=Another house/CN=Responder of $ca");
  } else {
    $self->service("ocsp-$ca", $ca);
  }
}

sub locked {
  my ($self, $do) = @_;
  open(my $h, ">", "$self->{dir}/lock") or die $!;
  flock($h, LOCK_EX);
  return $do->();
}
sub ca {
  my ($self, $ca, @argv) = @_;
  return $self->locked(sub { $self->openssl("ca", "-batch", "-notext", "-utf8", "-config", "$self->{dir}/$ca.cnf", @argv) });
}

# The certificate, PEM, for a request in PEM or DER; use: "auth" or "sign".
sub sign {
  my ($self, $csr, $use) = @_;
  my $at = "$self->{dir}/order-$$-" . $self->{orders}++;
  spew("$at.csr", $csr);
  $self->openssl("req", "-config", $self->{conf}, "-inform", "DER", "-in", "$at.csr", "-out", "$at.csr") if $csr !~ /^-----BEGIN/;
  $self->ca($self->{issuer}, "-extensions", $use, "-in", "$at.csr", "-out", "$at.pem");
  my $pem = slurp("$at.pem");
  unlink "$at.csr", "$at.pem";
  $self->nudge;
  return $pem;
}
# A file with this text, for openssl to read.
sub keep { my ($self, $text) = @_; my $f = "$self->{dir}/keep-$$.pem"; spew($f, $text); return $f; }
sub revoke {
  my ($self, $pem, $reason) = @_;
  $self->ca($self->{issuer}, "-revoke", $self->keep($pem), "-crl_reason", $reason // "keyCompromise");
  $self->nudge;
}

# ---- answers ----

sub ocsp_reply {
  my ($self, $ca, $ask, $answer) = @_;
  my $d = $self->{dir};
  $self->openssl("ocsp", "-index", "$d/$ca.index", "-CA", "$d/$ca.pem", "-rsigner", "$d/ocsp-$ca.pem", "-rkey", "$d/ocsp-$ca.key",
    "-reqin", $ask, "-respout", $answer, "-nmin", 10, "-rmd", $self->{digest});
}
sub tsa_conf {
  my ($self) = @_;
  my $d = $self->{dir};
  return "[tsa]\ndefault_tsa = t\n[t]\nserial = $d/tsa.serial\nsigner_cert = $d/tsa.pem\nsigner_key = $d/tsa.key\ncerts = $d/root.pem\n"
    . "signer_digest = $self->{digest}\ndefault_policy = 1.2.392.1\ndigests = sha256, sha384, sha512\naccuracy = secs:1\n"
    . "ordering = no\ntsa_name = no\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n";
}
sub tsa_reply {
  my ($self, $ask, $answer) = @_;
  $self->locked(sub { $self->openssl("ts", "-reply", "-config", "$self->{dir}/tsa.cnf", "-queryfile", $ask, "-out", $answer) });
}
# "the form": its fields by name; of a file its name too.
sub form {
  my ($head, $body) = @_;
  my ($mark) = $head =~ /boundary="?([^"\s;]+)/i or return;
  my %field;
  for (split /(?:^|\r?\n)--\Q$mark\E(?:--)?(?:\r?\n|$)/, $body) {
    my ($h, $text) = split /\r?\n\r?\n/, $_, 2;
    next unless defined $text && $h =~ /\bname="?([^";\r\n]+)/;
    my $name = $1;
    $field{$name} = $text;
    $field{"$name-file"} = $1 if $h =~ /\bfilename="?([^";\r\n]+)/;
  }
  return \%field;
}
sub testca {
  my ($self, $head, $body) = @_;
  my $f = form($head, $body);
  return (400, "text/plain", "no certreq") unless $f && $f->{certreq};
  my $use = $f->{type} // "auto";
  $use = ($f->{"certreq-file"} // "") =~ /sign/ ? "sign" : "auth" if $use !~ /^(?:auth|sign)$/;
  return (200, "application/octet-stream", $self->sign($f->{certreq}, $use));
}
# (status, type, body)
sub answer {
  my ($self, $path, $head, $body) = @_;
  $path = $head =~ m{^content-type:\s*application/timestamp-query}mi ? "/tsa" : "/ocsp" if $path eq "/";
  my $word = $path =~ m{^/(\w+)} ? $1 : "";
  return (503, "text/plain", "down") if -e "$self->{dir}/down-$word";
  return $self->testca($head, $body) if $path eq "/testca/sign";
  my $at = "$self->{dir}/call-$$";
  spew("$at.q", $body);
  my $type = "application/ocsp-response";
  if ($path eq "/ocsp") { $self->ocsp_reply($self->{issuer}, "$at.q", "$at.r"); }
  elsif ($path eq "/ocsp/root") { $self->ocsp_reply("root", "$at.q", "$at.r"); }
  elsif ($path eq "/tsa") { $type = "application/timestamp-reply"; $self->tsa_reply("$at.q", "$at.r"); }
  my $out = -e "$at.r" ? slurp("$at.r") : undef;
  unlink "$at.q", "$at.r";
  return defined $out ? (200, $type, $out) : (404, "text/plain", "nothing here");
}
# Makes "ocsp", "tsa" or "testca" answer 503, or answer again.
sub down { my ($self, $what) = @_; spew("$self->{dir}/down-$what", ""); }
sub up { my ($self, $what) = @_; unlink "$self->{dir}/down-$what"; }
# How often a path was asked.
sub asked {
  my ($self, $path) = @_;
  my $all = -e "$self->{dir}/asked" ? slurp("$self->{dir}/asked") : "";
  return scalar(() = $all =~ /^\Q$path\E \d/mg);
}

# ---- the server ----

sub call {
  my ($self, $c) = @_;
  my $in = "";
  $c->autoflush(1);
  while ($in !~ /\r\n\r\n/) { sysread($c, $in, 65536, length $in) or return; }
  my ($head, $body) = split /\r\n\r\n/, $in, 2;
  my ($path) = $head =~ m{^\w+ ([^ ?]*)} or return;
  print $c "HTTP/1.1 100 Continue\r\n\r\n" if $head =~ /^expect:\s*100/mi;
  my $length = $head =~ /^content-length:\s*(\d+)/mi ? $1 : 0;
  return if $length > 1 << 20;
  while (length $body < $length) { sysread($c, $body, $length - length $body, length $body) or return; }
  my ($status, $type, $out) = eval { $self->answer($path, $head, $body) };
  ($status, $type, $out) = (500, "text/plain", $@) if $@;
  if (open(my $log, ">>", "$self->{dir}/asked")) { print $log "$path $status\n"; close $log; }
  print $c "HTTP/1.1 $status X\r\nContent-Type: $type\r\nContent-Length: " . length($out) . "\r\nConnection: close\r\n\r\n$out";
}
sub serve {
  my ($self) = @_;
  my $l = IO::Socket::INET->new(LocalAddr => $self->{address}, LocalPort => $self->{port}, Listen => 64, ReuseAddr => 1)
    or die "$self->{address}:$self->{port}: $!";
  $self->{port} = $l->sockport;
  my $pid = fork() // die;
  if ($pid) { push @{ $self->{pid} }, $pid; return; }
  $SIG{CHLD} = "IGNORE";
  $SIG{TERM} = sub { POSIX::_exit(0) };
  while (getppid() == $self->{owner}) {
    vec(my $r = "", fileno($l), 1) = 1;
    select($r, undef, undef, 0.5) > 0 or next;
    my $c = $l->accept or next;
    my $child = fork();
    if (defined $child && !$child) {
      $SIG{CHLD} = "DEFAULT";
      alarm 20;
      eval { $self->call($c) };
      close $c;
      POSIX::_exit(0);
    }
    close $c;
  }
  POSIX::_exit(0);
}
# openssl's own responder; it reads the index again when that has changed. It
# listens on every address, and a connection that asks nothing occupies it for
# good: so its log says whether it is there.
sub native {
  my ($self) = @_;
  my ($d, $ca, $port) = ($self->{dir}, $self->{issuer}, $self->{ocsp_port} = free_port("0.0.0.0"));
  my $pid = fork() // die;
  if (!$pid) {
    open(STDIN, "<", "/dev/null"); open(STDOUT, ">>", "$d/native.log"); open(STDERR, ">&", \*STDOUT);
    exec "openssl", "ocsp", "-port", $port, "-index", "$d/$ca.index", "-CA", "$d/$ca.pem", "-rsigner", "$d/ocsp-$ca.pem",
      "-rkey", "$d/ocsp-$ca.key", "-nmin", 10, "-rmd", $self->{digest} or POSIX::_exit(127);
  }
  push @{ $self->{pid} }, $pid;
  for (1 .. 1200) {
    return if -e "$d/native.log" && slurp("$d/native.log") =~ /waiting for/;
    select(undef, undef, undef, 0.05);
  }
  die "openssl ocsp does not listen: " . slurp("$d/native.log");
}
# It looks at the index before it waits for a request: one is spent on that.
sub nudge {
  my ($self) = @_;
  $self->openssl("ocsp", "-noverify", "-issuer", $self->file("issuer"), "-cert", $self->file("ocsp"), "-url", $self->url("ocsp")) if $self->{ocsp_port};
}
sub DESTROY {
  my ($self) = @_;
  return if $$ != $self->{owner};
  local ($?, $@);
  for (@{ $self->{pid} }) { kill "TERM", $_; waitpid($_, 0); }
}

1;
