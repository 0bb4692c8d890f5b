#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The packages of the ODBC companion: the same bytes from the same sources,
# what they hold and depend on, put into a root of their own by dpkg and rpm
# and taken out again without remains; the program in them does its work.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

my $root = abs_path(dirname(abs_path($0)) . "/../..");
my $binary = abs_path(($ENV{BUILD_DIR} // "$root/build/release") . "/../odbc/machilink-odbc") // "";
plan skip_all => "the companion is not built: make odbc" unless -x $binary;
my $dir = tempdir("machilink-odbc-XXXXXX", TMPDIR => 1, CLEANUP => 1);
$ENV{LC_ALL} = "C.UTF-8";
$ENV{SOURCE_DATE_EPOCH} = 1700000000;
sub run { my $text = `$_[0] 2>&1`; return ($? >> 8, $text); }
sub have { return !system "command -v $_[0] >/dev/null 2>&1"; }
sub build { my ($kind, $to) = @_; my ($rc, $out) = run("$root/packaging/odbc/package $kind $binary 0.1.0 $dir/$to"); return ($rc, (split /\n/, $out)[-1] // ""); }
sub same { return !system "cmp", "-s", @_; }
# every file below a folder, without the folder's name
sub files { my ($in) = @_; return join " ", map { s{^\Q$in\E}{}r } split /\n/, `find $in -type f 2>/dev/null | sort`; }

my ($rc, $out) = run("$root/packaging/odbc/package deb $dir/nothing 0.1.0 $dir");
is($rc, 1, "without the program there is no package");
like($out, qr/is not built: make odbc/, "and it says what to do");

# ---- Debian ----
SKIP: {
  skip "dpkg-deb or dpkg-shlibdeps is not installed", 1 unless have("dpkg-deb") && have("dpkg-shlibdeps");
  my ($rc, $deb) = build("deb", "a");
  is($rc, 0, "a .deb") or diag($deb);
  my (undef, $again) = build("deb", "b");
  ok(same($deb, $again), "the same again, byte for byte");
  my (undef, $depends) = run("dpkg-deb -f $deb Depends");
  like($depends, qr/\blibc6 \(>= [\d.]+\), libodbc2 \(>=/, "depends on what it links with");
  unlike($depends, qr/libssl|libpq|sqlite/, "and on nothing else");
  mkdir "$dir/root" or die;
  SKIP: {
    skip "only root may install", 6 if $>;
    my $to = "--root=$dir/root --force-depends --no-triggers --force-script-chrootless";
    system "mkdir -p $dir/root/var/lib/dpkg/info $dir/root/var/lib/dpkg/updates $dir/root/var/log && touch $dir/root/var/lib/dpkg/status";
    ($rc, $out) = run("dpkg $to -i $deb");
    is($rc, 0, "dpkg installs it") or diag($out);
    is(files("$dir/root/usr"), "/bin/machilink-odbc /share/doc/machilink-odbc/changelog.gz /share/doc/machilink-odbc/copyright /share/man/man1/machilink-odbc.1.gz", "its files");
    is((stat "$dir/root/usr/bin/machilink-odbc")[2] & 07777, 0755, "may be run, and is no setuid program");
    ($rc, $out) = run("dpkg --root=$dir/root --verify machilink-odbc");
    is($out, "", "every file is as the package says");
    # the program in it, judged by its own test
    system "mkdir -p $dir/x/release $dir/x/odbc && cp $dir/root/usr/bin/machilink-odbc $dir/x/odbc/";
    ($rc, $out) = run("BUILD_DIR=$dir/x/release perl $root/test/store/companion.t");
    is($rc, 0, "the installed program passes the companion's test") or diag($out);
    ($rc, $out) = run("dpkg --root=$dir/root --force-script-chrootless -P machilink-odbc");
    is(files("$dir/root/usr"), "", "nothing stays after it is removed") or diag($out);
  }
  SKIP: {
    skip "lintian is not installed", 1 unless have("lintian");
    (undef, $out) = run("PACKAGE_MAINTAINER='x' lintian --fail-on none --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog,initial-upload-closes-no-bugs $deb");
    unlike($out, qr/^E: /m, "lintian finds no error") or diag($out);
  }
}

# ---- rpm ----
SKIP: {
  skip "rpmbuild is not installed", 1 unless have("rpmbuild");
  my ($rc, $rpm) = build("rpm", "a");
  is($rc, 0, "an .rpm") or diag($rpm);
  my (undef, $again) = build("rpm", "b");
  ok(same($rpm, $again), "the same again, byte for byte");
  my (undef, $requires) = run("rpm -qpR $rpm");
  like($requires, qr/^libodbc\.so\.2\(\)\(64bit\)$/m, "depends on what it links with");
  SKIP: {
    skip "only root may install", 3 if $>;
    mkdir "$dir/rpmroot" or die;
    ($rc, $out) = run("rpm --root $dir/rpmroot --dbpath /db --nodeps --noscripts -i $rpm");
    is($rc, 0, "rpm installs it") or diag($out);
    is(files("$dir/rpmroot/usr"), "/bin/machilink-odbc /share/licenses/machilink-odbc/LICENSE /share/man/man1/machilink-odbc.1.gz", "its files");
    ($rc, $out) = run("rpm --root $dir/rpmroot --dbpath /db --nodeps -e machilink-odbc");
    is(files("$dir/rpmroot/usr"), "", "nothing stays after it is removed") or diag($out);
  }
}
done_testing();
