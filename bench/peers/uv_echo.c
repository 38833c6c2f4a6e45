// An echo server on libuv, with one thread. Usage: uv_echo [--lines | --sink | --source]
#include "lines.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <uv.h>

enum { INPUT = 65536, LONGEST_LINE = 65536 };

struct connection {
    uv_tcp_t socket;
    struct tail tail;
};

struct answer {
    uv_write_t request;
    char bytes[];
};

static char input[INPUT], output[2 * INPUT + LONGEST_LINE];
static int lines, sink, source;

static void closed(uv_handle_t *handle) {
    forget_lines(&((struct connection *)handle)->tail);
    free(handle);
}

static void lend(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)handle, (void)suggested;
    *buffer = uv_buf_init(input, sizeof input);
}

static void written(uv_write_t *request, int status) {
    if (status < 0 && !uv_is_closing((uv_handle_t *)request->handle))
        uv_close((uv_handle_t *)request->handle, closed);
    free(request);
}

static void send_answer(uv_stream_t *stream, char *bytes, size_t length) {
    uv_buf_t buffer = uv_buf_init(bytes, length);
    int sent = length ? uv_try_write(stream, &buffer, 1) : 0;
    if (sent < 0)
        sent = 0;
    if ((size_t)sent < length) {
        struct answer *rest = malloc(sizeof *rest + length - sent);
        memcpy(rest->bytes, bytes + sent, length - sent);
        buffer = uv_buf_init(rest->bytes, length - sent);
        if (uv_write(&rest->request, stream, &buffer, 1, written))
            free(rest);
    }
}

static void received(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer) {
    struct connection *connection = (struct connection *)stream;
    if (got < 0 || connection->tail.length > LONGEST_LINE) {
        if (!uv_is_closing((uv_handle_t *)stream))
            uv_close((uv_handle_t *)stream, closed);
        return;
    }
    if (sink || source)
        return;
    if (lines)
        send_answer(stream, output, answer_lines(&connection->tail, buffer->base, got, output));
    else
        send_answer(stream, buffer->base, got);
}

static void give(uv_stream_t *stream);

static void given(uv_write_t *request, int status) {
    uv_stream_t *stream = request->handle;
    written(request, status);
    if (status == 0)
        give(stream);
}

static void give(uv_stream_t *stream) {
    uv_write_t *request = malloc(sizeof *request);
    uv_buf_t buffer = uv_buf_init(output, INPUT);
    if (uv_write(request, stream, &buffer, 1, given))
        free(request);
}

static void connected(uv_stream_t *listener, int status) {
    struct connection *connection = calloc(1, sizeof *connection);
    uv_tcp_init(listener->loop, &connection->socket);
    if (status < 0 || uv_accept(listener, (uv_stream_t *)connection)) {
        uv_close((uv_handle_t *)connection, closed);
        return;
    }
    uv_tcp_nodelay(&connection->socket, 1);
    uv_read_start((uv_stream_t *)connection, lend, received);
    if (source)
        give((uv_stream_t *)connection);
}

int main(int argc, char **argv) {
    lines = argc > 1 && !strcmp(argv[1], "--lines");
    sink = argc > 1 && !strcmp(argv[1], "--sink");
    source = argc > 1 && !strcmp(argv[1], "--source");
    uv_loop_t *loop = uv_default_loop();
    uv_tcp_t listener;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int length = sizeof address;
    uv_tcp_init(loop, &listener);
    int error = uv_tcp_bind(&listener, (struct sockaddr *)&address, 0);
    if (error || (error = uv_listen((uv_stream_t *)&listener, 511, connected))) {
        fprintf(stderr, "uv_echo: %s\n", uv_strerror(error));
        return 1;
    }
    uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}
