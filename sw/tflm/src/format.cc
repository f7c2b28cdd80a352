#include "format.h"

#include <stdint.h>

namespace tflite {
namespace {

/* A text buffer that also counts characters that no longer fit. */
class Text {
 public:
  Text(char *text, size_t size) : text_(text), size_(size) {}

  __attribute__((noinline)) void Put(char character, int count = 1) {
    for (; count > 0; --count, ++length_) {
      if (length_ + 1 < size_) text_[length_] = character;
    }
  }
  int Finish() {
    if (size_) text_[length_ < size_ ? length_ : size_ - 1] = 0;
    return int(length_);
  }

 private:
  char *text_;
  size_t size_, length_ = 0;
};

/* What is between % and the conversion. */
struct Spec {
  bool left, zero;
  int width, precision;

  /* Writes `body` in the field's width; zeros go after the sign. */
  void Put(Text &text, const char *body, int length) const {
    const int fill = width - length;
    if (!left && !zero) text.Put(' ', fill);
    if (zero && length && *body == '-') {
      text.Put(*body++);
      --length;
    }
    if (!left && zero) text.Put('0', fill);
    while (length-- > 0) text.Put(*body++);
    if (left) text.Put(' ', fill);
  }
};

int ParseNumber(const char **format) {
  int number = 0;
  while (**format >= '0' && **format <= '9') number = number * 10 + *(*format)++ - '0';
  return number;
}

Spec ParseSpec(const char **format) {
  Spec spec = {};
  for (; **format == '-' || **format == '0'; ++*format) {
    (**format == '-' ? spec.left : spec.zero) = true;
  }
  spec.width = ParseNumber(format);
  spec.precision = -1;
  if (**format == '.') {
    ++*format;
    spec.precision = ParseNumber(format);
  }
  return spec;
}

/* Bytes of the integer for hh, h, l, ll and z; shorter ones are passed as int. */
size_t ParseLength(const char **format) {
  size_t bytes = sizeof(int);
  for (;; ++*format) {
    if (**format == 'h') {
      bytes /= 2;
    } else if (**format == 'l') {
      bytes = (*format)[-1] == 'l' ? sizeof(long long) : sizeof(long);
    } else if (**format == 'z') {
      bytes = sizeof(size_t);
    } else {
      return bytes;
    }
  }
}

/* Writes the digits so that they end before `end`; returns where they begin. */
char *Digits(char *end, uint64_t value, unsigned base, char ten) {
  do {
    const char digit = char(value % base);
    *--end = char(digit < 10 ? '0' + digit : ten + digit - 10);
    value /= base;
  } while (value);
  return end;
}

}  // namespace

__attribute__((weak)) int FormatDouble(char *text, double, int) {
  *text = '?';
  return 1;
}

int Format(char *characters, size_t size, const char *format, va_list list) {
  Text text(characters, size);
  va_list arguments;
  va_copy(arguments, list); /* an array in some ABIs: its address is not that of a parameter */
  for (; *format; ++format) {
    if (*format != '%') {
      text.Put(*format);
      continue;
    }
    ++format;
    Spec spec = ParseSpec(&format);
    const size_t bytes = ParseLength(&format);
    char body[kMostDoubleText], *const end = body + sizeof body, *begin = end;
    switch (const char conversion = *format) {
      case 'd':
      case 'i':
      case 'u':
      case 'x':
      case 'X':
      case 'p': {
        const bool is_signed = conversion == 'd' || conversion == 'i';
        const bool wide = conversion == 'p' ? sizeof(void *) > sizeof(int) : bytes > sizeof(int);
        const int drop = wide ? 0 : 64 - 8 * int(bytes); /* bits beyond the integer's width */
        uint64_t value = wide ? va_arg(arguments, unsigned long long) : va_arg(arguments, unsigned);
        value <<= drop;
        const bool negative = is_signed && int64_t(value) < 0;
        value = is_signed ? uint64_t(int64_t(value) >> drop) : value >> drop;
        begin = Digits(end, negative ? 0 - value : value, is_signed || conversion == 'u' ? 10 : 16,
                       conversion == 'X' ? 'A' : 'a');
        if (negative) *--begin = '-';
        spec.Put(text, begin, int(end - begin));
        break;
      }
      case 'e':
      case 'f':
      case 'g':
        spec.Put(text, body, FormatDouble(body, va_arg(arguments, double), spec.precision));
        break;
      case 'c':
        *body = char(va_arg(arguments, int));
        spec.Put(text, body, 1);
        break;
      case 's': {
        const char *string = va_arg(arguments, const char *);
        if (!string) string = "(null)";
        int length = 0;
        while (length != spec.precision && string[length]) ++length;
        spec.Put(text, string, length);
        break;
      }
      case 0: /* a lone % at the end */
        --format;
        text.Put('%');
        break;
      default:
        text.Put(conversion);
    }
  }
  va_end(arguments);
  return text.Finish();
}

}  // namespace tflite
