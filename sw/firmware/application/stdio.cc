/* The part of <stdio.h> and <stdlib.h> that applications use, without a C library: text goes to the UART in
 * lines of at most 255 characters. */
#include <stdarg.h>
#include <stddef.h>

#include "surroundings.h"
#include "tensorflow/lite/micro/micro_log.h"

extern "C" {

int vprintf(const char *format, va_list arguments) {
  char text[256];
  const int length = MicroVsnprintf(text, sizeof text, format, arguments);
  Write(text);
  return length;
}

int printf(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = vprintf(format, arguments);
  va_end(arguments);
  return length;
}

int vsnprintf(char *text, size_t size, const char *format, va_list arguments) {
  return MicroVsnprintf(text, size, format, arguments);
}

int snprintf(char *text, size_t size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = MicroVsnprintf(text, size, format, arguments);
  va_end(arguments);
  return length;
}

int puts(const char *line) {
  Write(line);
  Write("\n");
  return 0;
}

int putchar(int character) {
  const char text[2] = {char(character)};
  Write(text);
  return character;
}

/* Ctrl-D, 4, ends the input for good. */
int getchar() {
  static bool has_ended = false;
  if (!has_ended) {
    const uint8_t character = Read();
    if (character != 4) return character;
    has_ended = true;
  }
  return -1;
}

[[noreturn]] void abort() { __builtin_trap(); }

/* For <assert.h> of musl, whose headers applications are compiled with. */
[[noreturn]] void __assert_fail(const char *condition, const char *file, int line, const char *) {
  MicroPrintf("%s:%d: %s is not so", file, line, condition);
  __builtin_trap();
}
}
