/*
 * media/layers_fuzz.c - any packets of three encodings, any choice of them.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The loop's thread does not run.  Whatever a publisher and a subscriber do, no
 * SRTP number is used twice (RFC 3711, 9.1), and numbers go up by little.
 */

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/reader.h"
#include "media/command.h"
#include "media/resend.h"
#include "media/layers.h"
#include "media/loop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    PORT = 22030,
    ENCODINGS = 3,
    PT = 96,
    RTX_PT = 97,
    SSRC = 5,
    DEPENDENCY_ID = 13,
    ROOM = 2048,
};

static struct media_loop loop;
static struct media_settings settings = {
    .socket_buffer = 1 << 20, .outbox_slots = 64, .burst_share = 64,
    .buffers_max = 4096, .history_packets = 64, .streams_max = 8,
    .resend_percent = 100, .resend_burst = 1 << 20, .ring_bytes = 1 << 16,
    .keyframe_interval = 200 * USEC_PER_MS,
    .report_interval = 100 * USEC_PER_MS,
    .transport_cc_interval = 20 * USEC_PER_MS,
};
static struct log quiet = { .fd = 2, .level = LOG_ERROR };
static struct mailbox control;
static struct address viewer_address;
static int receiver;

struct game {
    struct media_peer publisher, viewer;
    struct media_source sources[ENCODINGS];
    struct media_sink sink;
    struct media_sink_params params;
    uint8_t used[8192];         /* a bit for each number that came */
    uint16_t last;
    bool any;
};

static void
drop_event(struct task *task, void *owner)
{
    (void)owner;
    free(container_of(task, struct media_event, task));
}

static void
begin_once(void)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    socklen_t len = sizeof(name);

    if (loop.settings != NULL) {
        return;
    }

    mailbox_init(&control);
    address_parse(&settings.bind, "127.0.0.1", PORT);

    if (media_loop_init(&loop, 0, &settings, &quiet, NULL, &control)) {
        abort();
    }

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    receiver = socket(AF_INET, SOCK_DGRAM, 0);
    bind(receiver, (struct sockaddr *)&name, sizeof(name));
    getsockname(receiver, (struct sockaddr *)&name, &len);
    address_parse(&viewer_address, "127.0.0.1", ntohs(name.sin_port));
}

static void
make_peer(struct media_peer *peer)
{
    struct srtp_key_material keys = {
        .profile = srtp_profile_find(SRTP_PROFILE_AEAD_AES_128_GCM),
    };
    struct media_peer_params params = { .on_event = drop_event };
    struct address from;

    ice_credentials_make(&params.credentials);
    media_peer_init(peer, &loop, &params);
    address_parse(&from, "127.0.0.1", 0);
    ice_agent_checked(&peer->transport.ice, &peer->transport.ice.current,
                      &viewer_address, &from, NULL, true, loop.now);
    srtp_sealer_create(&peer->transport.sealer, loop.srtp, &keys);
    srtp_rtcp_sealer_create(&peer->transport.rtcp_sealer, loop.srtp, &keys);
    peer->transport.profile = keys.profile;
}

static void
begin(struct game *g, uint8_t how)
{
    static const enum codec_id codecs[] = {
        CODEC_VP8, CODEC_VP9, CODEC_AV1, CODEC_H264,
    };
    struct media_sink_params *p = &g->params;

    make_peer(&g->publisher);
    make_peer(&g->viewer);

    for (size_t i = 0; i < ENCODINGS; i++) {
        struct media_source_params s = {
            .id = 10 + i, .group = 10, .kind = MEDIA_VIDEO, .format_count = 1,
            .formats = { { codecs[how % 4], PT, MEDIA_PT_NONE, 90000, true,
                           true, false } },
            .rid = { (char)('a' + i), '\0' },
        };

        rtp_extension_map_init(&s.extensions);
        rtp_extension_map_set(&s.extensions, DEPENDENCY_ID,
                              RTP_EXT_DEPENDENCY_DESCRIPTOR);
        media_source_init(&g->sources[i], &loop, &g->publisher, &loop.mailbox,
                          &s);
    }

    *p = (struct media_sink_params){
        .id = 1, .source = 10, .ssrc = SSRC,
        .rtx_ssrc = how & 4 ? 99 : 0, .clock_rate = 90000,
    };
    memset(p->pt, MEDIA_PT_NONE, sizeof(p->pt));
    memset(p->rtx_pt, MEDIA_PT_NONE, sizeof(p->rtx_pt));
    p->pt[PT] = PT;
    p->rtx_pt[PT] = how & 4 ? RTX_PT : MEDIA_PT_NONE;
    rtp_extension_map_init(&p->extensions);
    rtp_extension_map_set(&p->extensions, DEPENDENCY_ID,
                          RTP_EXT_DEPENDENCY_DESCRIPTOR);
    media_sink_init(&g->sink, &g->viewer, p);
    media_sink_activate(&g->sink, p);
    media_sink_attach(&g->sink, &g->sources[0]);
    g->viewer.resend_left = 1 << 20;
}

static void
end(struct game *g)
{
    struct list tasks;

    media_sink_fini(&g->sink);

    for (size_t i = 0; i < ENCODINGS; i++) {
        media_source_fini(&g->sources[i]);
    }

    media_peer_fini(&g->publisher);
    media_peer_fini(&g->viewer);
    mailbox_take(&control, &tasks);
    mailbox_run(&tasks, NULL);
}

/* a stream's numbers come once each: media/stream.c takes care of that */
static void
packet(struct game *g, struct reader *r, uint64_t *numbers)
{
    uint8_t which = reader_u8(r);
    uint8_t step = reader_u8(r);
    size_t encoding = which % ENCODINGS;
    struct span dependency = reader_bytes(r, step >> 3 & 31);
    struct span payload = reader_bytes(r, 4 + (which >> 4));
    struct media_source *source = &g->sources[encoding];
    uint8_t bytes[256];
    struct writer w = writer_over(bytes, sizeof(bytes));
    struct media_packet packet;
    uint64_t seq = numbers[encoding] + (step & 1);

    numbers[encoding] += 2 + (step >> 1 & 1);

    if (!reader_ok(r)) {
        return;
    }

    writer_u8(&w, 0x90);
    writer_u8(&w, PT | (which & 8 ? 0x80 : 0));
    writer_u16(&w, (uint16_t)seq);
    writer_u32(&w, (uint32_t)seq * 1000);
    writer_u32(&w, (uint32_t)(1000 + encoding));
    writer_u16(&w, RTP_EXTENSION_TWO_BYTE);
    writer_u16(&w, (uint16_t)((dependency.len + 5) / 4));
    writer_u8(&w, DEPENDENCY_ID);
    writer_u8(&w, (uint8_t)dependency.len);
    writer_bytes(&w, dependency);
    writer_fill(&w, 0, (dependency.len + 5) / 4 * 4 - dependency.len - 2);
    writer_bytes(&w, payload);

    if (media_source_parse(source, writer_span(&w), &packet) == 0) {
        packet.seq = seq;
        media_source_packet(source, &packet, 1);
        burst_run(&loop);
    }
}

static void
choose(struct game *g, struct reader *r)
{
    uint8_t what = reader_u8(r);
    uint8_t layers = reader_u8(r);

    g->params.choice = (struct media_choice){
        .rid = { what & 4 ? (char)('a' + what % 4) : '\0', '\0' },
        .by_priority = what & 8, .by_availability = what & 16,
        .spatial_layers = layers & 3, .temporal_layers = layers >> 2 & 3,
    };
    media_sink_activate(&g->sink, &g->params);
}

static void
look(struct game *g)
{
    uint8_t data[ROOM];
    uint16_t seq;

    outbox_flush(&loop.outbox);

    while (recv(receiver, data, sizeof(data), MSG_DONTWAIT) > 12) {
        if ((data[1] >= 192 && data[1] <= 223) || data[11] != SSRC) {
            continue;
        }

        seq = (uint16_t)(data[2] << 8 | data[3]);

        /* without RTX a packet is sent again as it was */
        if (g->params.rtx_ssrc) {
            assert(!(g->used[seq / 8] >> seq % 8 & 1));
        }

        g->used[seq / 8] |= (uint8_t)(1 << seq % 8);
        assert(!g->any || (int16_t)(seq - g->last) < 64);
        g->last = !g->any || (int16_t)(seq - g->last) > 0 ? seq : g->last;
        g->any = true;
    }
}

static void
step(struct game *g, struct reader *r, uint64_t *numbers)
{
    struct rtcp_report_block block = { .ssrc = SSRC };
    uint8_t what = reader_u8(r);

    switch (what % 8) {
    case 0:
        choose(g, r);
        break;
    case 1:
        resend_asked(&g->sink, (uint16_t)(g->last - reader_u8(r)));
        break;
    case 2:
        loop.now += reader_u8(r) * 20 * USEC_PER_MS;
        block.fraction_lost = what;
        media_sink_report_block(&g->sink, &block, 0);
        layers_choose(&g->sink);
        break;
    case 3:
        media_source_sender_report(&g->sources[what / 8 % ENCODINGS],
                                   loop.now, reader_u32(r));
        break;
    default:
        packet(g, r, numbers);
        break;
    }

    look(g);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct game g;
    struct reader r = reader_over(span_of(data, size));
    uint64_t numbers[ENCODINGS] = { 65536, 131000, 70000 };

    begin_once();
    loop.now += USEC_PER_SEC;
    g = (struct game){ .any = false };
    begin(&g, reader_u8(&r));

    for (int i = 0; i < 400 && reader_left(&r); i++) {
        step(&g, &r, numbers);
    }

    end(&g);
    look(&g);

    return 0;
}
