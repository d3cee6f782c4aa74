/*
 * main.c - sfu-worker: options, signals, wiring.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The only place that knows every folder.  This thread is the control thread;
 * each media loop has its own.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/error.h"
#include "channel/channels.h"
#include "config/options.h"
#include "data/loop.h"
#include "dtls/certificate.h"
#include "feed/feed.h"
#include "ipc/server.h"
#include "media/loop.h"
#include "room/room.h"
#include "sfu/sfu.h"
#include "sfu_version.h"
#include "srtp/sealer.h"
#include "store/store.h"

struct worker {
    struct options options;
    struct log log;
    struct dtls_certificate certificate;
    struct dtls_context *dtls;
    struct media_loop *loops;
    size_t loops_begun;         /* to be ended again */
    struct data_loop data;
    bool data_begun;
    struct sfu sfu;
    bool sfu_begun;
    struct feeds feeds;
    bool feeds_begun;
    struct store *store;
    struct rooms rooms;
    bool rooms_begun;
    struct channels channels;
    bool channels_begun;
    struct poll poll;
    struct poll_source mailbox_source;
    struct poll_source signal_source;
    struct ipc_server ipc;
    usec_t stop_at;             /* 0: go on */
};

static struct worker *
worker_of_signal(struct poll_source *source)
{
    return container_of(source, struct worker, signal_source);
}

static void
drain(struct worker *w)
{
    struct sfu *sfu = &w->sfu;

    if (sfu->draining) {
        w->stop_at = clock_now();
        return;
    }

    sfu->draining = true;
    w->stop_at = clock_now() + w->options.sfu.drain_time;
    log_notice(&w->log, "stopping: %zu sessions have %lld s",
               sfu->sessions.count,
               (long long)(w->options.sfu.drain_time / USEC_PER_SEC));
}

static void
signal_ready(struct poll_source *source, uint32_t events)
{
    struct worker *w = worker_of_signal(source);
    struct signalfd_siginfo info;

    (void)events;

    while (read(source->fd, &info, sizeof(info)) == sizeof(info)) {
        switch (info.ssi_signo) {

        case SIGTERM:
        case SIGINT:
        case SIGQUIT:
            drain(w);
            break;

        case SIGHUP:
        case SIGUSR1:           /* as nginx has it */
            if (log_reopen(&w->log)) {
                log_error(&w->log, "cannot reopen %s: %s", w->options.log,
                          strerror(errno));
            } else {
                log_notice(&w->log, "log reopened");
            }

            break;
        }
    }
}

static void
mailbox_ready(struct poll_source *source, uint32_t events)
{
    struct worker *w = container_of(source, struct worker, mailbox_source);

    (void)events;
    sfu_run_mailbox(&w->sfu);
}

static int
watch_signals(struct worker *w)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGQUIT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    w->signal_source.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    w->signal_source.ready = signal_ready;

    return w->signal_source.fd == -1 ? SFU_ERR_SYSTEM
                                     : poll_add(&w->poll, &w->signal_source,
                                                false);
}

/* TCP peers need descriptors; take all that we may have */
static void
raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int
begin_loops(struct worker *w)
{
    struct options *o = &w->options;
    int error;

    w->loops = calloc(o->loops, sizeof(*w->loops));

    if (w->loops == NULL) {
        return SFU_ERR_NOMEM;
    }

    for (size_t i = 0; i < o->loops; i++) {
        w->loops_begun++;
        error = media_loop_init(&w->loops[i], (unsigned)i, &o->media, &w->log,
                                w->dtls, &w->sfu.mailbox);

        if (error) {
            return error;
        }
    }

    o->data.ring_bytes = o->media.ring_bytes;
    w->data_begun = true;
    error = data_loop_init(&w->data, &o->data, &w->log, &w->sfu.mailbox,
                           o->loops);

    if (error) {
        return error;
    }

    for (size_t i = 0; i < o->loops; i++) {
        data_loop_attach(&w->data, i, &w->loops[i].mailbox);
        media_loop_attach(&w->loops[i], &w->data.ports[i]);
    }

    if (data_loop_start(&w->data)) {
        return SFU_ERR_SYSTEM;
    }

    for (size_t i = 0; i < o->loops; i++) {
        if (media_loop_start(&w->loops[i])) {
            return SFU_ERR_SYSTEM;
        }
    }

    return 0;
}

static void
say_hello(struct worker *w)
{
    struct options *o = &w->options;
    char candidates[512] = "";
    size_t len = 0;

    for (size_t i = 0; i < o->announce_count && len < sizeof(candidates);
         i++) {
        len += (size_t)snprintf(candidates + len, sizeof(candidates) - len,
                                " %s", o->announce[i]);
    }

    log_notice(&w->log, "sfu-worker %s \"%s\": %s", SFU_VERSION,
               w->sfu.worker_id, OpenSSL_version(OPENSSL_VERSION));
    log_notice(&w->log, "srtp: sealing and opening with %s",
               srtp_engine_name(w->loops[0].srtp));
    log_notice(&w->log, "media: %zu loops, udp%s ports %zu to %zu, "
                        "candidates%s", o->loops, o->media.tcp ? " and tcp"
                                                               : "",
               o->media_port, o->media_port + o->loops - 1,
               o->announce_count ? candidates : " none");
    log_notice(&w->log, "store: %s", o->store[0]
                                         ? o->store
                                         : "none, channels and rooms end "
                                           "with this process");
    log_notice(&w->log, "ready: ipc %s", o->ipc);
}

static int
begin(struct worker *w)
{
    struct options *o = &w->options;
    struct ipc_settings ipc = {
        .address = o->ipc,
        .mode = o->ipc_mode,
        .pending_max = o->ipc_pending,
    };
    struct ipc_served serves = {
        .sfu = &w->sfu, .feeds = &w->feeds, .rooms = &w->rooms,
        .channels = &w->channels,
    };
    int error;

    raise_descriptors();

    if (poll_init(&w->poll) || watch_signals(w)) {
        log_error(&w->log, "cannot begin: %s", strerror(errno));
        return SFU_ERR_SYSTEM;
    }

    if (dtls_certificate_make(&w->certificate)
        || dtls_context_create(&w->dtls, &w->certificate)) {
        log_error(&w->log, "dtls: OpenSSL refuses our settings");
        return SFU_ERR_LIBRARY;
    }

    error = sfu_init(&w->sfu, &o->sfu, &w->log, NULL, o->loops,
                     w->certificate.fingerprint);
    w->sfu_begun = true;

    if (error || (error = begin_loops(w))) {
        return error;
    }

    error = feeds_init(&w->feeds, &o->feed, &w->log, &w->sfu.wheel,
                       &w->sfu.now);
    w->feeds_begun = !error;

    if (!error) {
        error = store_open(&w->store, o->store[0] ? o->store : NULL, &w->log);
    }

    if (!error) {
        error = rooms_init(&w->rooms, &o->room, &w->sfu, &w->feeds,
                           w->store, &w->log);
        w->rooms_begun = !error;
    }

    if (!error) {
        error = channels_init(&w->channels, &o->channel, &w->log, w->store,
                              &w->feeds, &w->sfu, &w->sfu.wheel, &w->sfu.now);
        w->channels_begun = !error;
    }

    w->sfu.loops = w->loops;
    w->sfu.data = &w->data;
    w->mailbox_source = (struct poll_source){ w->sfu.mailbox.fd,
                                              mailbox_ready };
    error = error ? error : poll_add(&w->poll, &w->mailbox_source, false);

    return error ? error : ipc_server_open(&w->ipc, &ipc, &serves, &w->poll);
}

static void
run(struct worker *w)
{
    usec_t woke;

    for ( ;; ) {
        usec_t now = clock_now();
        usec_t wait = timer_wheel_wait(&w->sfu.wheel, now);

        if (w->stop_at) {
            usec_t left = w->stop_at - now;

            if (left <= 0 || w->sfu.sessions.count == 0) {
                return;
            }

            wait = wait < 0 || wait > left ? left : wait;
        }

        if (poll_wait(&w->poll, wait, &woke)) {
            log_error(&w->log, "epoll: %s", strerror(errno));
            return;
        }

        sfu_run_timers(&w->sfu);
        channels_run(&w->channels);
        feeds_run(&w->feeds);
    }
}

/* the order matters: docs/lifetimes.md */
static void
end(struct worker *w)
{
    if (w->sfu_begun) {
        sfu_end_sessions(&w->sfu);
    }

    if (w->channels_begun) {
        channels_fini(&w->channels);
    }

    if (w->feeds_begun) {
        feeds_fini(&w->feeds);
    }

    if (w->rooms_begun) {
        rooms_fini(&w->rooms);
    }

    ipc_server_close(&w->ipc);

    for (size_t i = 0; i < w->loops_begun; i++) {
        media_loop_stop(&w->loops[i]);
    }

    if (w->data_begun) {
        data_loop_stop(&w->data);
        data_loop_drain(&w->data);
    }

    for (size_t i = 0; i < w->loops_begun; i++) {
        media_loop_drain(&w->loops[i]);
    }

    for (size_t i = 0; i < w->loops_begun; i++) {
        media_loop_fini(&w->loops[i]);
    }

    if (w->data_begun) {
        data_loop_fini(&w->data);
    }

    if (w->sfu_begun) {
        sfu_fini(&w->sfu);
    }

    store_close(w->store);
    free(w->loops);
    dtls_context_destroy(w->dtls);
    dtls_certificate_fini(&w->certificate);
    poll_fini(&w->poll);

    if (w->signal_source.fd > 0) {
        close(w->signal_source.fd);
    }
}

static void
write_pid(struct worker *w)
{
    FILE *file;

    if (w->options.pid[0] == '\0') {
        return;
    }

    file = fopen(w->options.pid, "w");

    if (file == NULL) {
        log_warn(&w->log, "cannot write %s: %s", w->options.pid,
                 strerror(errno));
        return;
    }

    fprintf(file, "%d\n", (int)getpid());
    fclose(file);
}

static void
print_version(void)
{
    struct srtp_engine *engine = NULL;
    int error = srtp_engine_create(&engine, SRTP_BACKEND_BEST);

    printf("sfu-worker %s\nipc version %d\nsrtp by %s\n%s\n", SFU_VERSION,
           SFU_IPC_VERSION, error ? "nothing" : srtp_engine_name(engine),
           OpenSSL_version(OPENSSL_VERSION));
    srtp_engine_destroy(engine);
}

int
main(int argc, char **argv)
{
    static struct worker w = { .ipc.socket.socket = -1, .poll.fd = -1 };
    struct options *o = &w.options;
    int error;

    options_init(o);

    if (options_read(o, argc, argv, stderr)) {
        return 2;
    }

    if (o->help) {
        options_print_help(stdout);
        return 0;
    }

    if (o->version) {
        print_version();
        return 0;
    }

    if (options_finish(o, stderr)) {
        return 2;
    }

    if (o->check) {
        printf("the options are fine\n");
        return 0;
    }

    if (log_open(&w.log, o->log[0] ? o->log : NULL, o->log_level)) {
        fprintf(stderr, "cannot open %s: %s\n", o->log, strerror(errno));
        return 1;
    }

    error = begin(&w);

    if (!error) {
        write_pid(&w);
        say_hello(&w);
        run(&w);
        log_notice(&w.log, "stopped");
    }

    end(&w);

    if (!error && o->pid[0]) {
        unlink(o->pid);
    }

    log_close(&w.log);

    return error ? 1 : 0;
}
