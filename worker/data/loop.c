/*
 * data/loop.c - the thread of all data channels.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "data/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

struct data_peer *
data_loop_peer(struct data_loop *loop, uint64_t id)
{
    struct map_entry *e = map_find(&loop->peers, span_of(&id, sizeof(id)));

    return e != NULL ? container_of(e, struct data_peer, by_id) : NULL;
}

struct data_channel *
data_loop_channel(struct data_loop *loop, uint64_t id)
{
    struct map_entry *e = map_find(&loop->channels, span_of(&id, sizeof(id)));

    return e != NULL ? container_of(e, struct data_channel, by_id) : NULL;
}

void
data_loop_put(struct data_loop *loop, const struct data_peer *peer,
              struct span packet)
{
    struct data_port *port = &loop->ports[peer->params.media_loop];

    if (!data_port_put(&port->out, peer->params.id, DATA_RECORD_PACKET,
                       packet)) {
        data_drop(&loop->counters, DATA_DROP_ring_full);
        return;
    }

    port->wake_media = true;
}

static void
wake_media(struct data_loop *loop)
{
    for (size_t i = 0; i < loop->port_count; i++) {
        if (loop->ports[i].wake_media) {
            loop->ports[i].wake_media = false;
            mailbox_wake(loop->ports[i].media);
        }
    }
}

static void
receive(struct data_loop *loop, const struct data_record *record,
        struct span bytes)
{
    struct data_peer *peer = data_loop_peer(loop, record->peer);

    if (peer == NULL) {
        return;                 /* its session ended meanwhile */
    }

    switch (record->type) {
    case DATA_RECORD_CONNECTED:
        data_peer_connected(peer);
        return;
    case DATA_RECORD_PACKET:
        data_peer_packet(peer, bytes);
        return;
    }
}

static void
drain(struct data_loop *loop, struct ring *ring, size_t end)
{
    struct data_record record;
    uint8_t *p;
    size_t len;

    while (ring_is_before(ring, end) && (p = ring_peek(ring, &len)) != NULL) {
        memcpy(&record, p, sizeof(record));
        receive(loop, &record, span_of(p + sizeof(record),
                                       len - sizeof(record)));
        ring_advance(ring);
        ring_release(ring);
    }
}

/*
 * A peer is posted before its media loop knows of it; so records that are
 * there now come after the tasks that are taken next.
 */
void
data_loop_turn(struct data_loop *loop)
{
    size_t ends[loop->port_count];
    struct list tasks;

    loop->now = clock_now();

    for (size_t i = 0; i < loop->port_count; i++) {
        ends[i] = ring_end(&loop->ports[i].in);
    }

    mailbox_take(&loop->mailbox, &tasks);
    mailbox_run(&tasks, loop);
    sfu_sctp_stack_tick(loop->sctp, loop->now);

    for (size_t i = 0; i < loop->port_count; i++) {
        drain(loop, &loop->ports[i].in, ends[i]);
    }

    timer_wheel_run(&loop->wheel, loop->now);
    wake_media(loop);
    loop->more = false;

    /* its wake may have been taken for that of the tasks */
    for (size_t i = 0; i < loop->port_count; i++) {
        loop->more = loop->more || ring_end(&loop->ports[i].in) != ends[i];
    }
}

static void
mailbox_ready(struct poll_source *source, uint32_t events)
{
    (void)source;
    (void)events;               /* a turn of the loop follows */
}

static usec_t
wait_time(struct data_loop *loop)
{
    usec_t timers = timer_wheel_wait(&loop->wheel, loop->now);
    usec_t sctp = sfu_sctp_stack_wait(loop->sctp, loop->now);

    if (loop->more) {
        return 0;
    }

    return timers < 0 || (sctp >= 0 && sctp < timers) ? sctp : timers;
}

static void *
run(void *arg)
{
    struct data_loop *loop = arg;
    usec_t woke;

    while (!atomic_load(&loop->stopping)) {
        if (poll_wait(&loop->poll, wait_time(loop), &woke)) {
            log_error(loop->log, "data: epoll: %s", strerror(errno));
            break;
        }

        data_loop_turn(loop);
        counter_add(&loop->counters.busy_usec, (uint64_t)(clock_now() - woke));
    }

    return NULL;
}

static int
init_ports(struct data_loop *loop, size_t count)
{
    int error = 0;

    /* rings are aligned to cache lines */
    loop->ports = aligned_alloc(64, count * sizeof(*loop->ports));

    if (loop->ports == NULL) {
        return SFU_ERR_NOMEM;
    }

    memset(loop->ports, 0, count * sizeof(*loop->ports));
    loop->port_count = count;

    for (size_t i = 0; i < count && !error; i++) {
        error = ring_init(&loop->ports[i].in, loop->settings->ring_bytes);
        error = error ? error : ring_init(&loop->ports[i].out,
                                          loop->settings->ring_bytes);
        loop->ports[i].data = &loop->mailbox;
    }

    return error;
}

int
data_loop_init(struct data_loop *loop, const struct data_settings *settings,
               struct log *log, struct mailbox *control, size_t media_loops)
{
    int error;

    memset(loop, 0, sizeof(*loop));
    loop->settings = settings;
    loop->log = log;
    loop->control = control;
    loop->poll.fd = -1;
    loop->now = clock_now();
    timer_wheel_init(&loop->wheel, loop->now);
    error = mailbox_init(&loop->mailbox);

    if (error || (error = poll_init(&loop->poll))
        || (error = map_init(&loop->peers))
        || (error = map_init(&loop->channels))
        || (error = map_init(&loop->groups))
        || (error = init_ports(loop, media_loops))) {
        return error;
    }

    loop->mailbox_source = (struct poll_source){ loop->mailbox.fd,
                                                 mailbox_ready };
    error = poll_add(&loop->poll, &loop->mailbox_source, false);

    return error ? error : sfu_sctp_stack_create(&loop->sctp,
                                                 &settings->sctp);
}

void
data_loop_attach(struct data_loop *loop, size_t port, struct mailbox *media)
{
    loop->ports[port].media = media;
}

int
data_loop_start(struct data_loop *loop)
{
    sigset_t all;
    sigset_t before;
    int error;

    /* signals are the control thread's */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&loop->thread, NULL, run, loop);
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    if (error) {
        return SFU_ERR_SYSTEM;
    }

    pthread_setname_np(loop->thread, "data");
    loop->running = true;

    return 0;
}

void
data_loop_stop(struct data_loop *loop)
{
    if (loop->running) {
        atomic_store(&loop->stopping, true);
        mailbox_wake(&loop->mailbox);
        pthread_join(loop->thread, NULL);
        loop->running = false;
    }
}

void
data_loop_drain(struct data_loop *loop)
{
    struct list tasks;

    if (loop->sctp != NULL) {
        mailbox_take(&loop->mailbox, &tasks);
        mailbox_run(&tasks, loop);
        wake_media(loop);
    }
}

void
data_loop_fini(struct data_loop *loop)
{
    data_loop_drain(loop);

    if (!sfu_sctp_stack_destroy(loop->sctp)) {
        log_warn(loop->log, "data: usrsctp keeps associations");
    }

    mailbox_fini(&loop->mailbox);
    poll_fini(&loop->poll);
    map_fini(&loop->peers);
    map_fini(&loop->channels);
    map_fini(&loop->groups);

    for (size_t i = 0; i < loop->port_count; i++) {
        ring_fini(&loop->ports[i].in);
        ring_fini(&loop->ports[i].out);
    }

    free(loop->ports);
}
