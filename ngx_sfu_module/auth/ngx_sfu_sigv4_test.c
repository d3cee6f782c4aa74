
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The vectors of docs/kvs.md, section 3, and what must not pass: kvs 1, 2, 3,
 * 4, 54, 58.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_sigv4.h>

#include "test/tap.h"


#define NOW  1735787045

#define CRED  "&X-Amz-Credential=AKIDEXAMPLE%2F20250102%2Fus-west-2" \
              "%2Fkinesisvideo%2Faws4_request"
#define ARN   "&X-Amz-ChannelARN=arn%3Aaws%3Akinesisvideo%3Aus-west-2" \
              "%3A123456789012%3Achannel%2Fdemo-channel%2F1700000000000"
#define RAW   "&X-Amz-ChannelARN=arn:aws:kinesisvideo:us-west-2" \
              ":123456789012:channel%2Fdemo-channel%2F1700000000000"
#define ALG   "X-Amz-Algorithm=AWS4-HMAC-SHA256"
#define DATE  "&X-Amz-Date=20250102T030405Z"
#define HOST  "&X-Amz-SignedHeaders=host"
#define TOKEN "&X-Amz-Security-Token=tok%2Fen%2Bwith%3Dchars"
#define SIG   "&X-Amz-Signature="
#define V1    "e2fe6013a9030584a97014821094b6db538dad2087868cd9a9d870eb608e05c0"

#define V1_TARGET                                                            \
    "/kvs/v?" ALG ARN "&X-Amz-ClientId=viewer-1" CRED DATE                   \
    "&X-Amz-Expires=299" TOKEN SIG V1 HOST


typedef struct {
    const char       *name;
    const char       *value;
} header_t;


typedef struct {
    const char       *why;
    ngx_sfu_sigv4_e   result;
    const char       *host;
    const char       *target;
} row_t;


static const char  *results[] = {
    "ok", "absent", "repeated", "incomplete", "early", "expired",
    "unknown key", "wrong token", "token expired", "mismatch", "failed"
};


static row_t  rows[] = {

    { "V1: port, path, token", NGX_SFU_SIGV4_OK,
      "sfu.example.test:8443", V1_TARGET },

    { "V1 in another order", NGX_SFU_SIGV4_OK,
      "sfu.example.test:8443",
      "/kvs/v?X-Amz-SignedHeaders=host" TOKEN SIG V1 DATE ARN
      "&X-Amz-ClientId=viewer-1&" ALG "&X-Amz-Expires=299" CRED },

    { "V1 encoded in lower case", NGX_SFU_SIGV4_OK,
      "sfu.example.test:8443",
      "/kvs/v?" ALG "&X-Amz-ChannelARN=arn%3aaws%3akinesisvideo%3aus-west-2"
      "%3a123456789012%3achannel%2fdemo-channel%2f1700000000000"
      "&X-Amz-ClientId=viewer-1&X-Amz-Credential=AKIDEXAMPLE%2f20250102"
      "%2fus-west-2%2fkinesisvideo%2faws4_request" DATE
      "&X-Amz-Expires=299&X-Amz-Security-Token=tok%2fen%2bwith%3dchars"
      SIG V1 HOST },

    { "V2: master, bare host", NGX_SFU_SIGV4_OK,
      "sfu.example.test",
      "/?" ALG ARN CRED DATE "&X-Amz-Expires=299" HOST SIG
      "81a0e917e551379dcac36d8924c1cbe5cfc8847406c36fa39b09baa2eae84964" },

    { "V2 without its slash", NGX_SFU_SIGV4_OK,
      "sfu.example.test",
      "?" ALG ARN CRED DATE "&X-Amz-Expires=299" HOST SIG
      "81a0e917e551379dcac36d8924c1cbe5cfc8847406c36fa39b09baa2eae84964" },

    { "V3: a week", NGX_SFU_SIGV4_OK,
      "sfu.example.test",
      "/kvs/m?" ALG ARN CRED DATE "&X-Amz-Expires=604800" HOST SIG
      "9a3e22b353d4c6f2239a97b72121d8b9cb3207f51a97fb1e64d8e2fe60ee7230" },

    { "V4: raw colons", NGX_SFU_SIGV4_OK,
      "sfu.example.test",
      "/?" ALG RAW "&X-Amz-ClientId=ios-1" CRED DATE "&X-Amz-Expires=299"
      HOST SIG
      "10175baf66f067952c7e3e492e10dceffa0afaa06911faf621cd866f209cf4ab" },

    { "V5: the host was signed without its port", NGX_SFU_SIGV4_OK,
      "sfu.example.test:8443",
      "/kvs/v?" ALG ARN "&X-Amz-ClientId=android-1" CRED DATE
      "&X-Amz-Expires=299" HOST SIG
      "e234ec5a62af24acc72eea61a76869e5146ffefac1efca5ff0cee17cb49bd403" },

    { "a digit of the signature", NGX_SFU_SIGV4_MISMATCH,
      "sfu.example.test:8443",
      "/kvs/v?" ALG ARN "&X-Amz-ClientId=viewer-1" CRED DATE
      "&X-Amz-Expires=299" TOKEN HOST SIG
      "f2fe6013a9030584a97014821094b6db538dad2087868cd9a9d870eb608e05c0" },

    { "another viewer", NGX_SFU_SIGV4_MISMATCH,
      "sfu.example.test:8443",
      "/kvs/v?" ALG ARN "&X-Amz-ClientId=viewer-2" CRED DATE
      "&X-Amz-Expires=299" TOKEN HOST SIG V1 },

    { "a viewer's URL at the master's path", NGX_SFU_SIGV4_MISMATCH,
      "sfu.example.test:8443",
      "/kvs/m?" ALG ARN "&X-Amz-ClientId=viewer-1" CRED DATE
      "&X-Amz-Expires=299" TOKEN HOST SIG V1 },

    { "another host", NGX_SFU_SIGV4_MISMATCH,
      "other.example.test:8443", V1_TARGET },

    { "the token is missing", NGX_SFU_SIGV4_MISMATCH,
      "sfu.example.test:8443",
      "/kvs/v?" ALG ARN "&X-Amz-ClientId=viewer-1" CRED DATE
      "&X-Amz-Expires=299" HOST SIG V1 },

    { "an argument more", NGX_SFU_SIGV4_MISMATCH,
      "sfu.example.test:8443", V1_TARGET "&a=b" },

    { "another service", NGX_SFU_SIGV4_INCOMPLETE,
      "sfu.example.test:8443",
      "/kvs/v?" ALG ARN "&X-Amz-Credential=AKIDEXAMPLE%2F20250102"
      "%2Fus-west-2%2Fexecute-api%2Faws4_request" DATE
      "&X-Amz-Expires=299" TOKEN HOST SIG V1 },

    { "another day in the scope", NGX_SFU_SIGV4_INCOMPLETE,
      "sfu.example.test:8443",
      "/kvs/v?" ALG ARN "&X-Amz-Credential=AKIDEXAMPLE%2F20250103"
      "%2Fus-west-2%2Fkinesisvideo%2Faws4_request" DATE
      "&X-Amz-Expires=299" TOKEN HOST SIG V1 },

    { "a region that no ARN may have", NGX_SFU_SIGV4_INCOMPLETE,
      "sfu.example.test:8443",
      "/kvs/v?" ALG ARN "&X-Amz-Credential=AKIDEXAMPLE%2F20250102"
      "%2FUS_West%0A2%2Fkinesisvideo%2Faws4_request" DATE
      "&X-Amz-Expires=299" HOST SIG V1 },

    { "six parts in the credential", NGX_SFU_SIGV4_INCOMPLETE,
      "sfu.example.test:8443",
      "/kvs/v?" ALG ARN CRED "%2Fx" DATE "&X-Amz-Expires=299" HOST SIG V1 },

    { "no signature", NGX_SFU_SIGV4_ABSENT, "h", "/kvs/v" },
    { "nor with other arguments", NGX_SFU_SIGV4_ABSENT, "h", "/kvs/v?a&b=c" },
    { "a part of one", NGX_SFU_SIGV4_INCOMPLETE, "h", "/kvs/v?" ALG },

    { "two clients", NGX_SFU_SIGV4_REPEATED, "h",
      V1_TARGET "&X-Amz-ClientId=viewer-1" },

    { "the second one hidden", NGX_SFU_SIGV4_REPEATED, "h",
      V1_TARGET "&X-%41mz-ClientId=viewer-1" },

    { "expires at once", NGX_SFU_SIGV4_INCOMPLETE, "h",
      "/?" ALG ARN CRED DATE "&X-Amz-Expires=0" HOST SIG V1 },

    { "more than a week", NGX_SFU_SIGV4_INCOMPLETE, "h",
      "/?" ALG ARN CRED DATE "&X-Amz-Expires=604801" HOST SIG V1 },

    { "no number", NGX_SFU_SIGV4_INCOMPLETE, "h",
      "/?" ALG ARN CRED DATE "&X-Amz-Expires=2e2" HOST SIG V1 },

    { "another algorithm", NGX_SFU_SIGV4_INCOMPLETE, "h",
      "/?X-Amz-Algorithm=AWS4-HMAC-SHA1" ARN CRED DATE
      "&X-Amz-Expires=299" HOST SIG V1 },

    { "no such day", NGX_SFU_SIGV4_INCOMPLETE, "h",
      "/?" ALG ARN "&X-Amz-Credential=A%2F20250229%2Fr%2Fkinesisvideo"
      "%2Faws4_request&X-Amz-Date=20250229T030405Z&X-Amz-Expires=299" HOST
      SIG V1 },

    { "the host is not signed", NGX_SFU_SIGV4_INCOMPLETE, "h",
      "/?" ALG ARN CRED DATE "&X-Amz-Expires=299&X-Amz-SignedHeaders=" SIG
      V1 },

    { "a header that is not there", NGX_SFU_SIGV4_INCOMPLETE, "h",
      "/?" ALG ARN CRED DATE "&X-Amz-Expires=299"
      "&X-Amz-SignedHeaders=host%3Bx-none" SIG V1 },

    { "headers that are not sorted", NGX_SFU_SIGV4_INCOMPLETE, "h",
      "/?" ALG ARN CRED DATE "&X-Amz-Expires=299"
      "&X-Amz-SignedHeaders=user-agent%3Bhost" SIG V1 },

    { "a header in upper case", NGX_SFU_SIGV4_INCOMPLETE, "h",
      "/?" ALG ARN CRED DATE "&X-Amz-Expires=299&X-Amz-SignedHeaders=Host"
      SIG V1 }
};


static ngx_str_t  service = ngx_string("kinesisvideo");


static ngx_str_t
str(const char *text)
{
    ngx_str_t  s;

    s.data = (u_char *) text;
    s.len = ngx_strlen(text);

    return s;
}


/* two of this name: the values are joined by a comma */

static ngx_str_t *
header(void *data, ngx_str_t *name, ngx_uint_t n)
{
    header_t          *h;
    static ngx_str_t   value;

    for (h = data; h->name != NULL; h++) {

        if (ngx_strlen(h->name) == name->len
            && ngx_memcmp(h->name, name->data, name->len) == 0
            && n-- == 0)
        {
            value = str(h->value);
            return &value;
        }
    }

    return NULL;
}


static ngx_sfu_sigv4_key_t
example_key(void)
{
    ngx_sfu_sigv4_key_t  key;

    ngx_memzero(&key, sizeof(key));
    key.secret = str("kvs/TestSecret+Key0123456789");

    return key;
}


static ngx_sfu_sigv4_e
presigned(const row_t *row, ngx_sfu_sigv4_t *sig, ngx_sfu_sigv4_key_t *key)
{
    u_char                   *buf;
    ngx_str_t                 query;
    ngx_sfu_sigv4_e           result;
    ngx_sfu_sigv4_request_t   req;

    static header_t  headers[] = { { "user-agent", "x" }, { NULL, NULL } };

    ngx_memzero(&req, sizeof(req));

    req.method = str("GET");
    req.target = str(row->target);
    req.host = str(row->host);
    req.header = header;
    req.data = headers;

    query = req.target;

    while (query.len != 0 && query.data[0] != '?') {
        query.data++;
        query.len--;
    }

    if (query.len != 0) {
        query.data++;
        query.len--;
    }

    buf = malloc(query.len + 1);

    result = ngx_sfu_sigv4_parse_query(sig, &query, &service, buf);

    if (result == NGX_SFU_SIGV4_OK) {
        result = ngx_sfu_sigv4_verify(sig, &req, key, &service);
    }

    /* sig has parts of it */

    if (sig->token.data != NULL) {
        tap_ok(sig->token.len == 17
               && ngx_memcmp(sig->token.data, "tok/en+with=chars", 17) == 0,
               "%s: the token", row->why);
    }

    free(buf);

    return result;
}


static ngx_sfu_sigv4_e
signed_request(const char *path, const char *host, const char *body,
    const char *authorization, header_t *headers)
{
    ngx_str_t                 value, time, token;
    ngx_sfu_sigv4_t           sig;
    ngx_sfu_sigv4_e           result;
    ngx_sfu_sigv4_key_t       key;
    ngx_sfu_sigv4_request_t   req;

    ngx_memzero(&req, sizeof(req));

    req.method = str("POST");
    req.target = str(path);
    req.host = str(host);
    req.body = str(body);
    req.header = header;
    req.data = headers;

    key = example_key();
    value = str(authorization);
    time = str("20250102T030405Z");
    ngx_str_null(&token);

    result = ngx_sfu_sigv4_parse_header(&sig, &value, &time, &token, &service);

    return result == NGX_SFU_SIGV4_OK
           ? ngx_sfu_sigv4_verify(&sig, &req, &key, &service) : result;
}


static void
test_presigned(void)
{
    size_t               i;
    ngx_sfu_sigv4_t      sig;
    ngx_sfu_sigv4_key_t  key, fresh;

    key = example_key();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_str(results[presigned(&rows[i], &sig, &key)],
                   results[rows[i].result], "%s", rows[i].why);
    }

    fresh = example_key();
    fresh.secret = str("kvs/TestSecret+Key012345678");
    tap_is_str(results[presigned(&rows[0], &sig, &fresh)], "mismatch",
               "another secret");

    /* the key that was made for another region is not used */

    key.region[0] ^= 1;
    tap_is_str(results[presigned(&rows[0], &sig, &key)], "ok",
               "the signing key is made anew");
}


static void
test_time(void)
{
    ngx_str_t            text;
    ngx_sfu_sigv4_t      sig;
    ngx_sfu_sigv4_key_t  key;

    key = example_key();
    (void) presigned(&rows[0], &sig, &key);

    tap_is_int(sig.when, NOW, "the time is read");
    tap_is_int(ngx_sfu_sigv4_check_time(&sig, NOW), NGX_SFU_SIGV4_OK, "now");
    tap_is_int(ngx_sfu_sigv4_check_time(&sig, NOW + 299), NGX_SFU_SIGV4_OK,
               "the last second");
    tap_is_int(ngx_sfu_sigv4_check_time(&sig, NOW + 300),
               NGX_SFU_SIGV4_EXPIRED, "the one after it");
    tap_is_int(ngx_sfu_sigv4_check_time(&sig, NOW - 300), NGX_SFU_SIGV4_OK,
               "clocks may differ");
    tap_is_int(ngx_sfu_sigv4_check_time(&sig, NOW - 301),
               NGX_SFU_SIGV4_EARLY, "so far and no further");

    text = str("20240229T235959Z");
    tap_is_int(ngx_sfu_sigv4_parse_time(&text), 1709251199, "a leap day");
    text = str("19700101T000000Z");
    tap_is_int(ngx_sfu_sigv4_parse_time(&text), 0, "the first second");
    text = str("21000228T000000Z");
    tap_is_int(ngx_sfu_sigv4_parse_time(&text), 4107456000, "far away");
    text = str("21000229T000000Z");
    tap_is_int(ngx_sfu_sigv4_parse_time(&text), NGX_ERROR, "no leap year");
    text = str("20250102T240000Z");
    tap_is_int(ngx_sfu_sigv4_parse_time(&text), NGX_ERROR, "no such hour");
    text = str("20250102t000000Z");
    tap_is_int(ngx_sfu_sigv4_parse_time(&text), NGX_ERROR, "a small t");
}


#define H_CRED  "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20250102/us-west-2" \
                "/kinesisvideo/aws4_request, "
#define H1_SIG  "SignedHeaders=content-type;host;x-amz-date, Signature=" \
                "41c842c71a1d46d68ad8db512d161ff3" \
                "acb703a88c0f444edc5fdb4c8af4c6ee"
#define H1_PATH "/describeSignalingChannel"
#define H1_BODY "{\"ChannelName\":\"demo-channel\"}"
#define H1_HASH \
    "b402d966e0764d1d8527f462a7af9d32f0d81a6deee2ccc29a7c68a04fe74549"

static void
test_header(void)
{
    header_t  h1[] = { { "content-type", "application/json" },
                       { "x-amz-date", "20250102T030405Z" },
                       { NULL, NULL }, { NULL, NULL } };
    header_t  h2[] = { { "user-agent", "AWS-WEBRTC-KVS-AGENT/1.0 TestAgent" },
                       { "x-amz-date", "20250102T030405Z" },
                       { "x-amz-security-token", "not signed" },
                       { NULL, NULL } };

    static const char  *h2_auth = H_CRED
        "SignedHeaders=host;user-agent;x-amz-date, Signature="
        "4fd93d8cde9f9dbc04b7d60cdb3ffc2d766d3e2a5b6eb55c634993fcaf5379db";
    static const char  *h2_body = "{\n\t\"ChannelName\": \"demo-channel\"\n}";
    static const char  *host = "sfu.example.test:8443";

    tap_is_str(results[signed_request(H1_PATH, host, H1_BODY, H_CRED H1_SIG,
                                      h1)], "ok", "H1");
    tap_is_str(results[signed_request(H1_PATH, host, H1_BODY " ",
                                      H_CRED H1_SIG, h1)], "mismatch",
               "another body");

    h1[2].name = "x-amz-content-sha256";
    h1[2].value = H1_HASH;
    tap_is_str(results[signed_request(H1_PATH, host, H1_BODY, H_CRED H1_SIG,
                                      h1)], "ok", "the body's hash");
    h1[2].value = "UNSIGNED-PAYLOAD";
    tap_is_str(results[signed_request(H1_PATH, host, H1_BODY, H_CRED H1_SIG,
                                      h1)], "mismatch", "no hash");
    h1[2].name = NULL;

    h1[0].value = "  application/json ";
    tap_is_str(results[signed_request(H1_PATH, host, H1_BODY, H_CRED H1_SIG,
                                      h1)], "ok", "values are trimmed");
    h1[0].value = "text/plain";
    tap_is_str(results[signed_request(H1_PATH, host, H1_BODY, H_CRED H1_SIG,
                                      h1)], "mismatch", "a signed header");
    h1[0].name = "x";
    tap_is_str(results[signed_request(H1_PATH, host, H1_BODY, H_CRED H1_SIG,
                                      h1)], "incomplete", "which is gone");

    tap_is_str(results[signed_request(H1_PATH, "sfu.example.test", h2_body,
                                      h2_auth, h2)], "ok", "H2");
    h2[0].value = "AWS-WEBRTC-KVS-AGENT/1.0   TestAgent ";
    tap_is_str(results[signed_request(H1_PATH, "sfu.example.test", h2_body,
                                      h2_auth, h2)], "ok", "runs of spaces");
    h2[0].value = "aws-webrtc-kvs-agent/1.0 TestAgent";
    tap_is_str(results[signed_request(H1_PATH, "sfu.example.test", h2_body,
                                      h2_auth, h2)], "mismatch",
               "letters of another case");

    tap_is_str(results[signed_request("/", host, "", "Bearer x", h1)],
               "absent", "another scheme");
    tap_is_str(results[signed_request("/", host, "", H_CRED, h1)],
               "incomplete", "no signature");
    tap_is_str(results[signed_request("/", host, "", H_CRED H1_SIG ", A=b",
                                      h1)], "incomplete", "something else");
}


/* "Authorization" over "host" and so many others, which are all there */

static ngx_sfu_sigv4_e
over_headers(ngx_uint_t n)
{
    char        authorization[1024], names[64][4], *p;
    header_t    headers[65];
    ngx_uint_t  i;

    p = authorization + sprintf(authorization, "%sSignedHeaders=host", H_CRED);

    for (i = 0; i < n; i++) {
        sprintf(names[i], "i%02d", (int) i);
        headers[i].name = names[i];
        headers[i].value = "x";
        p += sprintf(p, ";%s", names[i]);
    }

    headers[n].name = NULL;
    sprintf(p, ", Signature=%s", V1);

    return signed_request("/", "h", "", authorization, headers);
}


/* each is looked for among all, and who has no secret might name thousands */

static void
test_many_headers(void)
{
    tap_is_str(results[over_headers(31)], "mismatch", "32 signed headers");
    tap_is_str(results[over_headers(32)], "incomplete", "one more");
}


int
main(void)
{
    test_presigned();
    test_time();
    test_header();
    test_many_headers();

    return tap_done();
}
