package Bench::File;

# Copyright (C) the ngx_sfu_module authors
#
# Whole files.

use warnings;
use strict;

use base qw/ Exporter /;

our @EXPORT_OK = qw/ read_file write_file /;

sub write_file {
	my ($file, $text) = @_;

	open my $fh, '>', $file or die "$file: $!\n";
	print $fh $text;
	close $fh or die "$file: $!\n";
}

sub read_file {
	my ($file) = @_;

	open my $fh, '<', $file or die "$file: $!\n";
	local $/;

	return scalar <$fh>;
}

1;
