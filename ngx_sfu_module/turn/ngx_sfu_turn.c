
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_hmac.h>
#include <ngx_sfu_turn.h>


static char *ngx_sfu_turn_add_url(ngx_sfu_turn_key_t *key, ngx_str_t *url);


char *
ngx_sfu_turn_parameter(ngx_conf_t *cf, ngx_sfu_turn_key_t *key,
    ngx_str_t *value)
{
    char       *rv;
    time_t      ttl;
    ngx_str_t  *secret, text;

    if (ngx_strncmp(value->data, "url=", 4) == 0) {
        text.data = value->data + 4;
        text.len = value->len - 4;

        return ngx_sfu_turn_add_url(key, &text);
    }

    if (ngx_strncmp(value->data, "ttl_max=", 8) == 0) {
        text.data = value->data + 8;
        text.len = value->len - 8;

        ttl = ngx_parse_time(&text, 1);

        if (ttl == (time_t) NGX_ERROR || ttl == 0) {
            return "has an invalid \"ttl_max\"";
        }

        key->ttl_max = ttl;

        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value->data, "token", 5) == 0) {
        text.data = value->data + 5;
        text.len = value->len - 5;

        secret = ngx_array_push(&key->owner.secrets);
        if (secret == NULL) {
            return NGX_CONF_ERROR;
        }

    } else if (ngx_strncmp(value->data, "secret", 6) == 0) {
        text.data = value->data + 6;
        text.len = value->len - 6;

        if (key->secret.len != 0) {
            return "has two secrets";
        }

        secret = &key->secret;

    } else {
        return "has an unknown parameter";
    }

    if (ngx_strncmp(text.data, "_file=", 6) == 0) {
        text.data += 6;
        text.len -= 6;

        rv = ngx_sfu_auth_read_secret(cf, &text, secret);
        if (rv != NGX_CONF_OK) {
            return rv;
        }

    } else if (text.len != 0 && text.data[0] == '=') {
        secret->data = text.data + 1;
        secret->len = text.len - 1;

    } else {
        /* its text could be a secret with a slip before it */
        return "has an unknown parameter";
    }

    return ngx_sfu_auth_check_secret(cf, secret);
}


static char *
ngx_sfu_turn_add_url(ngx_sfu_turn_key_t *key, ngx_str_t *url)
{
    ngx_str_t    *added;
    ngx_array_t  *urls;

    if (ngx_strncmp(url->data, "stun:", 5) == 0
        || ngx_strncmp(url->data, "stuns:", 6) == 0)
    {
        urls = &key->stun;

    } else if (ngx_strncmp(url->data, "turn:", 5) == 0
               || ngx_strncmp(url->data, "turns:", 6) == 0)
    {
        urls = &key->turn;

    } else {
        return "has a \"url\" that is neither STUN's nor TURN's";
    }

    added = ngx_array_push(urls);
    if (added == NULL) {
        return NGX_CONF_ERROR;
    }

    *added = *url;

    return NGX_CONF_OK;
}


ngx_sfu_turn_key_t *
ngx_sfu_turn_find_key(ngx_array_t *keys, ngx_str_t *id)
{
    ngx_uint_t           i;
    ngx_sfu_turn_key_t  *key;

    key = keys->elts;

    for (i = 0; i < keys->nelts; i++) {

        if (key[i].owner.id.len == id->len
            && ngx_memcmp(key[i].owner.id.data, id->data, id->len) == 0)
        {
            return &key[i];
        }
    }

    return NULL;
}


ngx_int_t
ngx_sfu_turn_make_credentials(ngx_pool_t *pool, ngx_sfu_turn_key_t *key,
    time_t expires, ngx_str_t *identifier,
    ngx_sfu_turn_credentials_t *credentials)
{
    u_char     *p, mac[NGX_SFU_HMAC_SHA1_LEN];
    ngx_str_t   binary;

    p = ngx_pnalloc(pool, NGX_TIME_T_LEN + 1 + identifier->len
                          + ngx_base64_encoded_length(sizeof(mac)));
    if (p == NULL) {
        return NGX_ERROR;
    }

    credentials->username.data = p;

    p = ngx_sprintf(p, "%T", expires);

    if (identifier->len != 0) {
        *p++ = ':';
        p = ngx_cpymem(p, identifier->data, identifier->len);
    }

    credentials->username.len = p - credentials->username.data;

    ngx_sfu_hmac_sha1(&key->secret, &credentials->username, mac);

    binary.data = mac;
    binary.len = sizeof(mac);

    credentials->password.data = p;

    ngx_encode_base64(&credentials->password, &binary);

    return NGX_OK;
}


time_t
ngx_sfu_turn_expires(ngx_str_t *username)
{
    u_char  *p;

    p = ngx_strlchr(username->data, username->data + username->len, ':');

    return ngx_atotm(username->data,
                     p ? (size_t) (p - username->data) : username->len);
}
