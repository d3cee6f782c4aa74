package Bench::Table;

# Copyright (C) the ngx_sfu_module authors
#
# Tables for a terminal and for a page.

use warnings;
use strict;

use base qw/ Exporter /;

our @EXPORT_OK = qw/ text_table markdown_table number /;

# as many digits as say something; a dash for what is not known

sub number {
	my ($n) = @_;

	return '-' unless defined $n;
	return $n unless $n =~ /^-?[\d.]+(?:e[-+]?\d+)?$/i;
	return '0' if $n == 0;
	return $n if $n =~ /^-?\d+$/;

	my $size = abs $n;

	return $size < 0.01 ? sprintf('%.4f', $n) : $size < 10
		? sprintf('%.2f', $n) : $size < 100 ? sprintf('%.1f', $n)
		: sprintf('%.0f', $n);
}

# ([titles], [cells]...): the first two columns are text, the others numbers

sub text_table {
	my ($titles, @rows) = @_;

	my @width = map { length } @$titles;

	for my $row (@rows) {
		for (0 .. $#$row) {
			my $len = length $row->[$_];
			$width[$_] = $len if $len > ($width[$_] || 0);
		}
	}

	return join '', map { line($_, \@width) } $titles,
		[map { '-' x $_ } @width], @rows;
}

sub line {
	my ($row, $width) = @_;

	my $text = join '  ', map {
		sprintf('%' . ($_ < 2 ? '-' : '') . $width->[$_] . 's',
			$row->[$_])
	} 0 .. $#$row;

	return $text =~ s/ +$//r . "\n";
}

sub markdown_table {
	my ($titles, @rows) = @_;

	my @rule = map { $_ < 2 ? '---' : '---:' } 0 .. $#$titles;

	return join '', map {
		'| ' . join(' | ', map { s/\|/\\|/gr } @$_) . " |\n"
	} $titles, \@rule, @rows;
}

1;
