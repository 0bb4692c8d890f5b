#!/usr/bin/perl
# The adapter's pages, against a lab of its own (127.62.x): from a database to a
# data service that the company calls, by the browser alone.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Web;

Web::need();
my $lab = Web->lab("127.62.1");
if ($lab->{town}) {
  my $file = "$lab->{tmp}/sites.db";
  open(my $py, "|-", "python3", "-", $file) or die;
  print $py <<'END';
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("CREATE TABLE site (id INTEGER PRIMARY KEY, name TEXT NOT NULL, "
           "district TEXT NOT NULL, capacity INTEGER)")
db.executemany("INSERT INTO site (name, district, capacity) VALUES (?, ?, ?)",
    [("港小学校", "港", 820), ("港公民館", "港", 180), ("山手公園", "山手", 450)])
db.commit()
END
  ok(close($py), "a database of a system");
  chmod(0644, $file);
  my ($port) = $lab->{town}{url} =~ /:(\d+)$/;
  my $company = sprintf("http://127.62.1.3:%d", 8080 + $port - 4000);
  $lab->browser("adapter.mjs", 120, $lab->{town}{url}, $lab->{town}{password}, $file, $company);
}
$lab->end;
done_testing();
