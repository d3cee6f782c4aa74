
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_arbiter_message.h>

#include "test/tap.h"


typedef struct {
    const char  *why;
    const char  *text;
    const char  *action;       /* NULL: none, or no message */
    const char  *data;         /* NULL: none, or no message */
} row_t;


static const row_t  rows[] = {

    { "as clients write it", "{\"action\":\"a\",\"data\":{\"x\":1}}",
      "a", "{\"x\":1}" },

    { "the other way round", "{\"data\":{\"x\":1},\"action\":\"a\"}",
      "a", "{\"x\":1}" },

    { "spaces stay",
      " { \"data\" :\t{ \"x\" : [ 1.50 ] } , \"action\":\"a\"}\n",
      "a", "{ \"x\" : [ 1.50 ] }" },

    { "brackets in strings", "{\"x\":\"}],{\",\"data\":{\"y\":\"\\\"}\"}}",
      NULL, "{\"y\":\"\\\"}\"}" },

    { "the same name elsewhere", "{\"x\":{\"data\":1},\"y\":\"data\","
      "\"data\":{}}", NULL, "{}" },

    { "words and numbers before it", "{\"a\":null,\"b\":-1e3,\"c\":true,"
      "\"d\":[],\"data\":{}}", NULL, "{}" },

    { "no object", "{\"action\":\"a\",\"data\":[1]}", "a", NULL },
    { "no data", "{\"action\":\"a\"}", "a", NULL },
    { "no action", "{}", NULL, NULL },
    { "another type of action", "{\"action\":1,\"data\":{}}", NULL, "{}" },
    { "twice", "{\"action\":\"a\",\"action\":\"b\"}", NULL, NULL },
    { "its name in another spelling", "{\"action\":\"a\",\"d\\u0061ta\":{}}",
      NULL, NULL },
    { "an array", "[]", NULL, NULL },
    { "nothing", "", NULL, NULL },
    { "not closed", "{\"data\":{}", NULL, NULL }
};


static void
test_messages(void)
{
    char                        data[64];
    size_t                      i;
    json_t                     *document;
    const row_t                *row;
    ngx_sfu_arbiter_message_t   message;

    for (i = 0; i < sizeof(rows) / sizeof(row_t); i++) {

        row = &rows[i];
        document = ngx_sfu_arbiter_parse(&message, (u_char *) row->text,
                                         ngx_strlen(row->text));

        snprintf(data, sizeof(data), "%.*s", (int) message.text.len,
                 message.text.data ? (char *) message.text.data : "");

        tap_is_str(document ? message.action : NULL, row->action,
                   "%s: action", row->why);
        tap_is_str(document && message.data ? data : NULL, row->data,
                   "%s: data", row->why);
        tap_ok(document || (!message.action && !message.data),
               "%s: nothing is left of what is none", row->why);

        json_decref(document);
    }
}


static void
test_ids(void)
{
    size_t   i;
    json_t  *object, *id;

    static const struct {
        const char  *text;
        const char  *id;
    } ids[] = {
        { "{\"id\":\"a\"}", "a" },
        { "{\"id\":1234}", "1234" },
        { "{\"id\":-9223372036854775807}", "-9223372036854775807" },
        { "{\"id\":1.5}", NULL },
        { "{\"id\":\"\"}", NULL },
        { "{\"id\":null}", NULL },
        { "{\"id\":[\"a\"]}", NULL },
        { "{}", NULL }
    };

    for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        object = json_loads(ids[i].text, 0, NULL);
        id = ngx_sfu_arbiter_id(object, "id");

        tap_is_str(json_string_value(id), ids[i].id, "%s", ids[i].text);

        json_decref(id);
        json_decref(object);
    }
}


int
main(void)
{
    test_messages();
    test_ids();

    return tap_done();
}
