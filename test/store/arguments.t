#!/usr/bin/perl
# Every db_run() and db_query() names a statement that exists and binds as many
# values as it has parameters: an assert at run time would come too late.
use strict;
use warnings;
use Test::More;

my (%sql, %used);

for my $path (glob 'sqlite/*/queries.sql') {
	my ($db) = $path =~ m{/([^/]+)/};
	my $name;
	open my $f, '<', $path or die "$path: $!\n";
	while (<$f>) {
		if (/^--\s*([a-z][a-z0-9_-]*):\s+\S/) {
			$name = uc "Q_${db}_" . $1 =~ tr/-/_/r;
			$sql{$name} = '';
		} elsif (defined $name) {
			s/--.*//;
			$sql{$name} .= $_;
		}
	}
}

sub parameters {
	my ($text) = @_;
	my ($most, %named) = (0);
	$text =~ s/'[^']*'//g;
	while ($text =~ /\?(\d+)/g) {
		$most = $1 if $1 > $most;
	}
	$named{$1} = 1 while $text =~ /[:\@\$]([a-z_]\w*)/g;
	my $plain = () = $text =~ /\?(?!\d)/g;
	return $most + $plain + keys %named;
}

# The arguments of the call that begins at pos(), split at top-level commas.
sub arguments {
	my ($text) = @_;
	my ($depth, $part, @arg) = (1, '');
	for (split //, substr $text, 0, 4000) {
		$depth++ if /[({]/;
		$depth-- if /[)}]/;
		last if $depth == 0;
		if ($_ eq ',' && $depth == 1) {
			push @arg, $part;
			$part = '';
		} else {
			$part .= $_;
		}
	}
	push @arg, $part;
	s/^\s+|\s+$//g for @arg;
	return @arg;
}

for my $path (sort glob 'appliance/*/*.c') {
	open my $f, '<', $path or die "$path: $!\n";
	local $/;
	my $text = <$f>;
	while ($text =~ /\bdb_(run|query)\(/g) {
		my $first = $1 eq 'run' ? 3 : 2;
		my $line = 1 + (substr($text, 0, pos $text) =~ tr/\n//);
		my @arg = arguments(substr $text, pos $text);
		my $id = $arg[1] // '';
		next unless $id =~ /^Q_/;
		my @value = grep { $_ ne '{ 0 }' }
			@arg[$first .. $#arg];
		$used{$id} = 1;
		if (!defined $sql{$id}) {
			fail("$path:$line: $id exists");
			next;
		}
		is(scalar @value, parameters($sql{$id}), "$path:$line: $id");
	}
	$used{$1} = 1 while $text =~ /\b(Q_[A-Z0-9_]+)\b/g;
}
note("not used yet: $_") for grep { !$used{$_} } sort keys %sql;
done_testing();
