#!/usr/bin/perl
# sql.pl DATABASE GENDIR: turns sqlite/DATABASE/*.sql into C.
#
# NNNN-what.sql are migrations, numbered from 0001 without a gap; queries.sql
# holds named statements, each begun by a line "-- name: what it does".
# Writes GENDIR/DATABASE_sql.h (enum of Q_DATABASE_NAME, the schema) and .c.
use strict;
use warnings;

my ($db, $gen) = @ARGV;
die "usage: sql.pl DATABASE GENDIR\n" unless defined $gen;
die "sql.pl: '$db' is not a database name\n" unless $db =~ /^[a-z][a-z0-9_]*$/;
my $dir = "sqlite/$db";

sub slurp {
	my ($path) = @_;
	open my $f, '<', $path or die "$path: $!\n";
	local $/;
	my $text = <$f>;
	return $text // '';
}

# Written beside and renamed, so that a parallel make sees all or nothing.
sub spew {
	my ($path, $text) = @_;
	open my $f, '>', "$path.$$" or die "$path: $!\n";
	print $f $text or die "$path: $!\n";
	close $f or die "$path: $!\n";
	rename "$path.$$", $path or die "$path: $!\n";
}

# Comment lines and blank ends are for readers of the SQL, not of the binary.
sub literal {
	my ($sql) = @_;
	my @line;
	for (split /\n/, $sql) {
		s/\s+$//;
		next if /^\s*(--.*)?$/;
		s/([\\"])/\\$1/g;
		s/\t/\\t/g;
		s/\?\?/?\\?/g;
		push @line, qq(\t  "$_\\n");
	}
	return @line ? join("\n", @line) : qq(\t  "");
}

sub migrations {
	my @row;
	for my $path (sort glob "$dir/[0-9]*.sql") {
		$path =~ m{/(\d{4})-([a-z0-9-]+)\.sql$}
			or die "$path: not NNNN-what.sql\n";
		my ($number, $name) = ($1 + 0, $2);
		$number == @row + 1
			or die "$path: number ", @row + 1, " is expected\n";
		push @row, qq(\t{ $number, "$name",\n) . literal(slurp($path))
			. " },\n";
	}
	return @row;
}

sub statements {
	my $path = "$dir/queries.sql";
	my (@row, %seen, $name, $text, $from);
	my $no = 0;
	my $flush = sub {
		return unless defined $name;
		$text =~ /[^\s;]/ or die "$path:$from: '$name' is empty\n";
		push @row, { name => $name, sql => $text };
	};
	return () unless -e $path;
	for (split /\n/, slurp($path)) {
		$no++;
		if (/^--\s*([a-z][a-z0-9_-]*):\s+\S/) {
			$flush->();
			($name, $text, $from) = ($1, '', $no);
			$name =~ tr/-/_/;
			die "$path:$no: '$name' is there twice\n"
				if $seen{$name}++;
		} elsif (defined $name) {
			$text .= "$_\n";
		} elsif (!/^\s*(--.*)?$/) {
			die "$path:$no: SQL before the first name\n";
		}
	}
	$flush->();
	return @row;
}

my @migration = migrations();
my @statement = statements();
my $upper = uc $db;
my $note = "/* Generated from $dir by packaging/embed/sql.pl. */\n";

my $h = $note . "#pragma once\n\n#include \"db.h\"\n\nenum ${db}_query {\n";
$h .= "\tQ_${upper}_\U$_->{name}\E,\n" for @statement;
$h .= "\tQ_${upper}_COUNT\n};\n\nextern const struct db_schema schema_$db;\n";

my $c = $note . qq(#include "${db}_sql.h"\n\n);
$c .= "static const struct db_migration migration[] = {\n" . join('', @migration)
	. "};\n\n" if @migration;
if (@statement) {
	$c .= "static const struct db_statement statement[] = {\n";
	$c .= qq(\t{ "$_->{name}",\n) . literal($_->{sql}) . " },\n"
		for @statement;
	$c .= "};\n\n";
}
$c .= "const struct db_schema schema_$db = {\n\t.name = \"$db\",\n";
$c .= "\t.migration = migration,\n\t.n_migrations = " . @migration . ",\n"
	if @migration;
$c .= "\t.statement = statement,\n\t.n_statements = " . @statement . ",\n"
	if @statement;
$c .= "};\n";

spew("$gen/${db}_sql.h", $h);
spew("$gen/${db}_sql.c", $c);
