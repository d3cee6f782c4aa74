/*
 * media/answers_test.c - which checks a loop answers, and what they prove.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ice/request_fixture.h"
#include "media/fixture.h"
#include "media/receive.h"

enum { PORT = 21776 };

/* letters: see ice/request_fixture.h */
static const struct {
    const char *name;
    const char *letters;
    const char *password;       /* NULL: the right one */
    int replies;
    int proved;                 /* addresses */
} rows[] = {
    { "a usual check", "UGICPMF", NULL, 1, 1 },
    { "one that is for libnice", "UPIRMF", NULL, 1, 1 },
    { "a conflict is told, and proves nothing", "UPDMF", NULL, 1, 0 },
    { "so is what is not understood", "UPIXMF", NULL, 1, 0 },
    { "a usual check, forged", "UGICPMF", "another", 0, 0 },
    { "one for libnice, forged", "UPIRMF", "another", 0, 0 },
    { "a conflict, forged", "UPDMF", "another", 0, 0 },
    { "no fingerprint", "UPIM", NULL, 0, 0 },
    { "no name", "PIMF", NULL, 0, 0 },
};

static void
send_check(struct client *c, const struct ice_credentials *credentials,
           const char *letters, const char *password)
{
    struct ice_fingerprint fingerprint;
    struct ice_integrity integrity;
    uint8_t buffer[256];
    char username[64];
    size_t len;

    snprintf(username, sizeof(username), "%s:client", credentials->ufrag);
    ice_fingerprint_init(&fingerprint);
    ice_integrity_init(&integrity,
                       password != NULL ? password : credentials->pwd);
    len = fixture_request(buffer, sizeof(buffer), letters, username,
                          &integrity, &fingerprint);
    client_send_raw(c, span_of(buffer, len));
}

static void
test_row(size_t row)
{
    struct media_peer_params params = { .session = 1,
                                        .on_event = fixture_event };
    struct media_loop *loop = &fixture.loops[0];
    struct media_peer_handle *peer;
    struct client c;

    ice_credentials_make(&params.credentials);
    media_peer_create(&peer, loop, &params);
    client_open(&c, PORT);
    media_loop_run_tasks(loop);
    send_check(&c, &params.credentials, rows[row].letters,
               rows[row].password);
    receive_udp(&loop->udp_source, 0);
    client_wait(&c, NULL, 20);
    tap_is_int((long long)c.stun_replies, rows[row].replies, "%s",
               rows[row].name);
    tap_is_int((long long)loop->ice.addresses.count, rows[row].proved,
               "proves so much");
    media_peer_destroy(peer);
    media_loop_run_tasks(loop);
    client_close(&c);
}

/* what was kept of a password is kept for both of them */
static void
test_restart(void)
{
    struct media_peer_params params = { .session = 1,
                                        .on_event = fixture_event };
    struct media_loop *loop = &fixture.loops[0];
    struct ice_credentials next;
    struct media_peer_handle *peer;
    struct client c;

    ice_credentials_make(&params.credentials);
    ice_credentials_make(&next);
    media_peer_create(&peer, loop, &params);
    media_peer_restart_ice(peer, &next);
    media_loop_run_tasks(loop);
    client_open(&c, PORT);
    send_check(&c, &params.credentials, "UPIMF", NULL);
    send_check(&c, &next, "UPIMF", NULL);
    send_check(&c, &next, "UPIMF", params.credentials.pwd);
    receive_udp(&loop->udp_source, 0);
    client_wait(&c, NULL, 20);
    tap_is_int((long long)c.stun_replies, 2,
               "both generations, each by its own password");
    media_peer_destroy(peer);
    media_loop_run_tasks(loop);
    client_close(&c);
}

/* of a batch, what is known of each is looked at ahead */
static void
test_batch(void)
{
    struct media_peer_params params = { .session = 1,
                                        .on_event = fixture_event };
    struct media_loop *loop = &fixture.loops[0];
    struct ice_credentials nobody;
    struct media_peer_handle *peer;
    struct client c;

    ice_credentials_make(&params.credentials);
    ice_credentials_make(&nobody);
    media_peer_create(&peer, loop, &params);
    media_loop_run_tasks(loop);
    client_open(&c, PORT);
    send_check(&c, &nobody, "UPIMF", NULL);
    client_send_raw(&c, span_str("\x80 somebody's media"));
    client_send_raw(&c, span_str("\xff"));
    send_check(&c, &params.credentials, "PUIMF", NULL);
    send_check(&c, &params.credentials, "UPIMF", NULL);
    client_send_raw(&c, span_str("\x80 our own media"));
    receive_udp(&loop->udp_source, 0);
    client_wait(&c, NULL, 20);
    tap_is_int((long long)c.stun_replies, 2, "in a batch with others");
    media_peer_destroy(peer);
    media_loop_run_tasks(loop);
    client_close(&c);
}

int
main(void)
{
    fixture_make(PORT);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row(i);
    }

    test_restart();
    test_batch();
    fixture_end();

    return tap_done();
}
