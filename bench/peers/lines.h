// Answers each complete line, ended by CR LF. An incomplete line stays with its connection.
#include <stdlib.h>
#include <string.h>

struct tail {
    char *bytes;
    size_t length;
};

// The output needs room for twice the input plus the tail. Returns the number of bytes to send.
static size_t answer_lines(struct tail *tail, const char *input, size_t length, char *output) {
    const char *end = input + length, *newline;
    size_t written = 0;
    while ((newline = memchr(input, '\n', end - input))) {
        if (tail->length) {
            memcpy(output + written, tail->bytes, tail->length);
            written += tail->length;
            tail->length = 0;
        }
        memcpy(output + written, input, newline - input);
        written += newline - input;
        if (written && output[written - 1] == '\r')
            written--;
        output[written++] = '\r';
        output[written++] = '\n';
        input = newline + 1;
    }
    if (input < end) {
        tail->bytes = realloc(tail->bytes, tail->length + (end - input));
        memcpy(tail->bytes + tail->length, input, end - input);
        tail->length += end - input;
    }
    return written;
}

static void forget_lines(struct tail *tail) {
    free(tail->bytes);
    memset(tail, 0, sizeof *tail);
}
