
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * ARNs and names: kvs 8, 9, 10.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_kvs_name.h>

#include "test/tap.h"


#define ARN  "arn:aws:kinesisvideo:us-west-2:123456789012:channel/demo/"


typedef struct {
    const char  *why;
    const char  *text;
    uint64_t     created;      /* 0: no ARN */
} row_t;


static row_t  rows[] = {
    { "a channel", ARN "1700000000000", 1700000000000ULL },
    { "of another partition", "arn:aws-us-gov:kinesisvideo:us-gov-west-1"
      ":123456789012:channel/a_b.c-D/1", 1 },
    { "a stream", "arn:aws:kinesisvideo:r:1:stream/demo/17", 17 },
    { "more digits than a time has", ARN "1700000000000000", (uint64_t) -1 },
    { "nothing", "", 0 },
    { "no time", ARN, 0 },
    { "a letter in it", ARN "17x", 0 },
    { "something behind it", ARN "17/", 0 },
    { "another service", "arn:aws:s3:r:1:channel/demo/1", 0 },
    { "no region", "arn:aws:kinesisvideo::1:channel/demo/1", 0 },
    { "letters in the account", "arn:aws:kinesisvideo:r:a:channel/demo/1", 0 },
    { "a type in capitals", "arn:aws:kinesisvideo:r:1:Channel/demo/1", 0 },
    { "no name", "arn:aws:kinesisvideo:r:1:channel//1", 0 },
    { "a space in it", "arn:aws:kinesisvideo:r:1:channel/a b/1", 0 },
    { "the beginning of one", "arn:aws:kinesisvideo:r:1:channel", 0 }
};


static ngx_str_t
str(const char *text)
{
    ngx_str_t  s;

    s.data = (u_char *) text;
    s.len = ngx_strlen(text);

    return s;
}


int
main(void)
{
    char                long_one[2048];
    size_t              i;
    ngx_str_t           text;
    ngx_sfu_kvs_arn_t   arn;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {

        text = str(rows[i].text);

        if (ngx_sfu_kvs_parse_arn(&text, &arn) != NGX_OK) {
            arn.created = 0;
        }

        tap_ok(arn.created == rows[i].created, "%s", rows[i].why);
    }

    text = str(rows[0].text);
    (void) ngx_sfu_kvs_parse_arn(&text, &arn);

    tap_ok(ngx_sfu_kvs_equal(&arn.partition, "aws"), "partition");
    tap_ok(ngx_sfu_kvs_equal(&arn.region, "us-west-2"), "region");
    tap_ok(ngx_sfu_kvs_equal(&arn.account, "123456789012"), "account");
    tap_ok(ngx_sfu_kvs_equal(&arn.type, "channel"), "type");
    tap_ok(ngx_sfu_kvs_equal(&arn.name, "demo"), "name");

    snprintf(long_one, sizeof(long_one), "arn:aws:kinesisvideo:r:1:channel/"
             "%0990d/1", 0);
    text = str(long_one);
    tap_is_int(text.len, 1025, "one of 1025 characters");
    tap_ok(ngx_sfu_kvs_parse_arn(&text, &arn) != NGX_OK, "is too long");
    text.data++;
    text.len--;
    text.data[0] = 'a';
    tap_ok(ngx_sfu_kvs_parse_arn(&text, &arn) != NGX_OK, "\"an:\" is none");

    text = str("AWS_x");
    tap_ok(ngx_sfu_kvs_is_reserved(&text), "an id of ours");
    text = str("aWs_");
    tap_ok(ngx_sfu_kvs_is_reserved(&text), "in other letters");
    text = str("AWS");
    tap_ok(!ngx_sfu_kvs_is_reserved(&text), "not without the dash");
    text = str("xAWS_");
    tap_ok(!ngx_sfu_kvs_is_reserved(&text), "nor later");
    text = str("");
    tap_ok(!ngx_sfu_kvs_is_name(&text), "no name");
    text = str("a:b");
    tap_ok(!ngx_sfu_kvs_is_name(&text), "a colon");

    return tap_done();
}
