/* printf's formats without a C library, heap or floating point. */
#ifndef CFUFORGE_FORMAT_H
#define CFUFORGE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

namespace tflite {

/* As vsnprintf: writes at most `size` characters to `text`, the last one 0, and returns how long
 * all of it is. Knows %d %i %u %x %X %o %c %s %p %f %% with flags, width, precision and length;
 * %e and %g look like %f, and what is above 2^64 is not written out. */
int Format(char *text, size_t size, const char *format, va_list arguments);

}  // namespace tflite
#endif
