/* Replies, and errors, which are one line for each command. */
#ifndef CFUFORGE_DEVICE_REPLY_H
#define CFUFORGE_DEVICE_REPLY_H

#include <stddef.h>
#include <stdint.h>

namespace device {

/* Sends text: formatted as by MicroPrintf, cut at 255 characters; a line of it; a line's end; bytes as hex. */
void Print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void Reply(const char *format, ...) __attribute__((format(printf, 1, 2)));
void EndLine();
void PrintHex(const uint8_t *bytes, size_t size);

/* Sends e-[...] with what is printable of the text. Always false. */
bool Error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The first line that the runtime has had to say since ForgetMessage: why it refuses something. */
const char *Message();
void ForgetMessage();

}  // namespace device
#endif
