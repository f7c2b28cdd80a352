/* Messages. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_LOG_H_
#define TENSORFLOW_LITE_MICRO_MICRO_LOG_H_

#include <stdarg.h>
#include <stddef.h>

/* Writes one line through DebugLog, truncated to 255 characters. Supports printf's %d %i %u %x %X %c %s %p
 * %f %% with the flags - and 0, width, precision (of %s and %f) and length; %e and %g print as %f. */
void MicroPrintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void VMicroPrintf(const char *format, va_list args);

/* The same to memory: writes at most `buf_size` - 1 characters, and returns the length of the whole text.
 * */
int MicroSnprintf(char *buffer, size_t buf_size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int MicroVsnprintf(char *buffer, size_t buf_size, const char *format, va_list args);

/* Provided by the platform: takes one line of text, without the line end. */
extern "C" void DebugLog(const char *line);

namespace tflite {

/* Takes any arguments, to avoid warnings. */
template <typename... Args>
void Unused(Args &&...) {}

}  // namespace tflite
#endif
