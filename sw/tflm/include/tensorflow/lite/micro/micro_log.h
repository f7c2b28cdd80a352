/* Messages. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_LOG_H_
#define TENSORFLOW_LITE_MICRO_MICRO_LOG_H_

#include <stdarg.h>

/* Writes one line through DebugLog. Knows %d %i %u %x %s %c %%, with l, ll and z; cuts a line at
 * 255 characters. */
void MicroPrintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void VMicroPrintf(const char *prefix, const char *format, va_list arguments);

/* Provided by the platform: takes one line of text, without its end of line. */
extern "C" void DebugLog(const char *line);

#endif
