/*
 * dtls/library.c - an OpenSSL library context for the handshakes of WebRTC.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "dtls/library.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"

enum { ALGORITHMS_MAX = 16 };

/*
 * The tables that OpenSSL asks a provider for.  They are the default
 * provider's, shortened, and stay as they are from the first context on:
 * the one thing here that all contexts of the process share, because a
 * provider that lends another one's algorithms has no room for its own.
 */
struct tables {
    OSSL_PROVIDER *provider;            /* the default one; never unloaded */
    OSSL_ALGORITHM decoders[ALGORITHMS_MAX + 1];
    OSSL_ALGORITHM keys[ALGORITHMS_MAX + 1];
};

/* names of an algorithm are "EC:id-ecPublicKey:1.2.840.10045.2.1" */
static bool
is_wanted(const OSSL_ALGORITHM *algorithm, const char *const *names)
{
    size_t len = strcspn(algorithm->algorithm_names, ":");

    for (; *names != NULL; names++) {
        if (strlen(*names) == len
            && memcmp(*names, algorithm->algorithm_names, len) == 0) {
            return true;
        }
    }

    return false;
}

/* those with one of the names, and with the property in their definition */
static void
shorten(OSSL_ALGORITHM *to, OSSL_PROVIDER *provider, int operation,
        const char *const *names, const char *property)
{
    int no_cache;
    const OSSL_ALGORITHM *from = OSSL_PROVIDER_query_operation(
        provider, operation, &no_cache);
    size_t n = 0;

    for (; from != NULL && from->algorithm_names != NULL; from++) {
        if (n < ALGORITHMS_MAX && is_wanted(from, names)
            && strstr(from->property_definition, property) != NULL) {
            to[n++] = *from;
        }
    }
}

static void
fill(struct tables *t)
{
    static const char *const keys[] = { "EC", "RSA", "ED25519", "X25519",
                                        NULL };
    static const char *const certified[] = { "EC", "RSA", "ED25519", NULL };

    t->provider = OSSL_PROVIDER_load(NULL, "default");

    if (t->provider != NULL) {
        shorten(t->keys, t->provider, OSSL_OP_KEYMGMT, keys, "");
        shorten(t->decoders, t->provider, OSSL_OP_DECODER, certified,
                "input=der,structure=SubjectPublicKeyInfo");
    }
}

static struct tables *
tables(void)
{
    static struct tables shared;
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&lock);

    if (shared.provider == NULL) {
        fill(&shared);
    }

    pthread_mutex_unlock(&lock);

    return &shared;
}

static const OSSL_ALGORITHM *
query(void *context, int operation, int *no_cache)
{
    struct tables *t = tables();

    (void)context;
    *no_cache = 0;

    switch (operation) {
    case OSSL_OP_KEYMGMT:
        return t->keys;
    case OSSL_OP_DECODER:
        return t->decoders;
    default:
        return OSSL_PROVIDER_query_operation(t->provider, operation,
                                             no_cache);
    }
}

static int
get_params(void *context, OSSL_PARAM params[])
{
    OSSL_PARAM *status = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_STATUS);

    (void)context;

    return status == NULL || OSSL_PARAM_set_int(status, 1);
}

/* the groups of TLS */
static int
get_capabilities(void *context, const char *capability, OSSL_CALLBACK *found,
                 void *arg)
{
    (void)context;

    return OSSL_PROVIDER_get_capabilities(tables()->provider, capability,
                                          found, arg);
}

static int
provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
              const OSSL_DISPATCH **out, void **context)
{
    static const OSSL_DISPATCH functions[] = {
        { OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query },
        { OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void))get_params },
        { OSSL_FUNC_PROVIDER_GET_CAPABILITIES,
          (void (*)(void))get_capabilities },
        { 0, NULL },
    };

    (void)handle;
    (void)in;
    *out = functions;
    /* this is what the default provider's algorithms are called with */
    *context = OSSL_PROVIDER_get0_provider_ctx(tables()->provider);

    return 1;
}

int
dtls_library_init(struct dtls_library *library)
{
    static const char name[] = "sfu";

    *library = (struct dtls_library){ .context = OSSL_LIB_CTX_new() };

    if (library->context != NULL && tables()->provider != NULL
        && OSSL_PROVIDER_add_builtin(library->context, name, provider_init)) {
        library->provider = OSSL_PROVIDER_load(library->context, name);
    }

    if (library->provider == NULL) {
        dtls_library_fini(library);
        return SFU_ERR_LIBRARY;
    }

    return 0;
}

void
dtls_library_fini(struct dtls_library *library)
{
    if (library->provider != NULL) {
        OSSL_PROVIDER_unload(library->provider);
    }

    OSSL_LIB_CTX_free(library->context);
    *library = (struct dtls_library){ 0 };
}
