/*
 * load/options_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/options.h"

#include <stdlib.h>
#include <string.h>

#include "test/tap.h"

enum { WORDS = 32 };

/* splits at spaces; the words live as long as the line */
static int
read_line(struct load_options *o, char *line, char **told)
{
    char *argv[WORDS] = { "sfu-load" };
    int argc = 1;
    size_t size;
    FILE *err = open_memstream(told, &size);
    char *rest;
    int error;

    for (char *word = strtok_r(line, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        argv[argc++] = word;
    }

    error = load_options_read(o, argc, argv, err);
    fclose(err);

    return error;
}

/* what is refused, and a word of the reason */
static const struct {
    const char *line;
    const char *reason;
} bad[] = {
    { "", "which scenario" },
    { "--url x", "which scenario" },
    { "dance", "none of fanout" },
    { "fanout rooms", "one scenario too many" },
    { "fanout", "--url is missing" },
    { "--url x --dialect sip fanout", "--dialect" },
    { "--url x --colour red fanout", "no option --colour" },
    { "--url x fanout --fps", "needs a value" },
    { "--url x --quiet=yes fanout", "takes no value" },
    { "--url x --fps 30.5 fanout", "no whole number" },
    { "--url x --fps abc fanout", "no number" },
    { "--url x --fps 1e9 fanout", "no number" },
    { "--url x --fps -1 fanout", "no number" },
    { "--url x --fps 1000 fanout", "out of range" },
    { "--url x --decrypt 0 fanout", "out of range" },
    { "--url x --packet-size 2000 fanout", "out of range" },
    { "--url x --packet-size 60 fanout", "out of range" },
    { "--url x --bitrate 10k fanout", "too low" },
    { "--url x --codec av2 fanout", "none of vp8" },
    { "--url x --codec vp8+h264 fanout", "two codecs" },
    { "--url x --profile aes fanout", "none of gcm" },
    { "--url x --dtls-role boss fanout", "none of active" },
    { "--url x --gro maybe fanout", "neither on nor off" },
    { "--url x meeting", "2 or more" },
    { "--url x --subscribers 0 idle", "1 or more" },
    { "--url x --pid 0 fanout", "out of range" },
};

static void
test_good(void)
{
    char line[] = "--url=http://h/v1 --bitrate 1.5m --duration 0.5 --drain 250 "
                  "--codec vp8+opus --pid 1 --pid 2 --gro off --loss 2.5 "
                  "--awake off --awake on "
                  "--dtls-role passive rooms --simulcast --rid h";
    struct load_options o;
    char *told;

    tap_is_int(read_line(&o, line, &told), 0, "all sorts of options");
    tap_is_str(told, "", "without a word");
    tap_is_str(o.url, "http://h/v1", "a text after =");
    tap_is_int((long long)o.bitrate, 1500000, "thousands of thousands");
    tap_is_int(o.duration, 500000, "seconds");
    tap_is_int(o.drain, 250000, "milliseconds");
    tap_is_int((long long)o.codec_count, 2, "two codecs");
    tap_is_int(o.codecs[1], CODEC_OPUS, "the second one");
    tap_is_int((long long)o.pid_count, 2, "an option twice");
    tap_ok(!o.gro && o.nack, "off and on");
    tap_ok(o.awake, "the last one counts");
    tap_ok(o.loss == 2.5, "a fraction");
    tap_is_int(o.dtls_role, SDP_SETUP_PASSIVE, "a role");
    tap_is_int(o.scenario, LOAD_ROOMS, "the scenario");
    tap_ok(o.simulcast, "what comes after it");
    tap_is_str(o.rid, "h", "a layer");
    free(told);
}

int
main(void)
{
    struct load_options o;
    char help[] = "--help";
    char *told;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char line[200];

        snprintf(line, sizeof(line), "%s", bad[i].line);
        tap_ok(read_line(&o, line, &told) != 0
                   && strstr(told, bad[i].reason) != NULL,
               "refused: \"%s\"", bad[i].line);
        free(told);
    }

    test_good();
    tap_ok(read_line(&o, help, &told) == 0 && o.help,
           "help needs nothing else");
    free(told);

    return tap_done();
}
