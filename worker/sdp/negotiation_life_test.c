/*
 * sdp/negotiation_life_test.c - sections that close, are used again, or get lost.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/fixture.h"

static void
recycling(void)
{
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    const struct sdp_section *s;
    int i;

    fake_add(&c, SDP_AUDIO, SDP_SENDONLY);
    client_offers(n, &c, "audio");

    for (int round = 0; round < 50; round++) {
        i = fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
        client_offers(n, &c, "another");
        s = find(n, c.sections[i].mid);
        tap_ok(s != NULL && s->alive && s->receives && s->index == 1,
               "taken at the index of the last one");
        sdp_negotiation_close(n, s->index);
        c.sections[i].stopped = true;
        client_offers(n, &c, "stopped");
    }

    tap_is_int((long long)sdp_negotiation_count(n), 2, "nothing has grown");
    sdp_negotiation_destroy(n);

    n = created();
    c = (struct fake_client){ .count = 0 };

    for (int round = 0; round < 20; round++) {
        size_t index = add(n, MEDIA_VIDEO, 100);

        server_offers(n, &c, "pulls");
        sdp_negotiation_close(n, index);
        server_offers(n, &c, "closes");
        tap_ok(sdp_negotiation_count(n) <= 6, "and takes an index again");
    }

    sdp_negotiation_destroy(n);
}

static void
closing(void)
{
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    char *answer, *offer;

    for (int i = 0; i < 4; i++) {
        fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
    }

    client_offers(n, &c, "four");
    c.sections[0].stopped = true;

    for (size_t i = 0; i < 3; i++) {
        sdp_negotiation_close(n, i);
        tap_ok(!sdp_negotiation_at(n, i)->receives, "closed at once");
    }

    offer = fake_offer(&c);
    tap_is_str(take_offer(n, offer, &answer), NULL, "three are closed");
    tap_is_str(fake_apply_answer(&c, answer), NULL, "one was stopped");
    tap_ok(has_line(answer, "a=group:BUNDLE 1 2 3"),
           "the first is out of the group");
    tap_ok(!find(n, "0")->alive && find(n, "1")->alive
           && !find(n, "1")->receives && !find(n, "2")->receives
           && find(n, "3")->receives, "the others are inactive, or go on");
    tap_is_str(sdp_negotiation_remote(n)->ufrag, "uf00", "same transport");
    tap_ok(!sdp_negotiation_remote(n)->ice_restart, "no restart");
    free(offer);
    free(answer);
    sdp_negotiation_reopen(n, 1);
    tap_ok(!find(n, "1")->receives, "reopened, but the client must ask");
    client_offers(n, &c, "asks");
    tap_ok(find(n, "1")->receives && !find(n, "2")->receives, "gets it");
    fake_add(&c, SDP_AUDIO, SDP_SENDONLY);
    client_offers(n, &c, "in the first one's place");
    tap_ok(find(n, "4") != NULL && find(n, "4")->index == 0
           && find(n, "0") == NULL, "is there, under its own mid");
    add(n, MEDIA_AUDIO, 5);
    server_offers(n, &c, "and one from us");
    tap_is_int(sdp_negotiation_close(n, 99), SFU_ERR_NOT_FOUND,
               "what is not there cannot be closed");
    sdp_negotiation_destroy(n);
}

static void
lost_answers(void)
{
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    char *offer, *answer;

    fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
    offer = fake_offer(&c);
    tap_is_str(take_offer(n, offer, &answer), NULL, "an answer gets lost");
    free(offer);
    free(answer);
    fake_add(&c, SDP_AUDIO, SDP_SENDONLY);
    client_offers(n, &c, "once more, and one more");
    tap_ok(find(n, "0")->receives && find(n, "1")->receives, "both flow");
    c.sections[0].stopped = true;
    offer = fake_offer(&c);
    tap_is_str(take_offer(n, offer, &answer), NULL, "another gets lost");
    free(offer);
    free(answer);
    c.sections[0].stopped = false;
    client_offers(n, &c, "the rejected one is back");
    tap_ok(find(n, "0")->receives, "and alive");
    sdp_negotiation_destroy(n);
}

static void
lost_offers(void)
{
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    size_t i;

    /* nobody has seen it: as if it never had been */
    i = add(n, MEDIA_VIDEO, 100);
    offer_gets_lost(n);
    tap_ok(sdp_negotiation_at(n, i)->lost, "lost");
    fake_add(&c, SDP_AUDIO, SDP_SENDONLY);
    client_offers(n, &c, "something else");
    tap_ok(find(n, "1000") == NULL, "the lost section is gone");
    tap_is_int((long long)sdp_negotiation_count(n), 1, "and its index free");
    i = add(n, MEDIA_VIDEO, 102);
    tap_is_str(sdp_negotiation_at(n, i)->mid, "1001",
               "its mid is never used again");

    /* the client has applied it: its offer names the section */
    answer_gets_lost(n, &c);
    fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
    client_offers(n, &c, "with the section of ours");
    tap_ok(find(n, "1001")->sends && !find(n, "1001")->lost
           && find(n, "1")->receives, "which is sent on");

    /* we offer next: the lost section is repeated, seen or not */
    add(n, MEDIA_AUDIO, 104);
    offer_gets_lost(n);
    add(n, MEDIA_AUDIO, 106);
    server_offers(n, &c, "both, after none was seen");
    tap_ok(find(n, "1002")->sends && find(n, "1003")->sends, "both flow");
    add(n, MEDIA_AUDIO, 108);
    answer_gets_lost(n, &c);
    add(n, MEDIA_AUDIO, 110);
    server_offers(n, &c, "both, after the first was seen");
    tap_ok(find(n, "1004")->sends && find(n, "1005")->sends, "both flow");

    /* a lost section in the place of a rejected one */
    c.sections[1].stopped = true;
    client_offers(n, &c, "stopped");
    i = add(n, MEDIA_VIDEO, 112);
    tap_is_int((long long)i, 1, "takes its index");
    offer_gets_lost(n);
    client_offers(n, &c, "the old one, which the client still has");
    tap_ok(find(n, "1006") == NULL && !find(n, "1001")->alive, "is rejected");
    tap_is_int(sdp_negotiation_abandon_offer(n), SFU_ERR_STATE,
               "there is nothing to give up on");
    sdp_negotiation_destroy(n);
}

/* what was proposed in an offer that nobody saw binds nobody */
static void
lost_numbers(void)
{
    struct sdp_codec vp9 = { CODEC_VP9, 96, 1, 97, -1, 90000, 0, "" };
    struct sdp_track t = track(MEDIA_VIDEO, 1);
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    size_t i;

    t.codecs = &vp9;
    t.codec_count = 1;
    sdp_negotiation_add_sending(n, &t, &i);
    tap_is_int(sdp_negotiation_at(n, i)->codecs[0].pt, 96, "96 is VP9");
    tap_is_int(sdp_negotiation_extension(n, RTP_EXT_MID), 1, "sdes:mid is 1");
    offer_gets_lost(n);
    fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
    client_offers(n, &c, "other numbers");
    tap_is_int(find(n, "0")->codecs[0].id, CODEC_VP8, "96 is VP8");
    tap_is_int(sdp_negotiation_extension(n, RTP_EXT_MID), 4, "sdes:mid is 4");
    sdp_negotiation_destroy(n);
}

static void
order_of_sections(void)
{
    struct sdp_negotiation *n = created(), *copy;
    struct fake_client c = { .count = 0 };
    const char *why;
    char *offer;

    fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
    fake_add(&c, SDP_AUDIO, SDP_SENDONLY);
    client_offers(n, &c, "two");

    sdp_negotiation_clone(&copy, n);
    c.count = 1;
    offer = fake_offer(&c);
    tap_is_int(sdp_negotiation_apply_offer(copy, span_str(offer), &why),
               SFU_ERR_MALFORMED, "a section cannot disappear");
    free(offer);
    sdp_negotiation_destroy(copy);

    sdp_negotiation_clone(&copy, n);
    c.count = 2;
    snprintf(c.sections[0].mid, sizeof(c.sections[0].mid), "1");
    snprintf(c.sections[1].mid, sizeof(c.sections[1].mid), "0");
    offer = fake_offer(&c);
    tap_is_int(sdp_negotiation_apply_offer(copy, span_str(offer), &why),
               SFU_ERR_MALFORMED, "nor can two change places");
    free(offer);
    sdp_negotiation_destroy(copy);
    tap_ok(find(n, "0")->receives && find(n, "1")->receives,
           "the original has not changed");
    tap_is_int(sdp_negotiation_apply_answer(n, span_str("v=0\r\n"), &why),
               SFU_ERR_STATE, "an answer to nothing");
    tap_ok(find(n, "0")->receives, "does no harm");
    sdp_negotiation_destroy(n);
}

int
main(void)
{
    recycling();
    closing();
    lost_answers();
    lost_offers();
    lost_numbers();
    order_of_sections();

    return tap_done();
}
