/* Messages. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_LOG_H_
#define TENSORFLOW_LITE_MICRO_MICRO_LOG_H_

#include <stdarg.h>
#include <stddef.h>

/* Writes one line through DebugLog, cut at 255 characters. Knows printf's %d %i %u %x %X %c %s %p %f
 * %% with the flags - and 0, width, precision (of %s and %f) and length; %e and %g look like %f. */
void MicroPrintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void VMicroPrintf(const char *format, va_list args);

/* The same to memory: returns the length of all of it, of which `buf_size` - 1 characters are
 * there. */
int MicroSnprintf(char *buffer, size_t buf_size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int MicroVsnprintf(char *buffer, size_t buf_size, const char *format, va_list args);

/* Provided by the platform: takes one line of text, without its end of line. */
extern "C" void DebugLog(const char *line);

namespace tflite {

/* Takes any arguments, so that nobody warns of them. */
template <typename... Args>
void Unused(Args &&...) {}

}  // namespace tflite
#endif
