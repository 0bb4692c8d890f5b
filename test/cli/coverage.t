#!/usr/bin/perl
# The list of `machilink api coverage` is the specifications' own list, its
# states are what the route tables say, and its help is there.
use strict;
use warnings;
use JSON::PP;
use Test::More;

my $bin = $ENV{MACHILINK} // 'build/release/machilink';
plan skip_all => "$bin is not built" unless -x $bin;
my $specs = $ENV{VECTORS} // '../shared/vectors';
$specs .= '/x-road/openapi';
$ENV{LC_ALL} = 'C.UTF-8';

sub run {
	open my $p, '-|', $bin, 'api', @_ or die "$bin: $!\n";
	local $/;
	my $out = <$p> // '';
	close $p;
	return ($? >> 8, $out);
}

# method and path, as X-Road's YAML has them: paths at two, methods one deeper
sub operations {
	my ($file) = @_;
	my ($in, $path, $deep, @list) = (0, '', 0);
	open my $f, '<', $file or die "$file: $!\n";
	while (<$f>) {
		$in = /^paths:/ if /^\S/;
		next unless $in;
		($path, $deep) = ($1, 0), next if m{^  ['"]?(/[^'":]*)['"]?:};
		$deep ||= length($1) if /^( +)\S/;
		push @list, uc("$2") . " $path"
			if /^( +)(get|put|post|patch|delete):/ && length($1) == $deep;
	}
	return sort @list;
}

my ($code, $out) = run('coverage', '--json');
is($code, 0, 'the list as JSON');
my $list = decode_json($out);
my %state = (answers => 1, unavailable => 1, missing => 1);
is(scalar(grep { !$state{$_->{state}} } @$list), 0, 'every state is known');

my %of;
push @{ $of{$_->{api}} }, "$_->{method} $_->{path}" for @$list;
my %common = map { $_ => 1 } 'POST /login', 'POST /logout', 'GET /user',
	'GET /user/roles', 'GET /user/permissions', 'GET /api-keys',
	'POST /api-keys', 'GET /api-keys/{id}', 'PUT /api-keys/{id}',
	'DELETE /api-keys/{id}', 'GET /notifications/session-status';
for my $api ('security-server', 'center') {
	my $file = "$specs/"
		. ($api eq 'center' ? 'central-server' : $api) . '.yaml';
SKIP: {
		skip "$file is not here", 3 unless -r $file;
		my @want = operations($file);
		my @have = sort grep { !$common{$_} } @{ $of{$api} };
		is_deeply(\@have, \@want, "every operation of $api");
		($code, $out) = run('coverage', '--json', '--spec', $file);
		is($code, 0, 'the same from the specification');
		my @read = sort map { "$_->{method} $_->{path}" }
			@{ decode_json($out) };
		is_deeply(\@read, \@want, 'finds the same operations');
	}
}

# what it says of the center is true: answers means a row
my %center = map { ("$_->{method} $_->{path}" => $_->{state}) }
	grep { $_->{api} eq 'center' } @$list;
is($center{'POST /initialization'}, 'answers', 'a row answers');

($code, $out) = run('coverage', '--lang', 'en');
is($code, 0, 'the list for people');
like($out, qr/^center$/m, 'tells the center');
like($out, qr/^  answers \d+, clear error \d+, missing \d+ \(of \d+\)$/m,
	'with its sums');
my ($most) = $out =~ /missing (\d+) \(of \d+\)\n\z/;
($code, $out) = run('coverage', '--lang', 'en', '--missing');
unlike($out, qr/: answers$/m, '--missing leaves out what answers');
($code) = run('covrage');
is($code, 64, 'a mistyped word');
done_testing();
