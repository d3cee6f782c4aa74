/*
 * dtls/certificate.c - the worker's self-signed identity.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "dtls/certificate.h"

#include <openssl/ec.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "base/random.h"

enum {
    DAY = 24 * 60 * 60,
    VALID_BEFORE = DAY,         /* clocks differ */
    VALID_AFTER = 3650 * DAY,
};

static int
fill(X509 *x509, EVP_PKEY *key)
{
    X509_NAME *name = X509_get_subject_name(x509);
    long serial = (long)(random_u32() >> 1) + 1;

    return X509_set_version(x509, X509_VERSION_3)
           && ASN1_INTEGER_set(X509_get_serialNumber(x509), serial)
           && X509_gmtime_adj(X509_getm_notBefore(x509), -VALID_BEFORE)
           && X509_gmtime_adj(X509_getm_notAfter(x509), VALID_AFTER)
           && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                         (const unsigned char *)"sfu-worker",
                                         -1, -1, 0)
           && X509_set_issuer_name(x509, name) && X509_set_pubkey(x509, key)
           && X509_sign(x509, key, EVP_sha256());
}

static int
fingerprint(struct dtls_certificate *certificate)
{
    static const char hex[] = "0123456789ABCDEF";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len;
    char *p = certificate->fingerprint;

    if (!X509_digest(certificate->x509, EVP_sha256(), digest, &len)
        || len * 3 != DTLS_FINGERPRINT_SIZE) {
        return SFU_ERR_LIBRARY;
    }

    for (unsigned int i = 0; i < len; i++) {
        *p++ = hex[digest[i] >> 4];
        *p++ = hex[digest[i] & 15];
        *p++ = ':';
    }

    p[-1] = '\0';

    return 0;
}

int
dtls_certificate_make(struct dtls_certificate *certificate)
{
    *certificate = (struct dtls_certificate){ .key = EVP_EC_gen("P-256") };

    if (certificate->key == NULL) {
        return SFU_ERR_LIBRARY;
    }

    certificate->x509 = X509_new();

    if (certificate->x509 == NULL
        || !fill(certificate->x509, certificate->key)
        || fingerprint(certificate)) {
        dtls_certificate_fini(certificate);
        return SFU_ERR_LIBRARY;
    }

    return 0;
}

void
dtls_certificate_fini(struct dtls_certificate *certificate)
{
    EVP_PKEY_free(certificate->key);
    X509_free(certificate->x509);
    *certificate = (struct dtls_certificate){ 0 };
}
