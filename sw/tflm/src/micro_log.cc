#include "tensorflow/lite/micro/micro_log.h"

#include <stddef.h>
#include <stdint.h>

namespace {

/* A line that fills up and then takes no more. */
class Line {
 public:
  void Put(char character) {
    if (length_ < sizeof text_ - 1) text_[length_++] = character;
  }
  void Put(const char *text) {
    while (*text) Put(*text++);
  }
  void PutNumber(uint64_t value, unsigned base) {
    char digits[20];
    int count = 0;
    do {
      digits[count++] = "0123456789abcdef"[value % base];
      value /= base;
    } while (value);
    while (count) Put(digits[--count]);
  }
  void PutSigned(int64_t value) {
    if (value < 0) Put('-');
    PutNumber(value < 0 ? 0 - uint64_t(value) : uint64_t(value), 10);
  }
  const char *Finish() {
    text_[length_] = 0;
    return text_;
  }

 private:
  char text_[256];
  size_t length_ = 0;
};

}  // namespace

void VMicroPrintf(const char *prefix, const char *format, va_list arguments) {
  Line line;
  line.Put(prefix);
  for (; *format; ++format) {
    if (*format != '%') {
      line.Put(*format);
      continue;
    }
    size_t width = sizeof(int);
    for (++format; *format == 'l' || *format == 'z'; ++format) {
      if (*format == 'z') {
        width = sizeof(size_t);
      } else {
        width = format[-1] == 'l' ? sizeof(long long) : sizeof(long);
      }
    }
    const bool wide = width > sizeof(int);
    switch (*format) {
      case 'd':
      case 'i':
        line.PutSigned(wide ? va_arg(arguments, long long) : va_arg(arguments, int));
        break;
      case 'u':
      case 'x':
        line.PutNumber(wide ? va_arg(arguments, unsigned long long) : va_arg(arguments, unsigned),
                       *format == 'u' ? 10 : 16);
        break;
      case 's': {
        const char *text = va_arg(arguments, const char *);
        line.Put(text ? text : "(null)");
        break;
      }
      case 'c':
        line.Put(char(va_arg(arguments, int)));
        break;
      case 0: /* a lonely % at the end */
        --format;
        line.Put('%');
        break;
      default:
        line.Put(*format);
    }
  }
  DebugLog(line.Finish());
}

void MicroPrintf(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  VMicroPrintf("", format, arguments);
  va_end(arguments);
}
