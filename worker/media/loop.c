/*
 * media/loop.c - one media thread: a socket, its sessions, and their packets.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/error.h"
#include "media/handshake.h"
#include "media/receive.h"
#include "media/relay.h"
#include "media/sctp.h"
#include "media/transport.h"

enum {
    /* it wakes up every second, so this long is a pause that was not its own */
    PAUSE = 2 * USEC_PER_SEC,
};

void
media_loop_run_tasks(struct media_loop *loop)
{
    struct list tasks;

    /* what a loop sent before it posted a task comes before that task */
    mailbox_take(&loop->mailbox, &tasks);
    relay_receive(loop);
    media_sctp_receive(loop);
    mailbox_run(&tasks, loop);
}

static void
mailbox_ready(struct poll_source *source, uint32_t events)
{
    (void)events;

    media_loop_run_tasks(container_of(source, struct media_loop,
                                      mailbox_source));
}

/* what came and found no room; nobody knows what it was */
static void
note_overflow(struct media_loop *loop, usec_t now)
{
    counter_t *drops = &loop->counters.drops[MEDIA_DROP_receive_full];
    uint32_t lost = udp_lost(&loop->udp) - (uint32_t)counter_get(drops);

    if (lost) {
        counter_add(drops, lost);
        loop->overflowed = now;
    }
}

static void
second_passed(struct timer *timer, usec_t now)
{
    struct media_loop *loop = container_of(timer, struct media_loop, second);
    struct media_counters *c = &loop->counters;
    uint64_t busy = counter_get(&c->busy_usec);
    usec_t passed = now - loop->second_began;

    if (passed > 0) {
        uint64_t thousandths = (busy - loop->busy_before) * 1000
                               / (uint64_t)passed;

        counter_set(&c->utilisation, thousandths);
        coalesce_decide(&loop->coalesce, passed, thousandths);
    }

    loop->busy_before = busy;
    loop->second_began = now;

    counter_set(&c->drops[MEDIA_DROP_send_full],
                counter_get(&loop->udp.send_full)
                + counter_get(&loop->tcp.dropped));
    counter_set(&c->drops[MEDIA_DROP_send_failed],
                counter_get(&loop->udp.send_failed));
    note_overflow(loop, now);
    counter_set(&c->tcp_refused, counter_get(&loop->tcp.refused));
    counter_set(&c->tcp_connections, loop->tcp.count);
    timer_arm(&loop->wheel, timer, now + USEC_PER_SEC);
}

/* before any timer is asked what was silent for how long */
static void
notice_pause(struct media_loop *loop, usec_t before)
{
    if (loop->now - before > PAUSE) {
        loop->resumed = loop->now;
        log_warn(loop->log, "loop %u: did not run for %.1f s", loop->index,
                 (double)(loop->now - before) / USEC_PER_SEC);
    }
}

/* what is left of the time until the next timer */
static usec_t
rest(struct media_loop *loop, usec_t wait)
{
    usec_t time = coalesce_rest(&loop->coalesce, loop->woke, loop->slept,
                                wait);
    struct timespec ts = { .tv_nsec = time * 1000 };

    if (time > 0) {
        counter_add(&loop->counters.rests, 1);
        counter_add(&loop->counters.rest_usec, (uint64_t)time);
        clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
    }

    return wait < 0 ? wait : wait - time;
}

static void *
run(void *arg)
{
    struct media_loop *loop = arg;
    usec_t ran = clock_now();
    bool handshakes_wait = false;

    loop->now = loop->woke = ran;
    timer_arm(&loop->wheel, &loop->second, ran + USEC_PER_SEC);
    /* of the kernel, 50 us otherwise, when we wait for what is to come */
    prctl(PR_SET_TIMERSLACK, 1000UL);

    while (!atomic_load(&loop->stopping)) {
        usec_t wait = timer_wheel_wait(&loop->wheel, loop->now);

        loop->now = loop->slept = clock_now();
        counter_add(&loop->counters.busy_usec,
                    (uint64_t)(loop->slept - loop->woke));

        /* ready sources run inside: their time is told from the waiting */
        if (handshakes_wait || burst_waits(loop)) {
            wait = 0;
        }

        wait = rest(loop, wait);

        if (poll_wait(&loop->poll, wait, &loop->woke)) {
            log_error(loop->log, "loop %u: epoll: %s", loop->index,
                      strerror(errno));
            break;
        }

        loop->now = clock_now();
        notice_pause(loop, ran);
        ran = loop->now;
        timer_wheel_run(&loop->wheel, loop->now);
        handshakes_wait = media_handshakes_run(loop);
        burst_run(loop);
        outbox_flush(&loop->outbox);
        relay_wake(loop);
        media_sctp_wake(loop);
    }

    return NULL;
}

static int
open_sockets(struct media_loop *loop)
{
    struct address bind_to = loop->settings->bind;
    char text[ADDRESS_TEXT_SIZE];
    uint16_t port = media_loop_port(loop);

    bind_to.port[0] = (uint8_t)(port >> 8);
    bind_to.port[1] = (uint8_t)port;

    if (udp_open(&loop->udp, &bind_to, loop->settings->socket_buffer)) {
        log_error(loop->log, "loop %u: cannot bind udp %s: %s", loop->index,
                  address_text(&bind_to, text), strerror(errno));
        return SFU_ERR_SYSTEM;
    }

    /* each datagram that has left would call the epoll instance */
    loop->udp_source = (struct poll_source){ loop->udp.fd, receive_udp };
    poll_set_apart(&loop->poll, &loop->udp_source);

    if (!loop->settings->tcp) {
        return 0;
    }

    loop->tcp.packet = receive_tcp;
    loop->tcp.closed = receive_tcp_closed;
    loop->tcp.ctx = loop;

    if (tcp_listen(&loop->tcp, &bind_to, &loop->poll, &loop->wheel,
                   &loop->settings->tcp_limits)) {
        log_error(loop->log, "loop %u: cannot listen on tcp %s: %s",
                  loop->index, address_text(&bind_to, text), strerror(errno));
        return SFU_ERR_SYSTEM;
    }

    return 0;
}

int
media_loop_init(struct media_loop *loop, unsigned index,
                const struct media_settings *settings, struct log *log,
                struct dtls_context *dtls, struct mailbox *control)
{
    int error;

    memset(loop, 0, sizeof(*loop));
    loop->index = index;
    loop->settings = settings;
    loop->log = log;
    loop->dtls = dtls;
    loop->control = control;
    loop->udp.fd = loop->tcp.source.fd = loop->poll.fd = -1;
    loop->now = clock_now();
    timer_wheel_init(&loop->wheel, loop->now);
    burst_init(&loop->burst);
    list_init(&loop->handshakes);
    consent_init(&loop->consent, &loop->wheel,
                 settings->consent_lost < settings->consent_expired
                     ? settings->consent_lost : settings->consent_expired,
                 media_transport_silent);
    timer_init(&loop->second, second_passed);
    loop->second_began = loop->now;
    loop->coalesce.interval = settings->wake_interval;
    media_buffers_init(&loop->buffers, settings->buffers_max,
                       &loop->counters.buffers);
    error = mailbox_init(&loop->mailbox);

    if (error || (error = poll_init(&loop->poll))
        || (error = ice_directory_init(&loop->ice))
        || (error = map_init(&loop->sources))
        || (error = map_init(&loop->sctp))) {
        return error;
    }

    loop->mailbox_source = (struct poll_source){ loop->mailbox.fd,
                                                 mailbox_ready };
    error = poll_add(&loop->poll, &loop->mailbox_source, false);

    if (error || (error = open_sockets(loop))) {
        return error;
    }

    error = outbox_init(&loop->outbox, settings->outbox_slots, &loop->udp,
                        &loop->counters);
    if (!error) {
        error = srtp_engine_create(&loop->srtp, SRTP_BACKEND_BEST);
    }

    if (!error) {
        error = train_init(&loop->train, loop->srtp, &loop->udp,
                           &loop->counters);
    }

    ice_fingerprint_init(&loop->fingerprint);
    loop->stun = sfu_stun_create();
    loop->stun_controlling = sfu_stun_create();

    if (loop->stun_controlling != NULL) {
        sfu_stun_set_controlling(loop->stun_controlling);
    }

    if (loop->stun == NULL || loop->stun_controlling == NULL) {
        error = error ? error : SFU_ERR_NOMEM;
    }

    return error;
}

void
media_loop_attach(struct media_loop *loop, struct data_port *data)
{
    loop->data = data;
}

int
media_loop_start(struct media_loop *loop)
{
    sigset_t all;
    sigset_t before;
    char name[16];
    int error;

    /* signals are the control thread's */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&loop->thread, NULL, run, loop);
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    if (error) {
        return SFU_ERR_SYSTEM;
    }

    snprintf(name, sizeof(name), "media-%u", loop->index);
    pthread_setname_np(loop->thread, name);
    loop->running = true;

    return 0;
}

void
media_loop_stop(struct media_loop *loop)
{
    if (loop->running) {
        atomic_store(&loop->stopping, true);
        mailbox_wake(&loop->mailbox);
        pthread_join(loop->thread, NULL);
        loop->running = false;
    }
}

void
media_loop_drain(struct media_loop *loop)
{
    struct list tasks;

    if (loop->mailbox.fd > 0 && loop->stun != NULL) {
        mailbox_take(&loop->mailbox, &tasks);
        mailbox_run(&tasks, loop);
        outbox_flush(&loop->outbox);
    }
}

void
media_loop_fini(struct media_loop *loop)
{
    media_loop_drain(loop);
    tcp_listener_close(&loop->tcp);
    udp_close(&loop->udp);
    mailbox_fini(&loop->mailbox);
    poll_fini(&loop->poll);
    outbox_fini(&loop->outbox);
    train_fini(&loop->train);
    srtp_engine_destroy(loop->srtp);
    media_buffers_fini(&loop->buffers);
    map_fini(&loop->sources);
    map_fini(&loop->sctp);
    ice_directory_fini(&loop->ice);
    consent_fini(&loop->consent);
    sfu_stun_destroy(loop->stun);
    sfu_stun_destroy(loop->stun_controlling);

    for (int i = 0; i < MEDIA_LOOPS_MAX; i++) {
        struct ring *ring = atomic_load(&loop->rings[i]);

        if (ring != NULL) {
            ring_fini(ring);
            free(ring);
        }
    }
}

int
media_loop_connect(struct media_loop *from, struct media_loop *to)
{
    struct ring *ring = atomic_load(&to->rings[from->index]);
    int error;

    if (ring != NULL) {
        return 0;
    }

    ring = aligned_alloc(64, (sizeof(*ring) + 63) & ~(size_t)63);

    if (ring == NULL) {
        return SFU_ERR_NOMEM;
    }

    error = ring_init(ring, from->settings->ring_bytes);

    if (error) {
        free(ring);
        return error;
    }

    atomic_store(&to->rings[from->index], ring);

    return 0;
}
