/*
 * sdp/parse_test.c
 * Copyright (C) the ngx_sfu_module authors
 *
 * The files below corpora/sdp-parse were written by Chromium 156 and Firefox
 * 153; those of Safari and aiortc are modelled on theirs.
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "sdp/description.h"
#include "test/tap.h"

#define HEAD "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"

static int
parse(struct sdp_description *d, const char *text, const char **why)
{
    struct sdp_limits limits = sdp_limits_default();

    return sdp_parse(d, span_str(text), &limits, why);
}

static void
is_span(struct span got, const char *expected, const char *name)
{
    tap_is_bytes(got, span_str(expected), "%s", name);
}

static void
refusals(void)
{
    static const struct {
        const char *name;
        const char *text;
        int error;
    } rows[] = {
        { "nothing", "", SFU_ERR_MALFORMED },
        { "only line breaks", "\r\n\r\n", SFU_ERR_MALFORMED },
        { "not SDP", "hello", SFU_ERR_MALFORMED },
        { "JSON", "{\"sdp\":1}", SFU_ERR_MALFORMED },
        { "another version", "v=1\r\n", SFU_ERR_MALFORMED },
        { "no version", "o=- 1 1 IN IP4 0.0.0.0\r\n", SFU_ERR_MALFORMED },
        { "a line without =", "v=0\r\nfoo\r\n", SFU_ERR_MALFORMED },
        { "a control character",
          "v=0\r\na=mid:\x01\r\n", SFU_ERR_MALFORMED },
        { "a carriage return inside a line, which would forge one",
          "v=0\r\na=x:1\ra=y\r\n", SFU_ERR_MALFORMED },
        { "an o-line without numbers", "v=0\r\no=- a b\r\n",
          SFU_ERR_MALFORMED },
        { "an m-line without a port", HEAD "m=audio\r\n", SFU_ERR_MALFORMED },
        { "a port out of range", HEAD "m=audio 65536 RTP/SAVPF 0\r\n",
          SFU_ERR_MALFORMED },
        { "a payload type out of range", HEAD "m=audio 9 RTP/SAVPF 128\r\n",
          SFU_ERR_MALFORMED },
        { "a payload type that is no number",
          HEAD "m=audio 9 RTP/SAVPF opus\r\n", SFU_ERR_MALFORMED },
        { "two sections of one mid",
          HEAD AUDIO "a=mid:a\r\n" AUDIO "a=mid:a\r\n", SFU_ERR_MALFORMED },
        { "a mid that is an index, and another section's",
          HEAD AUDIO "a=mid:1\r\n" AUDIO, SFU_ERR_MALFORMED },
        { "an empty mid", HEAD AUDIO "a=mid:\r\n", SFU_ERR_MALFORMED },
        { "a mid that is two words", HEAD AUDIO "a=mid:a b\r\n",
          SFU_ERR_MALFORMED },
        { "a short ufrag", HEAD AUDIO "a=ice-ufrag:abc\r\n",
          SFU_ERR_MALFORMED },
        { "a short password", HEAD AUDIO "a=ice-pwd:123456789012345678901\r\n",
          SFU_ERR_MALFORMED },
        { "a fingerprint that is cut",
          HEAD "a=fingerprint:sha-256 AB:CD\r\n", SFU_ERR_MALFORMED },
        { "a setup that is none", HEAD "a=setup:maybe\r\n",
          SFU_ERR_MALFORMED },
        { "a clock of 0", HEAD AUDIO "a=rtpmap:111 opus/0\r\n",
          SFU_ERR_MALFORMED },
        { "a clock that does not fit",
          HEAD AUDIO "a=rtpmap:111 opus/4294967296\r\n", SFU_ERR_MALFORMED },
        { "an extension id of 0", HEAD AUDIO "a=extmap:0 urn:x\r\n",
          SFU_ERR_MALFORMED },
        { "an extension with a direction that is none",
          HEAD AUDIO "a=extmap:1/up urn:x\r\n", SFU_ERR_MALFORMED },
        { "an SSRC that does not fit",
          HEAD AUDIO "a=ssrc:4294967296 cname:a\r\n", SFU_ERR_MALFORMED },
        { "a group of half a pair", HEAD AUDIO "a=ssrc-group:FID 1\r\n",
          SFU_ERR_MALFORMED },
        { "a rid without direction", HEAD AUDIO "a=rid:a\r\n",
          SFU_ERR_MALFORMED },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sdp_description d;
        const char *why = NULL;

        tap_is_int(parse(&d, rows[i].text, &why), rows[i].error,
                   "refuses %s", rows[i].name);
        tap_ok(why != NULL && why[0] != '\0' && d.arena.chunks == NULL,
               "says why, and keeps nothing: %s", why ? why : "");
    }
}

static void
tolerance(void)
{
    struct sdp_description d;
    const char *why = NULL;

    tap_is_int(parse(&d, "v=0\no=- 1 2 IN IP4 0.0.0.0\ns=-\nt=0 0\n"
                     "z=what\na=group:BUNDLE 0\na=unheard:of\n"
                     "m=audio 9 UDP/TLS/RTP/SAVPF 111 111 0\n"
                     "a=rtpmap:111 opus/48000/2\na=rtpmap:96 other/90000\n"
                     "a=fmtp:111 a=1\na=fmtp:111 a=2\na=extmap:15 urn:x\n"
                     "a=extmap:4096 urn:y\na=sendonly", &why), 0,
               "takes LF, no end, unknown lines");
    tap_is_int((long long)d.media_count, 1, "one section");
    is_span(d.media[0].mid, "0", "a section without a mid has its index");
    tap_ok(d.media[0].mid_implied, "and that is known");
    tap_is_int((long long)d.media[0].format_count, 2,
               "a payload type listed twice counts once");
    is_span(d.media[0].formats[0].fmtp, "a=1", "the first fmtp counts");
    is_span(d.media[0].formats[1].name, "PCMU", "static types have names");
    tap_is_int(d.media[0].formats[1].clock, 8000, "and clocks");
    tap_is_int((long long)d.media[0].extmap_count, 0,
               "ids that cannot be are skipped");
    tap_is_int(d.media[0].direction, SDP_SENDONLY,
               "the last line needs no line break");
    sdp_description_fini(&d);

    parse(&d, HEAD "a=recvonly\r\na=ice-ufrag:sess\r\n"
          "a=ice-pwd:1234567890123456789012\r\na=setup:active\r\n" AUDIO
          AUDIO "a=mid:b\r\na=sendrecv\r\na=ice-ufrag:medi\r\n"
          "a=ice-pwd:abcdefghijklmnopqrstuv\r\na=setup:passive\r\n", &why);
    is_span(d.media[0].transport.ufrag, "sess", "session level is inherited");
    tap_is_int(d.media[0].direction, SDP_RECVONLY, "the direction, too");
    tap_is_int(d.media[0].transport.setup, SDP_SETUP_ACTIVE, "and the setup");
    is_span(d.media[1].transport.ufrag, "medi", "unless a section has its own");
    tap_is_int(d.media[1].direction, SDP_SENDRECV, "direction");
    tap_is_int(d.media[1].transport.setup, SDP_SETUP_PASSIVE, "setup");
    sdp_description_fini(&d);
}

/* "<head>" and then a line often; whether the limit holds */
static void
is_limited(const char *head, const char *line, size_t times, int expected,
    const char *name)
{
    struct sdp_limits limits = sdp_limits_default();
    struct sdp_description d;
    const char *why = NULL;
    struct text text;
    int rc;

    limits.media = 3;
    limits.formats = 3;
    limits.extmaps = 3;
    limits.ssrcs = 3;
    limits.rids = 3;
    limits.line = 100;
    limits.bytes = 1000;
    text_init(&text);
    text_printf(&text, "%s", head);

    for (size_t i = 0; i < times; i++) {
        text_append(&text, span_str(line));

        /* each the same but for its number */
        text_printf(&text, "%zu\r\n", i + 1);
    }

    rc = sdp_parse(&d, span_of(text.data, text.len), &limits, &why);
    tap_is_int(rc, expected, "%s", name);
    sdp_description_fini(&d);
    text_fini(&text);
}

static void
limits_hold(void)
{
    static const char section[] = "m=audio 9 RTP/SAVPF 0\r\na=mid:";
    static char line[120];

    is_limited(HEAD, section, 3, 0, "sections up to the limit");
    is_limited(HEAD, section, 4, SFU_ERR_LIMIT, "not one more");
    is_limited(HEAD AUDIO, "a=extmap:7 urn:", 3, 0, "extensions");
    is_limited(HEAD AUDIO, "a=extmap:7 urn:", 4, SFU_ERR_LIMIT,
               "not one more");
    is_limited(HEAD AUDIO, "a=ssrc:", 3, 0, "SSRCs");
    is_limited(HEAD AUDIO, "a=ssrc:", 4, SFU_ERR_LIMIT, "not one more");
    is_limited(HEAD AUDIO, "a=ssrc:5 cname:", 20, 0,
               "lines of one SSRC count once");
    is_limited(HEAD AUDIO, "a=ssrc-group:FID 1 ", 4, SFU_ERR_LIMIT, "groups");
    is_limited(HEAD AUDIO, "a=rid:a send max-width=", 4, SFU_ERR_LIMIT,
               "rids");
    is_limited(HEAD, "m=audio 9 RTP/SAVPF 1 2 3\r\na=mid:", 1, 0, "formats");
    is_limited(HEAD, "m=audio 9 RTP/SAVPF 1 2 3 4\r\na=mid:", 1,
               SFU_ERR_LIMIT, "not one more");
    is_limited(HEAD, "a=group:BUNDLE a b c ", 1, SFU_ERR_LIMIT,
               "mids in a group");
    memset(line, 'x', 99);
    memcpy(line, "a=", 2);
    is_limited(HEAD, line, 1, 0, "a line");
    memset(line, 'x', 100);
    memcpy(line, "a=", 2);
    is_limited(HEAD, line, 1, SFU_ERR_LIMIT, "not one byte more");
    memset(line, 'x', 80);
    memcpy(line, "a=", 2);
    line[80] = '\0';
    is_limited(HEAD, line, 12, SFU_ERR_LIMIT, "the whole");
}

static void
a_browser(void)
{
    size_t len;
    uint8_t *text = tap_read_file("sdp-parse/chromium-publish.sdp", &len);
    struct sdp_limits limits = sdp_limits_default();
    struct sdp_description d;
    const struct sdp_media *m;
    const char *why = NULL;

    tap_is_int(sdp_parse(&d, span_of(text, len), &limits, &why), 0,
               "Chromium");
    tap_is_int((long long)d.media_count, 2, "has two sections");
    tap_ok(d.has_bundle && sdp_bundled(&d, span_str("1")), "in one group");
    tap_ok(d.extmap_allow_mixed && !d.ice_lite, "session level");
    m = &d.media[1];
    tap_is_int(m->kind, SDP_VIDEO, "kind");
    is_span(m->protocol, "UDP/TLS/RTP/SAVPF", "protocol");
    is_span(m->mid, "1", "mid");
    tap_is_int(m->direction, SDP_SENDONLY, "direction");
    tap_ok(m->rtcp_mux && m->rtcp_rsize && !m->bundle_only, "flags");
    tap_is_int(m->transport.setup, SDP_SETUP_ACTPASS, "setup");
    tap_is_int(m->transport.fingerprint.hash, SDP_HASH_SHA256, "fingerprint");
    tap_is_int((long long)m->transport.ufrag.len, 4, "ufrag");
    is_span(m->formats[0].name, "VP8", "first format");
    tap_is_int(m->formats[0].clock, 90000, "clock");
    tap_is_int(m->formats[0].feedback,
               SDP_FB_NACK | SDP_FB_NACK_PLI | SDP_FB_CCM_FIR
                   | SDP_FB_TRANSPORT_CC | SDP_FB_GOOG_REMB, "feedback");
    is_span(m->formats[1].fmtp, "apt=96", "RTX");
    tap_is_int((long long)m->extmap_count, 11, "extensions");
    tap_is_int(m->extmaps[8].extension, RTP_EXT_MID, "one we know");
    tap_is_int(m->extmaps[8].id, 4, "its id");
    tap_is_int((long long)m->ssrc_count, 2, "SSRCs");
    tap_is_int((long long)m->fid_count, 1, "a pair");
    tap_is_int(m->fids[0].rtx, m->ssrcs[1].ssrc, "of them");
    is_span(m->stream, "-", "no stream");
    tap_is_int((long long)m->track.len, 36, "a track");
    sdp_description_fini(&d);
    free(text);

    text = tap_read_file("sdp-parse/chromium-simulcast.sdp", &len);
    tap_is_int(sdp_parse(&d, span_of(text, len), &limits, &why), 0,
               "simulcast");
    is_span(d.media[0].simulcast, "send a;b", "its line");
    tap_is_int((long long)d.media[0].rid_count, 2, "its rids");
    is_span(d.media[0].rids[1].id, "b", "the second");
    tap_is_int(d.media[0].rids[1].direction, SDP_SENDONLY, "is sent");
    sdp_description_fini(&d);
    free(text);

    text = tap_read_file("sdp-parse/firefox-publish.sdp", &len);
    tap_is_int(sdp_parse(&d, span_of(text, len), &limits, &why), 0,
               "Firefox");
    m = &d.media[1];
    tap_ok(m->port == 0 && m->bundle_only && !sdp_media_rejected(m),
           "port 0 and bundle-only is not rejected");
    tap_is_int(m->transport.fingerprint.hash, SDP_HASH_SHA256,
               "the fingerprint stands at session level");
    is_span(m->formats[0].name, "VP8", "rtpmap after the rest is fine");
    is_span(m->formats[0].fmtp, "max-fs=12288;max-fr=60", "fmtp before it");
    tap_is_int(m->extmaps[3].direction, SDP_RECVONLY,
               "an extension in one direction");
    sdp_description_fini(&d);
    free(text);

    text = tap_read_file("sdp-parse/aiortc-publish.sdp", &len);
    tap_is_int(sdp_parse(&d, span_of(text, len), &limits, &why), 0,
               "aiortc");
    tap_is_int(d.media[0].transport.fingerprint.hash, SDP_HASH_SHA512,
               "of several fingerprints the strongest");
    sdp_description_fini(&d);
    free(text);
}

static void
writes(void)
{
    static const char expected[] =
        "v=0\r\no=- 7 8 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
        "a=group:BUNDLE a\r\na=ice-lite\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n"
        "a=candidate:1 1 udp 2130706431 192.0.2.1 10000 typ host\r\n"
        "a=candidate:2 1 tcp 1518338559 2001:db8::1 10001 typ host "
        "tcptype passive\r\na=end-of-candidates\r\n"
        "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
        "a=setup:passive\r\na=mid:a\r\na=extmap:4/recvonly urn:x\r\n"
        "a=recvonly\r\na=msid:s t\r\na=rtcp-mux\r\n"
        "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 nack\r\n"
        "a=rtcp-fb:111 transport-cc\r\na=fmtp:111 useinbandfec=1\r\n"
        "a=ssrc-group:FID 1 2\r\na=ssrc:1 cname:c\r\n";
    static const struct sdp_candidate candidates[] = {
        { "192.0.2.1", 10000, false },
        { "2001:db8::1", 10001, true },
    };
    struct span bundle[] = { span_str("a") };
    struct sdp_format format = {
        .pt = 111, .channels = 2, .clock = 48000, .name = span_str("opus"),
        .feedback = SDP_FB_NACK | SDP_FB_TRANSPORT_CC,
        .fmtp = span_str("useinbandfec=1"),
    };
    struct sdp_extmap extmap = { 4, RTP_EXT_COUNT, SDP_RECVONLY,
                                 span_str("urn:x") };
    struct sdp_ssrc ssrc = { 1, span_str("c") };
    struct sdp_fid fid = { 1, 2 };
    struct sdp_media media = {
        .kind_name = span_str("audio"), .port = 9,
        .protocol = span_str("UDP/TLS/RTP/SAVPF"), .mid = span_str("a"),
        .direction = SDP_RECVONLY, .rtcp_mux = true, .formats = &format,
        .format_count = 1, .extmaps = &extmap, .extmap_count = 1,
        .ssrcs = &ssrc, .ssrc_count = 1, .fids = &fid, .fid_count = 1,
        .has_msid = true, .stream = span_str("s"), .track = span_str("t"),
        .candidates = candidates, .candidate_count = 2,
        .transport = { span_str("abcd"), span_str("0123456789012345678901"),
                       { 0 }, SDP_SETUP_PASSIVE },
    };
    struct sdp_description d = {
        .session_id = 7, .session_version = 8, .ice_lite = true,
        .has_bundle = true, .bundle = bundle, .bundle_count = 1,
        .media = &media, .media_count = 1,
    };
    struct text out;

    text_init(&out);
    sdp_write(&d, &out);
    tap_is_str(out.data, expected, "writes what a browser reads");
    text_fini(&out);
}

static int
parse_and_write(void)
{
    struct sdp_limits limits = sdp_limits_default();
    struct sdp_description d;
    struct text out;
    int rc = sdp_parse(
        &d, span_str(HEAD "a=group:BUNDLE 0 1 2 3 4\r\n"
                     "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100\r\n"
                     "a=rtpmap:96 VP8/90000\r\na=extmap:1 urn:x\r\n"
                     "a=ssrc:1 cname:a\r\na=ssrc-group:FID 1 2\r\n"
                     "a=rid:a send\r\n"),
        &limits, NULL);

    if (rc != 0) {
        return rc;
    }

    text_init(&out);
    sdp_write(&d, &out);
    rc = text_ok(&out) ? 0 : SFU_ERR_NOMEM;
    text_fini(&out);
    sdp_description_fini(&d);

    return rc;
}

int
main(void)
{
    refusals();
    tolerance();
    limits_hold();
    a_browser();
    writes();
    tap_each_allocation_fails(parse_and_write);

    return tap_done();
}
