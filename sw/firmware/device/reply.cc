#include "reply.h"

#include <stdarg.h>

#include "port.h"
#include "tensorflow/lite/micro/micro_log.h"

namespace device {
namespace {

constexpr size_t kMostText = 256;

char message[kMostText];

void SendText(const char *text) {
  while (*text) Send(*text++);
}

void VPrint(const char *format, va_list arguments) {
  char text[kMostText];
  MicroVsnprintf(text, sizeof text, format, arguments);
  SendText(text);
}

bool IsPrintable(char character) { return character >= ' ' && character <= '~'; }

}  // namespace

void Print(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  VPrint(format, arguments);
  va_end(arguments);
}

void Reply(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  VPrint(format, arguments);
  va_end(arguments);
  EndLine();
}

void EndLine() { SendText("\r\n"); }

void PrintHex(const uint8_t *bytes, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    Send("0123456789abcdef"[bytes[i] >> 4]);
    Send("0123456789abcdef"[bytes[i] & 15]);
  }
}

bool Error(const char *format, ...) {
  char text[kMostText];
  va_list arguments;
  va_start(arguments, format);
  MicroVsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  SendText("e-[");
  for (const char *each = text; *each; ++each) Send(IsPrintable(*each) ? *each : '.');
  SendText("]\r\n");
  return false;
}

bool GapError(const Buffer &buffer, uint32_t offset, size_t count) {
  return Error("a block of %u bytes at %u does not follow the %u of %u bytes that are there",
               unsigned(count), unsigned(offset), unsigned(buffer.received), unsigned(buffer.size));
}

const char *Message() { return message; }

void ForgetMessage() { message[0] = 0; }

}  // namespace device

extern "C" void DebugLog(const char *line) {
  using device::message;
  if (message[0]) return;
  for (size_t i = 0; i < sizeof message - 1 && (message[i] = line[i]); ++i) {
  }
}
