// The reference: a plain epoll echo server that sleeps as soon as it has nothing to do. Usage: epoll_echo [--lines | --sink | --source]
#define _GNU_SOURCE
#include "lines.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 65536, INPUT = 65536, LONGEST_LINE = 65536 };

static struct tail tails[CONNECTIONS];
static int lines, sink, source;

static int open_listener(void) {
    int one = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 511)) {
        perror("epoll_echo");
        exit(1);
    }
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void accept_all(int epoll, int listener) {
    int one = 1, accepted;
    while ((accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct epoll_event event = {.events = source ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.fd = accepted};
        if (accepted >= CONNECTIONS) {
            close(accepted);
            continue;
        }
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_ctl(epoll, EPOLL_CTL_ADD, accepted, &event);
    }
}

static void leave(int fd) {
    forget_lines(&tails[fd]);
    close(fd);
}

static void echo(int fd) {
    static char input[INPUT], output[2 * INPUT + LONGEST_LINE];
    ssize_t got = recv(fd, input, sizeof input, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        leave(fd);
        return;
    }
    const char *answer = input;
    if (lines && got > 0) {
        got = answer_lines(&tails[fd], input, got, output);
        answer = output;
    }
    if (tails[fd].length > LONGEST_LINE) {
        leave(fd);
        return;
    }
    for (ssize_t sent = 0; got > 0 && sent < got;) {
        ssize_t n = send(fd, answer + sent, got - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) {
            leave(fd);
            return;
        }
        sent += n > 0 ? n : 0;
    }
}

static void take(int fd) {
    static char input[INPUT];
    ssize_t got = recv(fd, input, sizeof input, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN))
        leave(fd);
}

static void give(int fd, uint32_t events) {
    static const char output[INPUT];
    if (events & ~EPOLLOUT)
        take(fd);
    else if (send(fd, output, sizeof output, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
        leave(fd);
}

int main(int argc, char **argv) {
    lines = argc > 1 && !strcmp(argv[1], "--lines");
    sink = argc > 1 && !strcmp(argv[1], "--sink");
    source = argc > 1 && !strcmp(argv[1], "--source");
    int listener = open_listener(), epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listener)
                accept_all(epoll, listener);
            else if (sink)
                take(events[i].data.fd);
            else if (source)
                give(events[i].data.fd, events[i].events);
            else
                echo(events[i].data.fd);
        }
    }
}
