#pragma once

// The few functions of OpenSSL's stable EVP interface that this library calls. They are declared here because the
// implementation is found at link time: Node itself exports it to the addon, and the native tests link the system's
// libcrypto; neither way needs OpenSSL's headers to be installed.

#include <cstddef>

extern "C" {
struct evp_cipher_ctx_st;
struct evp_cipher_st;
struct evp_md_ctx_st;
struct evp_md_st;
struct engine_st;

evp_cipher_ctx_st* EVP_CIPHER_CTX_new();
void EVP_CIPHER_CTX_free(evp_cipher_ctx_st* context);
const evp_cipher_st* EVP_aes_256_ctr();
int EVP_EncryptInit_ex(evp_cipher_ctx_st* context, const evp_cipher_st* cipher, engine_st* engine,
                       const unsigned char* key, const unsigned char* initializationVector);
int EVP_EncryptUpdate(evp_cipher_ctx_st* context, unsigned char* out, int* outLength, const unsigned char* in,
                      int inLength);

evp_md_ctx_st* EVP_MD_CTX_new();
void EVP_MD_CTX_free(evp_md_ctx_st* context);
const evp_md_st* EVP_sha256();
int EVP_DigestInit_ex(evp_md_ctx_st* context, const evp_md_st* type, engine_st* engine);
int EVP_DigestUpdate(evp_md_ctx_st* context, const void* data, std::size_t length);
int EVP_DigestFinal_ex(evp_md_ctx_st* context, unsigned char* out, unsigned int* outLength);

void OPENSSL_cleanse(void* pointer, std::size_t length);
}
