/*
 * config/options_test.c - the command line, the file, and their mistakes.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "config/options.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "test/tap.h"

static char path[64];
static struct options o;
static char *told;              /* what went to err, to be freed */

static void
write_file(const char *text)
{
    FILE *file = fopen(path, "w");

    fputs(text, file);
    fclose(file);
}

/* reads and finishes; the arguments end with NULL */
static int
read_options(const char *const *args)
{
    char *argv[16] = { (char *)"sfu-worker" };
    size_t size;
    FILE *err;
    int argc = 1;
    int rc;

    free(told);
    err = open_memstream(&told, &size);

    for (; args[argc - 1] != NULL; argc++) {
        argv[argc] = (char *)(uintptr_t)args[argc - 1];
    }

    options_init(&o);
    rc = options_read(&o, argc, argv, err);

    if (rc == 0) {
        rc = options_finish(&o, err);
    }

    fclose(err);

    return rc;
}

#define READ(...) read_options((const char *const[]){ __VA_ARGS__, NULL })

static void
initial_values(void)
{
    tap_is_int(read_options((const char *const[]){ NULL }), 0, "no options");
    tap_is_str(told, "", "no mistakes");
    tap_is_str(o.ipc, "ipc:///run/sfu/worker.sock", "a text");
    tap_is_int(o.ipc_mode, 0660, "a mode");
    tap_is_int((long long)o.media_port, 10000, "a count");
    tap_is_int(o.media.socket_buffer, 4 << 20, "a count with a suffix");
    tap_is_int(o.sfu.hold_time, 5 * USEC_PER_SEC, "a time");
    tap_is_int(o.media.keyframe_interval, 300 * USEC_PER_MS,
               "a time in milliseconds");
    tap_ok(o.media.tcp, "a switch");
    tap_is_int(o.log_level, LOG_INFO, "a level");
    tap_ok(o.loops >= 1, "a loop for each core");
    tap_ok(o.announce_count >= 1 && o.sfu.announce[0] == o.announce[0],
           "the host's addresses are announced");
    tap_ok(!o.help && !o.version && !o.check, "no flags");
    tap_is_int(address_port(&o.media.bind), 10000, "the socket's address");
}

static const struct {
    const char *option;
    const char *value;
    bool ok;
} values[] = {
    { "--media-port", "1", true },
    { "--media-port", "0", false },
    { "--media-port", "65536", false },
    { "--media-port", "", false },
    { "--media-port", "ten", false },
    { "--media-port", "10x", false },
    { "--media-port", "-1", false },
    { "--media-port", "+1", false },
    { "--media-port", " 1", false },
    { "--media-port", "1.5", false },
    { "--media-port", "0x10", false },
    { "--media-port", "1e3", false },
    { "--media-port", "1.2.3", false },
    { "--media-port", "99999999999999999999", false },
    { "--media-port", "999999999999999999999", false },
    { "--buffers", "64k", true },
    { "--buffers", "1M", true },
    { "--buffers", "1g", false },
    { "--buffers", "0.5k", true },      /* 512 */
    { "--history", "1024", true },
    { "--history", "1000", false },     /* no power of two */
    { "--history", "8", false },
    { "--hold-time", "0", true },
    { "--hold-time", "1.5s", true },
    { "--hold-time", "250ms", true },
    { "--hold-time", "1m", true },
    { "--hold-time", "61", false },
    { "--hold-time", "5h", false },
    { "--hold-time", "s", false },
    { "--hold-time", "1e-3", false },
    { "--tcp", "on", true },
    { "--tcp", "OFF", true },
    { "--tcp", "yes", false },
    { "--ipc-mode", "0600", true },
    { "--ipc-mode", "777", true },
    { "--ipc-mode", "1000", false },
    { "--ipc-mode", "0689", false },
    { "--ipc-mode", "-1", false },
    { "--ipc-mode", "", false },
    { "--log-level", "debug", true },
    { "--log-level", "loud", false },
    { "--announce", "192.0.2.1", true },
    { "--announce", "2001:db8::1", true },
    { "--announce", "0.0.0.0", false },
    { "--announce", "::", false },
    { "--announce", "192.0.2.256", false },
    { "--announce", "example.org", false },
    { "--announce", "192.0.2.1, 192.0.2.2", false },
    { "--media-address", "127.0.0.1", true },
    { "--media-address", "localhost", false },
    { "--ipc", "tcp://127.0.0.1:5000", true },
    { "--ipc", "/run/worker.sock", false },
};

static void
each_type(void)
{
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        int rc = READ(values[i].option, values[i].value);

        tap_ok((rc == 0) == values[i].ok && (told[0] == '\0') == (rc == 0),
               "%s \"%s\"", values[i].option, values[i].value);
    }

    READ("--buffers", "0.5k", "--hold-time=1.5s", "--tcp", "off",
         "--log-level=warn", "--ipc-mode", "600");
    tap_is_int((long long)o.media.buffers_max, 512, "half a kilo");
    tap_is_int(o.sfu.hold_time, 1500 * USEC_PER_MS, "a time and a half");
    tap_ok(!o.media.tcp, "off is off");
    tap_is_int(o.log_level, LOG_WARN, "a level by its name");
    tap_is_int(o.ipc_mode, 0600, "octal without a zero");
}

static void
arguments(void)
{
    char config[80];
    char longest[OPTIONS_TEXT_MAX + 8];

    tap_ok(READ("--check", "--help", "--version") == 0 && o.check && o.help
               && o.version, "flags");
    tap_is_int(READ("--check=no"), SFU_ERR_MALFORMED, "a flag with a value");
    tap_is_str(told, "option \"--check\" takes no value\n", "is told");
    tap_is_int(READ("--loops"), SFU_ERR_MALFORMED, "a value that is missing");
    tap_is_str(told, "option \"--loops\" needs a value\n", "is told");
    tap_is_int(READ("--loop", "1"), SFU_ERR_MALFORMED, "an unknown option");
    tap_ok(strstr(told, "\"--loop\"") != NULL, "is told");
    tap_is_int(READ("loops=1"), SFU_ERR_MALFORMED, "no dashes");
    tap_is_int(READ("--"), SFU_ERR_MALFORMED, "dashes alone");
    tap_is_int(READ("--Limits", "1"), SFU_ERR_MALFORMED, "a heading");
    tap_is_int(READ("--loops", "x", "--tcp", "x"), SFU_ERR_MALFORMED,
               "two wrong values");
    tap_ok(strstr(told, "--loops x") != NULL && strstr(told, "--tcp x") != NULL,
           "are both told");
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    tap_is_int(READ("--log", longest), SFU_ERR_MALFORMED, "a long text");
    snprintf(config, sizeof(config), "--config=%s", path);
    write_file("loops = 3\nmedia-port = 4000\nannounce = 192.0.2.1\n");
    tap_is_int(READ("--loops", "2", config, "--announce", "192.0.2.2"), 0,
               "a file and a command line");
    tap_is_int((long long)o.loops, 2, "the command line wins");
    tap_is_int((long long)o.media_port, 4000, "the file counts otherwise");
    tap_is_int((long long)o.sfu.announce_count, 2, "lists add up");
    tap_is_str(o.sfu.announce[0], "192.0.2.1", "the file's first");
    tap_is_int(READ("--config", "/no/such/file"), SFU_ERR_MALFORMED,
               "no such file");
    tap_ok(strstr(told, "/no/such/file") != NULL, "is named");
    tap_is_int(READ("--config", "/tmp"), SFU_ERR_MALFORMED,
               "a folder is no file");
}

static void
file_syntax(void)
{
    char longest[400];
    FILE *file;

    write_file("# a comment\n; another\n\n  media-port=4000  \r\n"
               "\tlog = /a path/with = signs\n"
               "announce = 192.0.2.1\nannounce = 2001:db8::1\n"
               "tcp = off");
    tap_is_int(READ("--config", path), 0, "comments, blanks, no last newline");
    tap_is_int((long long)o.media_port, 4000, "blanks around");
    tap_is_str(o.log, "/a path/with = signs", "a value with blanks and signs");
    tap_is_int((long long)o.announce_count, 2, "a list, one a line");
    tap_ok(!o.media.tcp, "the last line counts");

    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    file = fopen(path, "w");
    fprintf(file, "log = %s\nloops = nine\n", longest);
    fclose(file);
    tap_is_int(READ("--config", path), SFU_ERR_MALFORMED, "after a long line");
    tap_is_str(o.log, longest, "which is taken whole");
    tap_ok(strstr(told, ":2: ") != NULL, "the numbers of lines are right");
}

static void
file_mistakes(void)
{
    char expected[1024];

    write_file("loops = nine\n"
               "[media]\n"
               "# fine\n"
               "check = on\n"
               "config = other\n"
               "no sign\n"
               "Limits = 4\n"
               "tcp = maybe\n"
               "= 4\n");
    tap_is_int(READ("--config", path), SFU_ERR_MALFORMED, "many mistakes");
    snprintf(expected, sizeof(expected),
             "%s:1: \"loops = nine\": the value is no number, such as 10, 64k "
             "or 4m\n"
             "%s:2: \"[media]\" is not \"name = value\"\n"
             "%s:4: \"check\" is no option of the file\n"
             "%s:5: \"config\" is no option of the file\n"
             "%s:6: \"no sign\" is not \"name = value\"\n"
             "%s:7: \"Limits\" is no option of the file\n"
             "%s:8: \"tcp = maybe\": the value is neither on nor off\n"
             "%s:9: \"\" is no option of the file\n",
             path, path, path, path, path, path, path, path);
    tap_is_str(told, expected, "each with its line");
}

static void
pieces_fit(void)
{
    tap_is_int(READ("--media-port", "65535", "--loops", "1"), 0,
               "the last port");
    tap_is_int(READ("--media-port", "65534", "--loops", "3"),
               SFU_ERR_MALFORMED, "not enough ports");
    tap_is_str(told, "\"media-port\" leaves no port for loop 2\n", "is told");
    READ("--media-address", "127.0.0.1");
    tap_is_int((long long)o.announce_count, 1, "the address bound to");
    tap_is_str(o.announce[0], "127.0.0.1", "is the one announced");
    READ("--media-address", "::1");
    tap_is_str(o.announce[0], "::1", "also in IPv6");
}

static void
many_addresses(void)
{
    char *argv[SFU_ANNOUNCE_MAX + 2];
    FILE *err = fopen("/dev/null", "w");
    int argc = 1;

    argv[0] = (char *)"sfu-worker";

    for (int i = 0; i < SFU_ANNOUNCE_MAX; i++) {
        argv[argc++] = (char *)"--announce=192.0.2.1";
    }

    options_init(&o);
    tap_is_int(options_read(&o, argc, argv, err), 0, "16 addresses");
    argv[argc++] = (char *)"--announce=192.0.2.1";
    options_init(&o);
    tap_is_int(options_read(&o, argc, argv, err), SFU_ERR_MALFORMED,
               "are enough");
    fclose(err);
}

static void
help_lists_all(void)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    options_print_help(out);
    fclose(out);
    tap_ok(strstr(text, "--media-port") != NULL
               && strstr(text, "[10000]") != NULL
               && strstr(text, "\nMedia:\n") != NULL,
           "help has options, their values and headings");
    free(text);
}

int
main(void)
{
    snprintf(path, sizeof(path), "/tmp/sfu-options-test.%d", (int)getpid());
    initial_values();
    each_type();
    arguments();
    file_syntax();
    file_mistakes();
    pieces_fit();
    many_addresses();
    help_lists_all();
    unlink(path);
    free(told);

    return tap_done();
}
