package Bench::Figures;

# Copyright (C) the ngx_sfu_module authors
#
# What the rounds of one row say together.

use warnings;
use strict;

use base qw/ Exporter /;

our @EXPORT_OK = qw/ median medians spread /;

sub median {
	my @sorted = sort { $a <=> $b } @_;

	return undef unless @sorted;

	my $half = int(@sorted / 2);

	return @sorted % 2 ? $sorted[$half]
		: ($sorted[$half - 1] + $sorted[$half]) / 2;
}

# The median of each number in the rounds that were not refused.  A text must
# be the same in all of them, else all that occurred are told.  A server that
# failed once is no server that works: "failed" stays.

sub medians {
	my (@rounds) = @_;

	my @good = grep { !defined $_->{failed} } @rounds;
	my %names = map { $_ => 1 } map { keys %$_ } @good;
	my %all;

	for my $name (keys %names) {
		my @values = grep { defined } map { $_->{$name} } @good;

		if (grep { !/^-?[\d.]+(?:e[-+]?\d+)?$/i } @values) {
			my %seen = map { $_ => 1 } @values;
			$all{$name} = join ', ', sort keys %seen;

		} else {
			$all{$name} = median(@values);
		}
	}

	my ($failed) = grep { defined } map { $_->{failed} } @rounds;
	$all{failed} = $failed if defined $failed;

	return \%all;
}

# how far the rounds lie apart, in percent of the median

sub spread {
	my ($name, @rounds) = @_;

	my @sorted = sort { $a <=> $b } grep { defined }
		map { $_->{$name} } @rounds;
	my $median = median(@sorted);

	return $median ? 100 * ($sorted[-1] - $sorted[0]) / $median : 0;
}

1;
