/*
 * sdp/fragment_test.c - fragments as clients send them, and as they should
 * not.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/fragment.h"

#include "test/tap.h"

#define PWD "a=ice-pwd:0123456789012345678901\r\n"

static const struct {
    const char *name;
    const char *text;
    const char *ufrag;          /* NULL: refused */
} rows[] = {
    { "credentials of all sections",
      "a=ice-ufrag:EsAw\r\n" PWD "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n",
      "EsAw" },
    { "of the first section", "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
      "a=ice-ufrag:EsAw\r\n" PWD "m=video 9 RTP/AVP 0\r\n"
      "a=ice-ufrag:other\r\n", "EsAw" },
    { "a client that ends lines as Unix does",
      "a=ice-ufrag:EsAw\na=ice-pwd:0123456789012345678901\n", "EsAw" },
    { "the last line may lack its end",
      PWD "a=ice-ufrag:EsAw", "EsAw" },
    { "nothing", "", NULL },
    { "no password", "a=ice-ufrag:EsAw\r\n", NULL },
    { "a short fragment name", "a=ice-ufrag:EsA\r\n" PWD, NULL },
    { "a short password", "a=ice-ufrag:EsAw\r\na=ice-pwd:short\r\n", NULL },
    { "JSON", "{\"candidate\":\"\"}", NULL },
    { "an empty line in between", "a=ice-ufrag:EsAw\r\n\r\n" PWD, NULL },
};

int
main(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sdp_fragment f;
        int error = sdp_fragment_parse(&f, span_str(rows[i].text));

        if (rows[i].ufrag == NULL) {
            tap_ok(error != 0, "%s is refused", rows[i].name);
        } else {
            tap_ok(error == 0 && span_eq_str(f.ufrag, rows[i].ufrag)
                       && f.pwd.len == 22,
                   "%s", rows[i].name);
        }
    }

    return tap_done();
}
