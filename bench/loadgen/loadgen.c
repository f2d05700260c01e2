/*
 * Loads a server with sessions or ops and prints as JSON what came of it.
 *
 *   loadgen KEY=VALUE… [-- WORD…]
 *
 * bench/loadgen.ts knows the keys. The credential is the ticket of KRB5CCNAME.
 * Each connection has a thread of its own, which blocks: what the server takes
 * its time for costs nothing here.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CEOD_AUTH = 0x08000000, MAX_FRAME = 1 << 20 };

/* remctl's protocol 2: the flags of a token, and the types of messages inside. */
enum { TOKEN_NOOP = 0x01, TOKEN_CONTEXT = 0x02, TOKEN_DATA = 0x04, TOKEN_NEXT = 0x10, TOKEN_PROTOCOL = 0x40 };
enum { MESSAGE_COMMAND = 1, MESSAGE_OUTPUT = 3, MESSAGE_STATUS = 4, MESSAGE_ERROR = 5 };

/* Stands in a request for a number of its own. */
#define NUMBER "######"

static struct {
    bool remctl, ops, split;
    int noDelay;
    struct sockaddr_storage address;
    socklen_t addressLength;
    gss_name_t service;
    long connections, count, pauseMs, timeoutMs;
    double seconds;
    uint32_t op;
    uint8_t request[MAX_FRAME];
    size_t requestLength;
    /* In the request, where the number of each goes; NULL: they are all the same. */
    uint8_t *numberAt;
} load = { .connections = 1, .timeoutMs = 30000 };

/* The latencies of one connection's sessions or ops, in ms. */
struct results {
    double *latencies;
    size_t count, room, failures;
    char failure[256];
};

static pthread_barrier_t opened;
static long taken, numbered;
static double endsAt;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("loadgen: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    exit(2);
}

struct connection {
    int fd;
    gss_ctx_id_t context;
    bool pauses;
    char failure[256];
    uint8_t buffer[MAX_FRAME];
};

static bool fail(struct connection *c, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(c->failure, sizeof c->failure, format, args);
    va_end(args);
    return false;
}

static bool failGss(struct connection *c, const char *call, OM_uint32 major, OM_uint32 minor) {
    OM_uint32 ignored, more = 0;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    gss_display_status(&ignored, minor ? minor : major, minor ? GSS_C_MECH_CODE : GSS_C_GSS_CODE, GSS_C_NO_OID, &more, &text);
    fail(c, "%s: %.*s", call, (int)text.length, (char *)text.value);
    gss_release_buffer(&ignored, &text);
    return false;
}

/* --- bytes -------------------------------------------------------------------- */

static bool sendAll(struct connection *c, const void *bytes, size_t length) {
    if (c->pauses) usleep(load.pauseMs * 1000);
    for (size_t done = 0; done < length;) {
        ssize_t n = send(c->fd, (const char *)bytes + done, length - done, MSG_NOSIGNAL);
        if (n < 0) return fail(c, "send: %s", strerror(errno));
        done += n;
    }
    return true;
}

/* remctld leaves Nagle's algorithm on: unless what a command prints is acknowledged at once, its status waits 40 ms. */
static void acknowledgeAtOnce(struct connection *c) {
    const int on = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

static bool receiveAll(struct connection *c, void *bytes, size_t length) {
    for (size_t done = 0; done < length;) {
        if (load.remctl) acknowledgeAtOnce(c);
        ssize_t n = recv(c->fd, (char *)bytes + done, length - done, 0);
        if (n < 0) return fail(c, "recv: %s", strerror(errno));
        if (n == 0) return fail(c, "recv: the server closed the connection");
        done += n;
    }
    return true;
}

static size_t headerLength(void) { return load.remctl ? 5 : 8; }

/* A frame of ceod's, or a token of remctl's: `type` is the type or the flags. */
static bool sendFrame(struct connection *c, uint32_t type, const void *body, size_t length) {
    uint8_t *at = c->buffer;
    uint32_t words[2] = { htonl(length), htonl(type) };
    size_t header = headerLength();
    if (header + length > sizeof c->buffer) return fail(c, "too long");
    if (load.remctl) {
        at[0] = type;
        memcpy(at + 1, words, 4);
    } else {
        memcpy(at, words, 8);
    }
    if (length > 0) memcpy(at + header, body, length);
    if (!load.split) return sendAll(c, at, header + length);
    return sendAll(c, at, header) && sendAll(c, at + header, length);
}

/* The body lands in the connection's buffer. */
static bool receiveFrame(struct connection *c, uint32_t *type, size_t *length) {
    uint8_t header[8];
    uint32_t words[2];
    if (!receiveAll(c, header, headerLength())) return false;
    if (load.remctl) {
        *type = header[0];
        memcpy(words, header + 1, 4);
    } else {
        memcpy(words, header, 8);
        *type = ntohl(words[1]);
    }
    *length = ntohl(words[0]);
    if (*length > sizeof c->buffer) return fail(c, "a frame of %zu bytes", *length);
    return receiveAll(c, c->buffer, *length);
}

/* --- sessions ------------------------------------------------------------------- */

static void closeConnection(struct connection *c) {
    OM_uint32 minor;
    if (c->context != GSS_C_NO_CONTEXT) gss_delete_sec_context(&minor, &c->context, GSS_C_NO_BUFFER);
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
}

static bool authenticate(struct connection *c, gss_cred_id_t credential) {
    const uint32_t type = load.remctl ? TOKEN_CONTEXT | TOKEN_PROTOCOL : CEOD_AUTH;
    const OM_uint32 flags = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;
    gss_buffer_desc in = GSS_C_EMPTY_BUFFER, out;
    OM_uint32 major, minor, ignored;
    if (load.remctl && !sendFrame(c, TOKEN_NOOP | TOKEN_NEXT | TOKEN_PROTOCOL, NULL, 0)) return false;
    for (;;) {
        major = gss_init_sec_context(&minor, credential, &c->context, load.service, (gss_OID)gss_mech_krb5, flags, 0,
                                     GSS_C_NO_CHANNEL_BINDINGS, &in, NULL, &out, NULL, NULL);
        if (GSS_ERROR(major)) return failGss(c, "gss_init_sec_context", major, minor);
        bool sent = out.length == 0 || sendFrame(c, type, out.value, out.length);
        gss_release_buffer(&ignored, &out);
        if (!sent) return false;
        if (major == GSS_S_COMPLETE) return true;
        uint32_t got;
        if (!receiveFrame(c, &got, &in.length)) return false;
        if (got != type) return fail(c, "0x%x instead of a context token", got);
        in.value = c->buffer;
    }
}

static bool openConnection(struct connection *c, gss_cred_id_t credential) {
    const struct timeval timeout = { load.timeoutMs / 1000, load.timeoutMs % 1000 * 1000 };
    c->context = GSS_C_NO_CONTEXT;
    c->pauses = load.pauseMs > 0 && !load.ops;
    c->fd = socket(load.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0) return fail(c, "socket: %s", strerror(errno));
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &load.noDelay, sizeof load.noDelay);
    if (connect(c->fd, (struct sockaddr *)&load.address, load.addressLength) != 0)
        return fail(c, "connect: %s", strerror(errno));
    return authenticate(c, credential);
}

static bool sendWrapped(struct connection *c, uint32_t type, void *bytes, size_t length) {
    gss_buffer_desc plain = { length, bytes }, token;
    OM_uint32 major, minor, ignored;
    major = gss_wrap(&minor, c->context, 1, GSS_C_QOP_DEFAULT, &plain, NULL, &token);
    if (major != GSS_S_COMPLETE) return failGss(c, "gss_wrap", major, minor);
    bool sent = sendFrame(c, type, token.value, token.length);
    gss_release_buffer(&ignored, &token);
    return sent;
}

/* The plaintext is to be released by the caller. */
static bool receiveWrapped(struct connection *c, uint32_t expected, gss_buffer_t plain) {
    gss_buffer_desc token = { 0, c->buffer };
    OM_uint32 major, minor;
    uint32_t type;
    if (!receiveFrame(c, &type, &token.length)) return false;
    if (type != expected) return fail(c, "0x%x instead of a reply", type);
    major = gss_unwrap(&minor, c->context, &token, plain, NULL, NULL);
    return major == GSS_S_COMPLETE || failGss(c, "gss_unwrap", major, minor);
}

/* The request, with the next number in its place. */
static void *numberedRequest(void) {
    static _Thread_local uint8_t request[MAX_FRAME];
    if (load.numberAt == NULL) return load.request;
    long number = __atomic_fetch_add(&numbered, 1, __ATOMIC_RELAXED);
    memcpy(request, load.request, load.requestLength);
    uint8_t *first = request + (load.numberAt - load.request), *digit = first + strlen(NUMBER);
    for (; digit > first; number /= 10) *--digit = '0' + number % 10;
    return request;
}

/* The messages (field 1) of a response come first, each with its status (field 1) first: 0 if all went well. */
static bool ceodOp(struct connection *c) {
    gss_buffer_desc plain;
    OM_uint32 ignored;
    if (!sendWrapped(c, load.op, numberedRequest(), load.requestLength) || !receiveWrapped(c, load.op, &plain)) return false;
    const uint8_t *bytes = plain.value;
    size_t at = 0;
    bool good = plain.length > 0 && bytes[0] == 0x0a;
    while (good && at + 4 <= plain.length && bytes[at] == 0x0a) {
        good = bytes[at + 2] == 0x08 && bytes[at + 3] == 0;
        if (good) at += 2 + bytes[at + 1];
    }
    if (!good) fail(c, "refused: %.*s", (int)(plain.length > at + 6 ? plain.length - at - 6 : 0), (const char *)bytes + at + 6);
    gss_release_buffer(&ignored, &plain);
    return good;
}

/* Reads what the command prints until its exit status is there; what it printed last is why it failed. */
static bool remctlOp(struct connection *c) {
    const uint32_t type = TOKEN_DATA | TOKEN_PROTOCOL;
    if (!sendWrapped(c, type, numberedRequest(), load.requestLength)) return false;
    for (;;) {
        gss_buffer_desc plain;
        OM_uint32 ignored;
        if (!receiveWrapped(c, type, &plain)) return false;
        const uint8_t *bytes = plain.value;
        int message = plain.length >= 3 ? bytes[1] : 0;
        bool good = message == MESSAGE_STATUS ? bytes[2] == 0 : message != 0 && message != MESSAGE_ERROR;
        if (message == MESSAGE_OUTPUT) fail(c, "%.*s", (int)plain.length - 7, (const char *)bytes + 7);
        else if (message != MESSAGE_STATUS) fail(c, "message %d: %.*s", message, (int)plain.length, (const char *)bytes);
        gss_release_buffer(&ignored, &plain);
        if (!good || message == MESSAGE_STATUS) return good;
    }
}

static bool oneOp(struct connection *c) { return load.remctl ? remctlOp(c) : ceodOp(c); }

/* --- the load ------------------------------------------------------------------- */

static bool goesOn(void) {
    if (load.count > 0) return __atomic_fetch_add(&taken, 1, __ATOMIC_RELAXED) < load.count;
    return now() < endsAt;
}

static void note(struct results *r, struct connection *c, bool good, double startedAt) {
    if (!good) {
        if (r->failures++ == 0) memcpy(r->failure, c->failure, sizeof r->failure);
        return;
    }
    if (r->count == r->room) {
        r->room = r->room * 2 + 1024;
        r->latencies = realloc(r->latencies, r->room * sizeof *r->latencies);
        if (r->latencies == NULL) die("out of memory");
    }
    r->latencies[r->count++] = (now() - startedAt) * 1000;
}

static void *run(void *argument) {
    struct results *r = argument;
    struct connection *c = malloc(sizeof *c);
    OM_uint32 major, minor;
    gss_cred_id_t credential;
    if (c == NULL) die("out of memory");
    c->fd = -1;
    /* One for each thread: the library locks it while it is used. */
    major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, (gss_OID_set)gss_mech_set_krb5, GSS_C_INITIATE, &credential, NULL, NULL);
    if (major != GSS_S_COMPLETE) die("gss_acquire_cred failed: is there a ticket in KRB5CCNAME?");
    bool isOpen = load.ops && openConnection(c, credential);
    if (load.ops && !isOpen) note(r, c, false, 0);
    c->pauses = load.pauseMs > 0;
    pthread_barrier_wait(&opened);
    pthread_barrier_wait(&opened);
    while ((isOpen || !load.ops) && goesOn()) {
        double startedAt = now();
        bool good = (isOpen || openConnection(c, credential)) && oneOp(c);
        note(r, c, good, startedAt);
        if (!load.ops || !good) {
            closeConnection(c);
            isOpen = false;
        }
    }
    closeConnection(c);
    free(c);
    return NULL;
}

static int byValue(const void *a, const void *b) {
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

static void printJsonString(const char *text) {
    putchar('"');
    for (; *text != '\0'; text++) {
        unsigned char c = *text;
        if (c == '"' || c == '\\') putchar('\\');
        if (c >= 0x20 && c < 0x7f) putchar(c);
        else putchar('?');
    }
    putchar('"');
}

static double cpuSeconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void generate(void) {
    struct results *all = calloc(load.connections, sizeof *all), total = { 0 };
    pthread_t *threads = calloc(load.connections, sizeof *threads);
    if (all == NULL || threads == NULL) die("out of memory");
    pthread_barrier_init(&opened, NULL, load.connections + 1);
    for (long i = 0; i < load.connections; i++)
        if (pthread_create(&threads[i], NULL, run, &all[i]) != 0) die("cannot start a thread");
    pthread_barrier_wait(&opened);
    double startedAt = now(), cpu = cpuSeconds();
    endsAt = startedAt + load.seconds;
    pthread_barrier_wait(&opened);
    for (long i = 0; i < load.connections; i++) pthread_join(threads[i], NULL);
    double seconds = now() - startedAt;
    cpu = cpuSeconds() - cpu;

    for (long i = 0; i < load.connections; i++) total.count += all[i].count;
    total.latencies = calloc(total.count + 1, sizeof *total.latencies);
    if (total.latencies == NULL) die("out of memory");
    size_t at = 0;
    for (long i = 0; i < load.connections; i++) {
        if (all[i].count > 0) memcpy(total.latencies + at, all[i].latencies, all[i].count * sizeof *total.latencies);
        at += all[i].count;
        if (total.failures == 0) memcpy(total.failure, all[i].failure, sizeof total.failure);
        total.failures += all[i].failures;
    }
    qsort(total.latencies, total.count, sizeof *total.latencies, byValue);
    double quantiles[] = { 0.5, 0.9, 0.99, 1 };
    const char *names[] = { "p50", "p90", "p99", "max" };
    printf("{\"count\":%zu,\"failures\":%zu,\"failure\":", total.count, total.failures);
    printJsonString(total.failure);
    printf(",\"seconds\":%.6f,\"cpuSecondsPerRequest\":%.9f", seconds, cpu / (total.count > 0 ? total.count : 1));
    for (int i = 0; i < 4; i++) {
        size_t index = total.count == 0 ? 0 : (size_t)(quantiles[i] * (total.count - 1) + 0.5);
        printf(",\"%s\":%.4f", names[i], total.latencies[index]);
    }
    puts("}");
}

/* --- preparations ----------------------------------------------------------------- */

/* Neither the file of the cache nor the KDC is what is measured. */
static void fetchTicket(const char *service) {
    /* Never released: while it lives, libkrb5 does not parse krb5.conf again for each context. */
    krb5_context krb5;
    krb5_ccache file, memory;
    krb5_creds wanted = { 0 }, *got;
    char *name;
    if (krb5_init_context(&krb5) != 0 || krb5_cc_default(krb5, &file) != 0 ||
        krb5_cc_get_principal(krb5, file, &wanted.client) != 0)
        die("there is no ticket in KRB5CCNAME");
    if (krb5_cc_new_unique(krb5, "MEMORY", NULL, &memory) != 0 || krb5_cc_initialize(krb5, memory, wanted.client) != 0 ||
        krb5_cc_copy_creds(krb5, file, memory) != 0 || krb5_cc_get_full_name(krb5, memory, &name) != 0)
        die("the ticket cannot be copied");
    setenv("KRB5CCNAME", name, 1);
    char *copy = strdup(service), *host = strchr(copy, '@');
    if (host == NULL) die("service=%s is not NAME@HOST", service);
    *host++ = '\0';
    krb5_error_code code = krb5_sname_to_principal(krb5, host, copy, KRB5_NT_SRV_HST, &wanted.server);
    if (code == 0) code = krb5_get_credentials(krb5, 0, memory, &wanted, &got);
    if (code != 0) die("no ticket for %s: %s", service, krb5_get_error_message(krb5, code));
}

static void setTarget(char *target) {
    char *port = strrchr(target, ':');
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
    if (port == NULL) die("target=%s is not HOST:PORT", target);
    *port++ = '\0';
    int code = getaddrinfo(target, port, &hints, &found);
    if (code != 0) die("%s: %s", target, gai_strerror(code));
    memcpy(&load.address, found->ai_addr, found->ai_addrlen);
    load.addressLength = found->ai_addrlen;
}

static void setService(const char *service) {
    OM_uint32 minor;
    gss_buffer_desc text = { strlen(service), (void *)service };
    fetchTicket(service);
    if (gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &load.service) != GSS_S_COMPLETE)
        die("service=%s is no name of a service", service);
}

static void setBody(const char *hex) {
    load.requestLength = strlen(hex) / 2;
    if (load.requestLength > sizeof load.request) die("the body is too long");
    for (size_t i = 0; i < load.requestLength; i++)
        if (sscanf(hex + 2 * i, "%2hhx", &load.request[i]) != 1) die("body=%s is not hexadecimal", hex);
}

static void append(const void *bytes, size_t length) {
    if (load.requestLength + length > sizeof load.request) die("the command is too long");
    memcpy(load.request + load.requestLength, bytes, length);
    load.requestLength += length;
}

static void appendWord(uint32_t number) {
    uint32_t word = htonl(number);
    append(&word, sizeof word);
}

/* MESSAGE_COMMAND; the connection stays open behind it in the mode `ops` alone. */
static void setCommand(char **words, int count) {
    const uint8_t head[] = { 2, MESSAGE_COMMAND, load.ops, 0 };
    append(head, sizeof head);
    appendWord(count);
    for (int i = 0; i < count; i++) {
        appendWord(strlen(words[i]));
        append(words[i], strlen(words[i]));
    }
}

int main(int argc, char **argv) {
    int i = 1;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL) die("%s is not KEY=VALUE", argv[i]);
        *value++ = '\0';
        const char *key = argv[i];
        if (strcmp(key, "protocol") == 0) load.remctl = strcmp(value, "remctl") == 0;
        else if (strcmp(key, "mode") == 0) load.ops = strcmp(value, "ops") == 0;
        else if (strcmp(key, "writes") == 0) load.split = strcmp(value, "split") == 0;
        else if (strcmp(key, "noDelay") == 0) load.noDelay = atoi(value);
        else if (strcmp(key, "target") == 0) setTarget(value);
        else if (strcmp(key, "service") == 0) setService(value);
        else if (strcmp(key, "concurrency") == 0) load.connections = atol(value);
        else if (strcmp(key, "count") == 0) load.count = atol(value);
        else if (strcmp(key, "seconds") == 0) load.seconds = atof(value);
        else if (strcmp(key, "pauseMs") == 0) load.pauseMs = atol(value);
        else if (strcmp(key, "timeoutMs") == 0) load.timeoutMs = atol(value);
        else if (strcmp(key, "op") == 0) load.op = strtoul(value, NULL, 0);
        else if (strcmp(key, "body") == 0) setBody(value);
        else die("%s= is not known", key);
    }
    if (load.addressLength == 0 || load.service == GSS_C_NO_NAME) die("target= and service= are needed");
    if (load.remctl) setCommand(argv + i + 1, argc - i - 1);
    load.numberAt = memmem(load.request, load.requestLength, NUMBER, strlen(NUMBER));
    generate();
    return 0;
}
