// The reference for broadcasts: each connection has a position in a log of messages, and gets what follows it with writev, one vector a message.
// A connection asks for a number of broadcasts. One that falls a whole log behind gets no more. Usage: epoll_broadcast [--each]
// With --each, every message is written to all before the next one is made: a system call for each message and connection.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CONNECTIONS = 65536, SIZE = 64, LOG = 16384, VECTORS = 1024, COMMAND = 4 };

struct member {
    int is_open;
    unsigned char command[COMMAND];
    int got;
    uint64_t next;  // The first message that is not sent completely.
    size_t sent;    // How much of it is sent.
};

static struct member members[CONNECTIONS];
static int highest = -1;
static char messages[LOG][SIZE];
static uint64_t written;
static int each;

static void leave(int fd) {
    members[fd].is_open = 0;
    close(fd);
}

static void give(int fd) {
    static struct iovec vectors[VECTORS];
    struct member *member = &members[fd];
    while (member->is_open && member->next < written) {
        if (written - member->next >= LOG)
            return;
        int count = 0;
        for (uint64_t i = member->next; i < written && count < VECTORS; i++, count++) {
            size_t from = count == 0 ? member->sent : 0;
            vectors[count].iov_base = messages[i % LOG] + from;
            vectors[count].iov_len = SIZE - from;
        }
        ssize_t n = writev(fd, vectors, count);
        if (n < 0) {
            if (errno != EAGAIN)
                leave(fd);
            return;
        }
        size_t total = member->sent + n;
        member->next += total / SIZE;
        member->sent = total % SIZE;
    }
}

static void give_all(void) {
    for (int fd = 0; fd <= highest; fd++)
        if (members[fd].is_open)
            give(fd);
}

static void broadcast(uint32_t count) {
    for (; count > 0; count--) {
        uint32_t number = htonl((uint32_t)written);
        memcpy(messages[written++ % LOG], &number, sizeof number);
        if (each)
            give_all();
    }
    give_all();
}

static void take(int fd) {
    struct member *member = &members[fd];
    ssize_t got = recv(fd, member->command + member->got, COMMAND - member->got, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        leave(fd);
        return;
    }
    member->got += got > 0 ? got : 0;
    if (member->got == COMMAND) {
        uint32_t count;
        memcpy(&count, member->command, sizeof count);
        member->got = 0;
        broadcast(ntohl(count));
    }
}

static void accept_all(int epoll, int listener) {
    int one = 1, accepted;
    while ((accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.fd = accepted};
        if (accepted >= CONNECTIONS) {
            close(accepted);
            continue;
        }
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        members[accepted] = (struct member){.is_open = 1, .next = written};
        highest = accepted > highest ? accepted : highest;
        epoll_ctl(epoll, EPOLL_CTL_ADD, accepted, &event);
        if (send(accepted, "+", 1, MSG_NOSIGNAL) != 1)
            leave(accepted);
    }
}

static int open_listener(void) {
    int one = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 511)) {
        perror("epoll_broadcast");
        exit(1);
    }
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(int argc, char **argv) {
    each = argc > 1 && !strcmp(argv[1], "--each");
    int listener = open_listener(), epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                accept_all(epoll, listener);
                continue;
            }
            if (events[i].events & EPOLLOUT)
                give(fd);
            if (members[fd].is_open && events[i].events & ~EPOLLOUT)
                take(fd);
        }
    }
}
