/*
 * load/main.c - sfu-load: a load generator for SFUs.
 * Copyright (C) the ngx_sfu_module authors
 *
 * One thread.  The exit code is 0 when there was media (or idle sessions),
 * 1 when there was none, 2 for wrong options.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/error.h"
#include "load/load.h"
#include "load/report.h"
#include "load/wait.h"
#include "sfu_version.h"

struct program {
    struct load load;
    struct load_progress progress;
    struct poll_source signals;
    bool terminal;              /* of standard error */
};

static void
signal_ready(struct poll_source *source, uint32_t events)
{
    struct program *p = container_of(source, struct program, signals);
    struct signalfd_siginfo info;

    (void)events;

    while (read(source->fd, &info, sizeof(info)) == sizeof(info)) {
        /* the second time somebody has no patience left */
        if (p->load.stopping) {
            _exit(130);
        }

        p->load.stopping = true;
    }
}

static int
watch_signals(struct program *p)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    p->signals.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    p->signals.ready = signal_ready;

    return p->signals.fd == -1 ? SFU_ERR_SYSTEM
                               : poll_add(&p->load.engine.poll, &p->signals,
                                          false);
}

/* a socket a peer: take all that we may have */
static void
raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void
run_senders(struct load *load)
{
    struct load_slot *slot;

    while ((slot = load_schedule_first(&load->engine.schedule)) != NULL
           && slot->when <= load->engine.now) {
        load_sender_run(container_of(slot, struct load_sender, slot),
                        load->engine.now);
    }
}

static usec_t
earlier(usec_t a, usec_t b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

static usec_t
next_wait(struct load *load)
{
    const struct load_slot *slot = load_schedule_first(
        &load->engine.schedule);
    usec_t now = load->engine.now;
    usec_t wait = earlier(timer_wheel_wait(&load->engine.wheel, now),
                          load_phase_wait(load));

    if (slot != NULL) {
        wait = earlier(wait, slot->when > now ? slot->when - now : 0);
    }

    if (load->http.due >= 0) {
        wait = earlier(wait, load->http.due > now ? load->http.due - now : 0);
    }

    /* the line of progress wants to be written */
    return earlier(wait, USEC_PER_SEC / 4);
}

static void
run(struct program *p)
{
    struct load *load = &p->load;
    const struct load_options *o = &load->options;
    bool show = !o->quiet && (o->progress || p->terminal);

    while (load->phase != LOAD_PHASE_DONE && load->fatal == NULL) {
        if (load_wait(load, next_wait(load))) {
            load->fatal = "epoll failed";
            return;
        }

        load->engine.now = clock_now();
        run_senders(load);
        timer_wheel_run(&load->engine.wheel, load->engine.now);
        load_phase_run(load);
        load_http_run(&load->http);

        if (show) {
            load_progress_run(&p->progress, load, stderr, p->terminal);
        }
    }
}

static int
begin(struct program *p)
{
    struct load *load = &p->load;
    const struct load_options *o = &load->options;
    int error;

    for (size_t i = 0; i < o->pid_count; i++) {
        if (load_process_memory(o->pids[i], &load->summary.before[i])) {
            fprintf(stderr, "sfu-load: there is no process %d\n",
                    (int)o->pids[i]);
            return SFU_ERR_NOT_FOUND;
        }
    }

    raise_descriptors();
    error = sfu_srtp_library_init();

    if (!error) {
        error = load_engine_init(&load->engine, load_profile_list(o->profile),
                                 o->gro);
    }

    if (!error) {
        error = load_http_init(&load->http, &load->engine);
    }

    if (!error) {
        error = watch_signals(p);
    }

    load->dialect = load_dialect_find(o->dialect);
    list_init(&load->storm.gone);

    if (!error) {
        error = load_scenario_init(load);
    }

    if (error) {
        fprintf(stderr, "sfu-load: cannot begin: %s\n", sfu_strerror(error));
        return error;
    }

    load->began = load->engine.now;

    if (load->dialect->begin != NULL) {
        load->dialect->begin(load);
    } else {
        load_dialect_ready(load, NULL);
    }

    return 0;
}

/* what the exit code says */
static int
outcome(const struct load *load)
{
    bool idle = load->options.scenario == LOAD_IDLE;

    if (load->fatal != NULL) {
        fprintf(stderr, "sfu-load: %s%s%s\n", load->fatal,
                load->summary.first_failure[0] ? ": " : "",
                load->summary.first_failure);
        return 1;
    }

    return (idle ? load->summary.sessions : load->summary.watchers) > 0 ? 0
                                                                        : 1;
}

static int
report(const struct load *load)
{
    if (load->fatal != NULL) {
        return 0;
    }

    if (!load->options.quiet) {
        load_report_text(load, stdout);
    }

    if (load->options.json != NULL
        && load_report_json(load, load->options.json)) {
        fprintf(stderr, "sfu-load: cannot write %s: %s\n", load->options.json,
                strerror(errno));
        return 1;
    }

    return 0;
}

static void
end(struct program *p)
{
    struct load *load = &p->load;

    load_scenario_fini(load);
    load_storm_reap(load);

    if (load->dialect->fini != NULL) {
        load->dialect->fini(load);
    }

    load_http_fini(&load->http);
    load_engine_fini(&load->engine);
    sfu_srtp_library_fini();
}

int
main(int argc, char **argv)
{
    static struct program program = { .signals.fd = -1 };
    struct load *load = &program.load;
    int code = 1;

    if (load_options_read(&load->options, argc, argv, stderr)) {
        return 2;
    }

    if (load->options.help) {
        load_options_print_help(stdout);
        return 0;
    }

    if (load->options.version) {
        printf("sfu-load %s\n%s\n", SFU_VERSION, sfu_srtp_library_name());
        return 0;
    }

    program.terminal = isatty(STDERR_FILENO);

    if (begin(&program) == 0) {
        run(&program);
        code = outcome(load) | report(load);
        end(&program);
    }

    return code;
}
