// The providers of ops/bench/latency: one thread, epoll, keep-alive. Takes every message and writes down when it came.
//
//   stand_in PORT LOG
//
// Each POST is one line of LOG: microseconds since 1970, the number its reply's id is made of, the path, the first bytes of
// the body. A body with the word
// bench-hang is never answered; one with bench-unknown is answered with 500. GETs list nothing.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { request_bytes_max = 1 << 17, logged_bytes_max = 1500, reply_bytes_max = 4096, connections_max = 16384 };

struct connection {
    char *bytes;
    size_t length;
};

static struct connection connections[connections_max];
static FILE *journal;

static long long now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

// A reply fits into the socket's buffer, so it is written whole or the client has gone.
__attribute__((format(printf, 4, 5)))
static void reply(int socket, const char *status, const char *header, const char *format, ...) {
    char body[reply_bytes_max], whole[reply_bytes_max + 512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(body, sizeof body, format, arguments);
    va_end(arguments);
    int total = snprintf(whole, sizeof whole, "HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s",
                         status, header, length, body);
    if (send(socket, whole, (size_t)total, MSG_NOSIGNAL) < 0) return;
}

static void answer_post(int socket, unsigned long long number, const char *path, const char *body) {
    if (strstr(body, "bench-hang")) return;
    if (strstr(body, "bench-unknown")) {
        reply(socket, "500 Internal Server Error", "", "{\"errors\":[{\"message\":\"internal error\"}]}");
    } else if (strstr(path, "/v3/mail/send")) {
        char header[80];
        snprintf(header, sizeof header, "X-Message-Id: bench%017llx\r\n", number);
        reply(socket, "202 Accepted", header, "%s", "");
    } else {
        const char *kind = strstr(path, "/Calls.json") ? "CA" : "SM";
        reply(socket, "201 Created", "Twilio-Concurrent-Requests: 1\r\n",
              "{\"account_sid\": \"AC00000000000000000000000000000001\", \"api_version\": \"2010-04-01\", \"body\": \"-\", "
              "\"date_created\": \"Thu, 24 Aug 2023 05:01:45 +0000\", \"date_sent\": null, \"direction\": \"outbound-api\", "
              "\"error_code\": null, \"error_message\": null, \"from\": \"+15005550006\", \"num_segments\": \"1\", "
              "\"sid\": \"%s%032llx\", \"status\": \"queued\", \"to\": \"+15005550009\"}", kind, number);
    }
}

// One message is asked for by its id; everything else is a list, and empty.
static void answer_get(int socket, const char *path) {
    const char *sid = strstr(path, "/SM");
    if (!sid) sid = strstr(path, "/CA");
    if (sid && strlen(sid) >= 35) {
        reply(socket, "200 OK", "", "{\"sid\": \"%.34s\", \"status\": \"%s\", \"error_code\": null}", sid + 1,
              sid[1] == 'S' ? "sent" : "ringing");
    } else {
        reply(socket, "200 OK", "", "{\"messages\": [], \"calls\": [], \"next_page_uri\": null, \"page\": 0, \"page_size\": 100}");
    }
}

static void note(long long at, unsigned long long number, const char *path, const char *body, size_t length) {
    if (length > logged_bytes_max) length = logged_bytes_max;
    fprintf(journal, "%lld %llu %s ", at, number, path);
    for (size_t index = 0; index < length; index++)
        fputc(body[index] == '\n' || body[index] == '\r' ? ' ' : body[index], journal);
    fputc('\n', journal);
}

// Answers the request at the front of the connection's bytes. Returns how long it was, 0 when it is not all there.
static size_t take_request(int socket, struct connection *from, long long at) {
    from->bytes[from->length] = 0;
    char *end = strstr(from->bytes, "\r\n\r\n");
    if (!end) return 0;
    size_t head = (size_t)(end - from->bytes) + 4, body = 0;
    char *field = strcasestr(from->bytes, "\r\nContent-Length:");
    if (field && field < end) body = strtoul(field + 17, NULL, 10);
    if (from->length < head + body) return 0;

    char method[8] = "", path[1024] = "";
    sscanf(from->bytes, "%7s %1023s", method, path);
    char *content = from->bytes + head, after = content[body];
    content[body] = 0;
    if (strcmp(method, "POST") == 0) {
        static unsigned long long number;
        note(at, ++number, path, content, body);
        answer_post(socket, number, path, content);
    } else {
        answer_get(socket, path);
    }
    content[body] = after;
    return head + body;
}

static void hang_up(int socket) {
    close(socket);
    connections[socket].length = 0;
}

static void read_from(int socket) {
    struct connection *from = &connections[socket];
    ssize_t got = recv(socket, from->bytes + from->length, request_bytes_max - from->length - 1, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) hang_up(socket);
        return;
    }
    long long at = now_us();
    from->length += (size_t)got;
    size_t used;
    while ((used = take_request(socket, from, at)) > 0) {
        memmove(from->bytes, from->bytes + used, from->length - used);
        from->length -= used;
    }
    if (from->length >= request_bytes_max - 1) hang_up(socket);
}

static void accept_from(int listener, int poll) {
    int on = 1, socket;
    while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (socket >= connections_max) {
            close(socket);
            continue;
        }
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (!connections[socket].bytes) connections[socket].bytes = malloc(request_bytes_max);
        connections[socket].length = 0;
        epoll_ctl(poll, EPOLL_CTL_ADD, socket, &(struct epoll_event){.events = EPOLLIN, .data.fd = socket});
    }
}

int main(int count, char **words) {
    if (count != 3) return 64;
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files = {connections_max, connections_max};
    setrlimit(RLIMIT_NOFILE, &files);
    journal = fopen(words[2], "a");
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, poll = epoll_create1(EPOLL_CLOEXEC);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(words[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!journal || bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
        perror("stand_in");
        return 69;
    }
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
    struct epoll_event ready[256];
    for (;;) {
        int events = epoll_wait(poll, ready, 256, -1);
        for (int index = 0; index < events; index++) {
            int socket = ready[index].data.fd;
            if (socket == listener) accept_from(listener, poll);
            else read_from(socket);
        }
        fflush(journal);
    }
}
