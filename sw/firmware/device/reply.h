/* Replies, and errors, which are one line per command. */
#ifndef CFUFORGE_DEVICE_REPLY_H
#define CFUFORGE_DEVICE_REPLY_H

#include "buffer.h"

namespace device {

/* Send text of up to 255 characters, formatted as by MicroPrintf; a line of it; a line end; hex bytes. */
void Print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void Reply(const char *format, ...) __attribute__((format(printf, 1, 2)));
void EndLine();
void PrintHex(const uint8_t *bytes, size_t size);

/* Sends e-[...] with the printable characters of the text. Always returns false. */
bool Error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The error for a block that does not fit into a buffer, or would leave a gap. */
bool GapError(const Buffer &buffer, uint32_t offset, size_t count);

/* The runtime's first message since ForgetMessage: the reason for a refusal. */
const char *Message();
void ForgetMessage();

}  // namespace device
#endif
