#!/usr/bin/perl
# Use of services in a browser, against a lab of its own (127.64.x): what the
# page says is what the interface says after exchanges that are known, and what
# was really exchanged; then a year of two hundred pairs is filled in and opened.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Web;

Web::need();
plan(skip_all => "no sqlite3") if system("command -v sqlite3 >/dev/null 2>&1");
my $lab = Web->lab("127.64.2");
my @at = map { ($lab->{$_}{url}, $lab->{$_}{password}) } qw(town company);

# Rows as the monitor would have written them: a call of 5 to 7 ms and one of
# 100 to 150 ms in each hundred.
my $year = <<"END";
.timeout 20000
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199)
INSERT INTO pair (id, side, c_instance, c_class, c_code, c_subsystem, s_instance, s_class, s_code, s_subsystem,
  s_service, s_version, service_type, first_use, last_ok)
SELECT 100000 + i, 0, 'LAB', 'COM', printf('%013d', 2000 + i % 40), 'portal', 'LAB', 'GOV', '9000020994014', 'opendata',
  printf('filled-%02d', i / 4), '', 'REST', (unixepoch() - 365 * 86400) * 1000, unixepoch() * 1000 FROM n;
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199),
  d(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM d WHERE k < 729)
INSERT INTO usage_day (day, pair, calls, failures, fault_request, fault_access, fault_network, fault_trust, fault_service, fault_system,
  total_ms, max_ms, request_bytes, response_bytes, histogram)
SELECT unixepoch() / 86400 - k, 100000 + i, 100, 1, 0, 0, 1, 0, 0, 0, 800, 150, 90000, 600000, x'04630D01' FROM n, d;
END
sub filled {
  open(my $p, "|-", "sqlite3", "-bail", "$lab->{dir}/town/data/monitor.db") or return 0;
  print $p $year;
  return close $p;
}

if ($lab->{company}) {
  $lab->browser("usage.mjs", 90, "known", @at);
  ok(filled(), "a year before, and one before that");
  $lab->browser("usage.mjs", 60, "year", @at);
}
$lab->end;
done_testing();
