package Bench::Plot;

# Copyright (C) the ngx_sfu_module authors
#
# Two figures side by side, as SVG: lines over the number of subscribers,
# which grows by factors, so that axis is logarithmic.  The caller says
# whether the other one is.

use warnings;
use strict;

use base qw/ Exporter /;

use POSIX qw/ ceil floor /;

our @EXPORT_OK = qw/ plot ticks /;

my ($PANEL, $GAP, $LEFT, $TOP, $HEIGHT) = (430, 70, 60, 84, 300);

# told apart by those who do not see all colours, too
my @COLOURS = ('#0072b2', '#d55e00', '#009e73', '#cc79a7', '#444444');

# plot(title => text, note => text, panels => [{ title, unit, log,
# series => [{ name, points => [[x, y]...], dashed }...] }...])

sub plot {
	my (%o) = @_;

	my @panels = @{$o{panels}};
	my $width = $LEFT + @panels * ($PANEL + $GAP);
	my @names = names(@panels);
	my $legend = $TOP + $HEIGHT + 62;
	my $height = $legend + 20 * @names + 30;
	my %colour = map { $names[$_] => $COLOURS[$_ % @COLOURS] } 0 .. $#names;
	my @out;

	push @out, qq{<svg xmlns="http://www.w3.org/2000/svg" width="$width" }
		. qq{height="$height" viewBox="0 0 $width $height" }
		. qq{font-family="sans-serif" font-size="12" fill="#222222">},
		qq{<rect width="$width" height="$height" fill="#ffffff"/>},
		text($LEFT, 28, $o{title}, 'font-size="17" font-weight="bold"'),
		text($LEFT, 48, $o{note}, 'fill="#555555"');

	for (0 .. $#panels) {
		push @out, panel($LEFT + $_ * ($PANEL + $GAP), $panels[$_],
			\%colour);
	}

	push @out, legend($legend, \@names, \%colour, @panels), '</svg>';

	return join "\n", @out, '';
}

sub names {
	my (%seen, @names);

	for my $series (map { @{$_->{series}} } @_) {
		push @names, $series->{name} unless $seen{$series->{name}}++;
	}

	return @names;
}

sub panel {
	my ($left, $panel, $colour) = @_;

	my @points = map { @{$_->{points}} } @{$panel->{series}};
	my $x = scale($left, $left + $PANEL, 1, map { $_->[0] } @points);
	my $y = scale($TOP + $HEIGHT, $TOP, $panel->{log},
		map { $_->[1] } @points);
	my @out = (text($left, $TOP - 12, "$panel->{title}, $panel->{unit}",
		'font-weight="bold"'));

	for my $tick (@{$y->{ticks}}) {
		my $at = $y->{at}->($tick);

		push @out, stroke($left, $at, $left + $PANEL, $at, '#dddddd'),
			text($left - 8, $at + 4, label($tick),
				'text-anchor="end"');
	}

	for my $tick (@{$x->{ticks}}) {
		my $at = $x->{at}->($tick);

		push @out, stroke($at, $TOP, $at, $TOP + $HEIGHT, '#eeeeee'),
			text($at, $TOP + $HEIGHT + 18, label($tick),
				'text-anchor="middle"');
	}

	push @out, stroke($left, $TOP + $HEIGHT, $left + $PANEL,
			$TOP + $HEIGHT, '#222222'),
		text($left + $PANEL / 2, $TOP + $HEIGHT + 38, 'subscribers',
			'text-anchor="middle"');

	push @out, map { curve($_, $x, $y, $colour->{$_->{name}}) }
		@{$panel->{series}};

	return @out;
}

sub curve {
	my ($series, $x, $y, $colour) = @_;

	my @points = map { [$x->{at}->($_->[0]), $y->{at}->($_->[1])] }
		sort { $a->[0] <=> $b->[0] } @{$series->{points}};
	my $dash = $series->{dashed} ? ' stroke-dasharray="6 4"' : '';
	my $line = join ' ', map { sprintf '%.1f,%.1f', @$_ } @points;
	my @out = (qq{<polyline points="$line" fill="none" stroke="$colour" }
		. qq{stroke-width="2"$dash/>});

	return @out if $series->{dashed};

	push @out, map { sprintf '<circle cx="%.1f" cy="%.1f" r="3.5" '
		. 'fill="%s"/>', @$_, $colour } @points;

	return @out;
}

sub legend {
	my ($top, $names, $colour, @panels) = @_;

	my %dashed = map { $_->{name} => $_->{dashed} }
		map { @{$_->{series}} } @panels;
	my @out;

	for (0 .. $#$names) {
		my $at = $top + 20 * $_;
		my $name = $names->[$_];

		my @stroke = $dashed{$name}
			? (2, ' stroke-dasharray="6 4"') : (3);

		push @out, stroke($LEFT, $at, $LEFT + 28, $at, $colour->{$name},
				@stroke),
			text($LEFT + 38, $at + 4, $name, '');
	}

	return @out;
}

# where values lie between two places, and the values to name there

sub scale {
	my ($from, $to, $log, @values) = @_;

	my @ticks = ticks($log, @values);
	my ($low, $high) = map { $log ? log $_ : $_ } @ticks[0, -1];

	return { ticks => \@ticks, at => sub {
		my $v = $log ? log $_[0] : $_[0];
		return $from + ($to - $from) * ($v - $low) / ($high - $low);
	} };
}

# 1, 2, 5, 10...: around all values; from zero where the axis is linear

sub ticks {
	my ($log, @values) = @_;

	my @sorted = sort { $a <=> $b } grep { !$log || $_ > 0 } @values;
	my ($low, $high) = @sorted ? @sorted[0, -1] : (1, 10);

	if ($log) {
		my @all = map { my $e = $_; map { $_ * 10 ** $e } 1, 2, 5 }
			floor(log10($low)) .. ceil(log10($high));
		my ($first) = grep { $all[$_ + 1] > $low * 1.0001 }
			0 .. $#all - 1;
		my ($last) = grep { $all[$_] >= $high * 0.9999 } 1 .. $#all;

		$last = $first + 1 if $last <= $first;

		return @all[$first .. $last];
	}

	$high = 1 if $high <= 0;

	my $step = 10 ** floor(log10($high));
	$step /= 5 if $high / $step < 2;
	$step /= 2 if $high / $step < 5;

	return map { $_ * $step } 0 .. ceil($high / $step - 1e-9);
}

sub log10 { log($_[0]) / log(10) }

sub label {
	my ($n) = @_;

	return $n >= 1000 ? sprintf('%d,%03d', $n / 1000, $n % 1000)
		: sprintf('%.4g', $n);
}

sub text {
	my ($x, $y, $text, $more) = @_;

	$text =~ s/&/&amp;/g;
	$text =~ s/</&lt;/g;

	return sprintf '<text x="%.1f" y="%.1f" %s>%s</text>', $x, $y, $more,
		$text;
}

sub stroke {
	my ($x1, $y1, $x2, $y2, $colour, $width, $more) = @_;

	return sprintf '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" '
		. 'stroke="%s" stroke-width="%s"%s/>', $x1, $y1, $x2, $y2,
		$colour, $width || 1, $more || '';
}

1;
