#ifndef OUTRIDER_CLIBCURL_SHIM_H
#define OUTRIDER_CLIBCURL_SHIM_H

#include <curl/curl.h>

// curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, which Swift cannot call. One typed shim per C
// type: an option that takes a `long` and is passed an `int` is undefined behaviour.

typedef size_t (*curl_data_callback)(char *data, size_t size, size_t count, void *context);

static inline CURLcode curl_setopt_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode curl_setopt_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode curl_setopt_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode curl_setopt_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode curl_setopt_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode curl_setopt_callback(CURL *easy, CURLoption option, curl_data_callback value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode curl_setopt_prerequest(CURL *easy, curl_prereq_callback value) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, value);
}
static inline CURLcode curl_getinfo_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}
static inline CURLcode curl_getinfo_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(easy, info, value);
}
static inline CURLcode curl_getinfo_pointer(CURL *easy, CURLINFO info, void **value) {
    return curl_easy_getinfo(easy, info, value);
}
static inline CURLMcode curl_multi_setopt_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}
// A cast inside the macro hides it from Swift.
static inline long curl_auth_basic(void) { return (long)CURLAUTH_BASIC; }
// `data.result` sits in a union, which Swift imports awkwardly.
static inline CURLcode curl_message_result(const CURLMsg *message) { return message->data.result; }

#endif
