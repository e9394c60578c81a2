#ifndef OUTRIDER_CLIBCRYPTO_SHIM_H
#define OUTRIDER_CLIBCRYPTO_SHIM_H

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

// EVP_EC_gen is a macro over a variadic function, which Swift cannot call.
static inline EVP_PKEY *crypto_generate_p256(void) { return EVP_EC_gen("P-256"); }

#endif
