#include "tensorflow/lite/micro/micro_log.h"

#include "format.h"

namespace {

constexpr size_t kLine = 256;

}  // namespace

void VMicroPrintf(const char *prefix, const char *format, va_list arguments) {
  char line[kLine];
  size_t length = 0;
  for (; *prefix && length < kLine - 1; ++prefix) line[length++] = *prefix;
  tflite::Format(line + length, kLine - length, format, arguments);
  DebugLog(line);
}

void VMicroPrintf(const char *format, va_list arguments) { VMicroPrintf("", format, arguments); }

void MicroPrintf(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  VMicroPrintf(format, arguments);
  va_end(arguments);
}

int MicroVsnprintf(char *buffer, size_t buf_size, const char *format, va_list arguments) {
  return tflite::Format(buffer, buf_size, format, arguments);
}

int MicroSnprintf(char *buffer, size_t buf_size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = tflite::Format(buffer, buf_size, format, arguments);
  va_end(arguments);
  return length;
}
