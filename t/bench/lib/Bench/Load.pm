package Bench::Load;

# Copyright (C) the ngx_sfu_module authors
#
# The figures that the bench tells, out of what sfu-load writes (docs/load.md).

use warnings;
use strict;

use base qw/ Exporter /;

our @EXPORT_OK = qw/ figures /;

sub figures {
	my ($said) = @_;

	my $scenario = $said->{options}{scenario};
	my $sessions = $said->{sessions};
	my $server = $said->{server} || {};
	my $media = media($said);

	return { failed => "$sessions->{failed} of "
		. ($sessions->{failed} + $sessions->{up})
		. " did not join: $sessions->{first_failure}" }
		if $sessions->{failed} && $scenario ne 'storm';

	return {
		sessions => $sessions->{up},
		profile => $said->{srtp_profile},
		packets => $said->{traffic}{received_packets},
		cpu_us => $said->{traffic}{received_packets}
			? $server->{cpu_us_per_packet} : undef,
		cpu_percent => $server->{cpu_percent},
		memory_kb => ($server->{pss_growth} || 0)
			/ 1024 / ($sessions->{up} || 1),
		loss => $media->{loss_percent},
		loss_before_repair => $media->{loss_before_repair_percent},
		p50_ms => $media->{delay}{p50_ms},
		p99_ms => $media->{delay}{p99_ms},
		max_ms => $media->{delay}{max_ms},
		generator_percent => $said->{generator}{cpu_percent},
		join_time_s => $sessions->{join_time_s},
		%{storm($said->{storm})},
	};
}

# An overloaded publisher's own packets are not what its row asks about.

sub media {
	my ($said) = @_;

	my $media = ($said->{options}{overload} || 0) > 1
		? $said->{video} || $said->{audio} : $said->{all};

	# nothing was to be received, or the delay of nothing
	return {} unless $media && $media->{expected};

	delete $media->{delay} unless $media->{delay}{count};

	return $media;
}

sub storm {
	my ($storm) = @_;

	return {} unless $storm;

	# of nobody, a time is not zero but unknown
	for (qw/ to_first_packet to_answer to_dtls /) {
		$storm->{$_} = {} unless $storm->{$_}{count};
	}

	return {
		joins => $storm->{done_per_second},
		joins_failed => $storm->{failed},
		joins_skipped => $storm->{skipped},
		join_p50_ms => $storm->{to_first_packet}{p50_ms},
		join_p99_ms => $storm->{to_first_packet}{p99_ms},
		answer_p50_ms => $storm->{to_answer}{p50_ms},
		dtls_p50_ms => $storm->{to_dtls}{p50_ms},
	};
}

1;
