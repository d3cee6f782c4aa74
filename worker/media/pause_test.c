/*
 * media/pause_test.c - a worker that did not run for a while.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <unistd.h>

#include "media/fixture.h"

enum { PORT = 21752 };

/* holds the loop up, as SIGSTOP or a machine without time for us would */
static void
sleep_long(struct task *task, void *owner)
{
    (void)owner;
    usleep(2500000);
    free(task);
}

static void
pause_loop(void)
{
    struct task *task = malloc(sizeof(*task));

    task->run = sleep_long;
    mailbox_post(&fixture.loops[0].mailbox, task);
    usleep(2700000);
}

int
main(void)
{
    struct client c;
    struct media_peer_handle *peer;

    fixture.settings.consent_lost = USEC_PER_SEC;
    fixture.settings.consent_expired = 2 * USEC_PER_SEC;
    fixture.log.level = LOG_ERROR;
    fixture_begin(PORT);
    peer = fixture_connect(&c, 0);
    pause_loop();
    fixture_listen();
    tap_is_int(fixture.ended, 0, "a pause of the loop ends no session");
    fixture_check(&c);
    usleep(1500000);
    fixture_check(&c);
    usleep(1500000);
    fixture_listen();
    tap_is_int(fixture.ended, 0, "checks keep it, as before");
    tap_ok(fixture_wait(&fixture.ended, 1, &c), "without them it ends");
    tap_is_int(fixture.end, MEDIA_END_EXPIRED, "for want of consent");
    media_peer_destroy(peer);
    client_close(&c);
    fixture_end();

    return tap_done();
}
