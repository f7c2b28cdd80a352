#include "tensorflow/lite/micro/micro_log.h"

#include "format.h"

void VMicroPrintf(const char *format, va_list arguments) {
  char line[256];
  tflite::Format(line, sizeof line, format, arguments);
  DebugLog(line);
}

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
