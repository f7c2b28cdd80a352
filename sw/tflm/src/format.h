/* printf's formats without a C library, heap or floating point. */
#ifndef CFUFORGE_FORMAT_H
#define CFUFORGE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

namespace tflite {

/* As vsnprintf: writes at most `size` characters to `text`, the last one 0, and returns the length of the
 * whole text. Supports %d %i %u %x %X %c %s %p %f %% with the flags - and 0, width, precision (of %s and
 * %f) and the lengths hh, h, l, ll and z; %e and %g print as %f. */
int Format(char *text, size_t size, const char *format, va_list arguments);

/* Writes a number with `precision` decimals, 6 if negative. Returns the length, at most kMostDoubleText.
 * Firmware without it prints ? for such a number. */
constexpr int kMostDoubleText = 40;
int FormatDouble(char *text, double value, int precision);

}  // namespace tflite
#endif
