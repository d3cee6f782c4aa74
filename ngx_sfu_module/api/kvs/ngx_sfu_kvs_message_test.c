
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Messages, and their payloads: kvs 21, 22, 26 to 31.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/evp.h>
#include <ngx_sfu_kvs_message.h>
#include <sfu_ipc.h>
#include <sfu_ipc_channel.h>

#include "test/tap.h"


typedef struct {
    const char  *why;
    const char  *text;
    const char  *result;
} row_t;


/* "kind recipient payload correlation error", "-" where there is none */

static row_t  rows[] = {

    { "as JS writes it",
      "{\"action\":\"SDP_OFFER\",\"messagePayload\":\"YQ==\","
      "\"recipientClientId\":\"v\",\"correlationId\":\"c\"}",
      "0 v YQ== c -" },

    { "as C writes it",
      "{\n\t\"action\": \"ICE_CANDIDATE\",\n\t\"RecipientClientId\": \"v\","
      "\n\t\"MessagePayload\": \"YQ==\",\n\t\"CorrelationId\": \"1\"\n}",
      "2 v YQ== 1 -" },

    { "unpadded, of the other alphabet",
      "{\"action\":\"SDP_ANSWER\",\"messagePayload\":\"-_\","
      "\"senderClientId\":\"x\"}",
      "1 - -_ - -" },

    { "the last one of several",
      "{\"action\":\"SDP_OFFER\",\"MESSAGEPAYLOAD\":\"a\","
      "\"messagepayload\":\"b\"}",
      "0 - b - -" },

    { "an empty object", "{}", "0 - - - action is required" },

    { "in small letters", "{\"action\":\"sdp_offer\"}",
      "0 - - - action is none of SDP_OFFER, SDP_ANSWER, ICE_CANDIDATE" },

    { "no payload", "{\"action\":\"SDP_ANSWER\",\"correlationId\":\"c\"}",
      "1 - - c messagePayload is required" },

    { "a payload of another type",
      "{\"action\":\"SDP_ANSWER\",\"messagePayload\":{}}",
      "1 - - - messagePayload is required" },

    { "exactly the limit",
      "{\"action\":\"SDP_OFFER\",\"messagePayload\":\"aaaaaaaaaa\"}",
      "0 - aaaaaaaaaa - -" },

    { "one more",
      "{\"action\":\"SDP_OFFER\",\"messagePayload\":\"aaaaaaaaaaa\"}",
      "0 - aaaaaaaaaaa - messagePayload is too long" },

    { "no base64", "{\"action\":\"SDP_OFFER\",\"messagePayload\":\"a a\"}",
      "0 - a a - messagePayload is not base64" },

    { "a zero in it",
      "{\"action\":\"SDP_OFFER\",\"messagePayload\":\"a\\u0000\"}",
      "0 - a - messagePayload is not base64" },

    { "an id with a space",
      "{\"action\":\"SDP_OFFER\",\"messagePayload\":\"a\","
      "\"correlationId\":\"a b\"}",
      "0 - a - -" },

    { "half of it", "{\"action\":", NULL },
    { "a list", "[]", NULL },
    { "a number", "1", NULL },
    { "nothing", "", NULL }
};


static const char *
text_of(char *buf, size_t size, ngx_str_t *s)
{
    if (s->len == 0) {
        return "-";
    }

    snprintf(buf, size, "%.*s", (int) s->len, s->data);

    return buf;
}


static void
test_messages(void)
{
    char                    line[256], a[64], b[64], c[64];
    size_t                  i;
    json_t                 *document;
    ngx_sfu_kvs_message_t   message;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {

        document = ngx_sfu_kvs_message_parse(&message,
                                             (u_char *) rows[i].text,
                                             strlen(rows[i].text), 10);

        if (document != NULL) {
            snprintf(line, sizeof(line), "%d %s %s %s %s", message.kind,
                     text_of(a, sizeof(a), &message.recipient),
                     text_of(b, sizeof(b), &message.payload),
                     text_of(c, sizeof(c), &message.correlation),
                     message.error ? message.error : "-");
        }

        tap_is_str(document ? line : NULL, rows[i].result, "%s", rows[i].why);

        json_decref(document);
    }
}


static void
test_opens(const char *why, ngx_sfu_kvs_kind_e kind, const char *payload,
    const char *expected)
{
    char                   *text;
    json_t                 *opened;
    ngx_sfu_kvs_message_t   message;

    ngx_memzero(&message, sizeof(message));

    message.kind = kind;
    message.payload.data = (u_char *) payload;
    message.payload.len = strlen(payload);

    opened = ngx_sfu_kvs_message_open(&message);
    text = opened ? json_dumps(opened, JSON_COMPACT|JSON_ENCODE_ANY) : NULL;

    tap_is_str(text, expected, "%s", why);

    free(text);
    json_decref(opened);
}


/* the longest that the worker takes, and one more */

static void
test_long(const char *name, size_t max)
{
    int                     len;
    char                    text[512];
    size_t                  n;
    json_t                 *opened;
    u_char                  encoded[1024];
    ngx_sfu_kvs_message_t   message;

    for (n = max; n <= max + 1; n++) {

        len = sprintf(text, "{\"candidate\":\"\",\"%s\":\"%0*d\"}", name,
                      (int) n, 0);

        ngx_memzero(&message, sizeof(message));
        message.kind = NGX_SFU_KVS_CANDIDATE;
        message.payload.data = encoded;
        message.payload.len = EVP_EncodeBlock(encoded, (u_char *) text, len);

        opened = ngx_sfu_kvs_message_open(&message);
        tap_ok((opened != NULL) == (n == max), "%s of %zu", name, n);

        json_decref(opened);
    }
}


static void
test_payloads(void)
{
    size_t                  n;
    json_t                 *sdp, *payload, *opened;
    ngx_sfu_kvs_message_t   message;

    /* {"sdp":"v=0?>"} */
    test_opens("a description", NGX_SFU_KVS_OFFER, "eyJzZHAiOiJ2PTA/PiJ9",
               "\"v=0?>\"");
    test_opens("the other alphabet", NGX_SFU_KVS_OFFER,
               "eyJzZHAiOiJ2PTA_PiJ9", "\"v=0?>\"");
    /* {"sdp":"v"} */
    test_opens("padded", NGX_SFU_KVS_OFFER, "eyJzZHAiOiJ2In0=", "\"v\"");
    test_opens("not padded", NGX_SFU_KVS_OFFER, "eyJzZHAiOiJ2In0", "\"v\"");
    /* {"sdp":1} */
    test_opens("a number", NGX_SFU_KVS_ANSWER, "eyJzZHAiOjF9", NULL);
    test_opens("no JSON", NGX_SFU_KVS_ANSWER, "YWJj", NULL);
    test_opens("padding alone", NGX_SFU_KVS_ANSWER, "====", NULL);
    /* {"candidate":"c","sdpMid":"0","sdpMLineIndex":0,
        "usernameFragment":"u"} */
    test_opens("a candidate", NGX_SFU_KVS_CANDIDATE,
               "eyJjYW5kaWRhdGUiOiJjIiwic2RwTWlkIjoiMCIsInNkcE1MaW5lSW5kZXgi"
               "OjAsInVzZXJuYW1lRnJhZ21lbnQiOiJ1In0=",
               "{\"candidate\":\"c\",\"mid\":\"0\",\"index\":0,"
               "\"ufrag\":\"u\"}");
    /* {"candidate":"","sdpMid":null} */
    test_opens("the end of them", NGX_SFU_KVS_CANDIDATE,
               "eyJjYW5kaWRhdGUiOiIiLCJzZHBNaWQiOm51bGx9",
               "{\"candidate\":\"\"}");
    test_opens("a description as candidate", NGX_SFU_KVS_CANDIDATE,
               "eyJzZHAiOiJ2In0=", NULL);
    /* {"candidate":"","sdpMLineIndex":-1} */
    test_opens("a section that cannot be", NGX_SFU_KVS_CANDIDATE,
               "eyJjYW5kaWRhdGUiOiIiLCJzZHBNTGluZUluZGV4IjotMX0=",
               NULL);
    /* {"candidate":"","sdpMLineIndex":65536} */
    test_opens("nor this one", NGX_SFU_KVS_CANDIDATE,
               "eyJjYW5kaWRhdGUiOiIiLCJzZHBNTGluZUluZGV4Ijo2NTUzNn0=",
               NULL);
    test_long("sdpMid", SFU_IPC_MID_MAX);
    test_long("usernameFragment", SFU_IPC_CLIENT_ID_MAX);

    /* there and back, with each number of bytes at the end */

    for (n = 1; n <= 4; n++) {
        sdp = json_stringn("v=0\xc3\xa9", n + (n == 4));
        payload = ngx_sfu_kvs_message_close("answer", sdp);

        ngx_memzero(&message, sizeof(message));
        message.payload.data = (u_char *) json_string_value(payload);
        message.payload.len = json_string_length(payload);

        if (n == 1) {
            /* {"type":"answer","sdp":"v"} */
            tap_is_str(json_string_value(payload),
                       "eyJ0eXBlIjoiYW5zd2VyIiwic2RwIjoidiJ9", "encoded");
        }

        opened = ngx_sfu_kvs_message_open(&message);
        tap_ok(json_equal(opened, sdp), "%zu bytes come back", n);

        json_decref(opened);
        json_decref(payload);
        json_decref(sdp);
    }
}


int
main(void)
{
    test_messages();
    test_payloads();

    return tap_done();
}
