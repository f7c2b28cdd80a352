#include "format.h"

#include <stdint.h>

namespace tflite {
namespace {

constexpr int kMostDigits = 22;    /* of 64 bits in octal */
constexpr int kMostDecimals = 15;  /* more are zeros */
constexpr int kFractionBits = 60;  /* so that ten times a fraction fits into 64 bits */
constexpr int kMantissaBits = 52;
constexpr uint64_t kOne = 1;

/* What stands between % and the conversion. */
struct Spec {
  bool left = false, zero = false, prefix = false;
  char plus = 0; /* what a number that is not negative begins with: + or a blank */
  int width = 0, precision = -1;
};

/* Text that counts what does not fit any more. */
class Text {
 public:
  Text(char *text, size_t size) : text_(text), size_(size) {}

  void Put(char character) {
    if (length_ + 1 < size_) text_[length_] = character;
    ++length_;
  }
  void Repeat(char character, int count) {
    while (count-- > 0) Put(character);
  }
  void Put(const char *characters, int count) {
    while (count-- > 0) Put(*characters++);
  }
  int Finish() {
    if (size_) text_[length_ < size_ ? length_ : size_ - 1] = 0;
    return int(length_);
  }

 private:
  char *text_;
  size_t size_, length_ = 0;
};

int Length(const char *text, int most) {
  int length = 0;
  while (length != most && text[length]) ++length;
  return length;
}

/* `body` in the field's width; zeros go between the sign and the body. */
void PutField(Text &text, const Spec &spec, const char *sign, const char *body, int length) {
  const int signs = Length(sign, -1), fill = spec.width - signs - length;
  if (!spec.left && !spec.zero) text.Repeat(' ', fill);
  text.Put(sign, signs);
  if (!spec.left && spec.zero) text.Repeat('0', fill);
  text.Put(body, length);
  if (spec.left) text.Repeat(' ', fill);
}

/* Writes the digits so that they end before `end`; returns where they begin. */
char *Digits(char *end, uint64_t value, unsigned base, const char *symbols) {
  do {
    *--end = symbols[value % base];
    value /= base;
  } while (value);
  return end;
}

void PutInteger(Text &text, Spec spec, const char *sign, uint64_t value, unsigned base,
                const char *symbols) {
  char digits[kMostDigits], *const end = digits + kMostDigits;
  char *begin = Digits(end, value, base, symbols);
  if (spec.precision >= 0) spec.zero = false;
  while (end - begin < spec.precision && begin > digits) *--begin = '0';
  PutField(text, spec, sign, begin, int(end - begin));
}

void PutSigned(Text &text, const Spec &spec, int64_t value) {
  const char sign[2] = {value < 0 ? '-' : spec.plus};
  PutInteger(text, spec, sign, value < 0 ? 0 - uint64_t(value) : uint64_t(value), 10, "0123456789");
}

/* The number's bits are taken apart, so that no soft float is linked for it. */
void PutDouble(Text &text, Spec spec, double value) {
  uint64_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  const char sign[2] = {bits >> 63 ? '-' : spec.plus};
  const int exponent = int(bits >> kMantissaBits & 0x7ff);
  uint64_t mantissa = bits & ((kOne << kMantissaBits) - 1);
  if (exponent == 0x7ff) {
    spec.zero = false;
    return PutField(text, spec, sign, mantissa ? "nan" : "inf", 3);
  }
  if (exponent) mantissa |= kOne << kMantissaBits;
  const int point = 1023 + kMantissaBits - (exponent ? exponent : 1); /* bits behind the point */
  if (point < kMantissaBits - 63) return PutField(text, spec, sign, "(over 2^64)", 11);

  uint64_t whole = 0, fraction = 0;
  if (point <= 0) {
    whole = mantissa << -point;
  } else if (point < 64) {
    whole = mantissa >> point;
    fraction = mantissa & ((kOne << point) - 1);
    fraction = point <= kFractionBits ? fraction << (kFractionBits - point)
                                      : fraction >> (point - kFractionBits);
  } else if (point - kFractionBits < 64) {
    fraction = mantissa >> (point - kFractionBits);
  }

  char body[kMostDigits + 1 + kMostDecimals], *const dot = body + kMostDigits;
  int decimals = spec.precision < 0 ? 6 : spec.precision;
  if (decimals > kMostDecimals) decimals = kMostDecimals;
  char *end = dot;
  if (decimals || spec.prefix) *end++ = '.';
  for (int i = 0; i < decimals; ++i) {
    fraction *= 10;
    *end++ = char('0' + (fraction >> kFractionBits));
    fraction &= (kOne << kFractionBits) - 1;
  }
  /* To the nearest, half to even; a nine becomes zero and carries. */
  constexpr uint64_t kHalf = kOne << (kFractionBits - 1);
  const bool odd = decimals ? (end[-1] & 1) : (whole & 1);
  bool carry = fraction > kHalf || (fraction == kHalf && odd);
  for (char *digit = end - 1; carry && digit > dot; --digit) {
    carry = *digit == '9';
    *digit = carry ? '0' : char(*digit + 1);
  }
  char *begin = Digits(dot, whole + carry, 10, "0123456789");
  PutField(text, spec, sign, begin, int(end - begin));
}

int Number(const char **format, va_list *arguments) {
  if (**format == '*') {
    ++*format;
    return va_arg(*arguments, int);
  }
  int number = 0;
  while (**format >= '0' && **format <= '9') number = number * 10 + *(*format)++ - '0';
  return number;
}

Spec ParseSpec(const char **format, va_list *arguments) {
  Spec spec;
  for (;; ++*format) {
    if (**format == '-') {
      spec.left = true;
    } else if (**format == '0') {
      spec.zero = true;
    } else if (**format == '#') {
      spec.prefix = true;
    } else if (**format == '+' || (**format == ' ' && !spec.plus)) {
      spec.plus = **format;
    } else if (**format != ' ') {
      break;
    }
  }
  spec.width = Number(format, arguments);
  if (spec.width < 0) {
    spec.left = true;
    spec.width = -spec.width;
  }
  if (**format == '.') {
    ++*format;
    spec.precision = Number(format, arguments);
  }
  return spec;
}

/* Bytes of the integer that h, hh, l, ll, z, j and t announce; up to those of int, one is passed. */
size_t ParseLength(const char **format) {
  size_t bytes = sizeof(int);
  for (;; ++*format) {
    switch (**format) {
      case 'h':
        bytes /= 2; /* twice: a char */
        break;
      case 'l':
        bytes = (*format)[-1] == 'l' ? sizeof(long long) : sizeof(long);
        break;
      case 'z':
      case 't':
        bytes = sizeof(size_t);
        break;
      case 'j':
        bytes = sizeof(intmax_t);
        break;
      default:
        return bytes;
    }
  }
}

}  // namespace

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
    Spec spec = ParseSpec(&format, &arguments);
    const size_t bytes = ParseLength(&format);
    const bool wide = bytes > sizeof(int);
    const int drop = 64 - 8 * int(bytes); /* the bits that the integer does not have */
    const char conversion = *format;
    switch (conversion) {
      case 'd':
      case 'i': {
        const int64_t value = wide ? va_arg(arguments, long long) : va_arg(arguments, int);
        PutSigned(text, spec, int64_t(uint64_t(value) << drop) >> drop);
        break;
      }
      case 'u':
      case 'o':
      case 'x':
      case 'X': {
        const uint64_t value =
            wide ? va_arg(arguments, unsigned long long) : va_arg(arguments, unsigned);
        const unsigned base = conversion == 'u' ? 10 : conversion == 'o' ? 8 : 16;
        const char *sign = spec.prefix && base == 16 ? (conversion == 'x' ? "0x" : "0X") : "";
        PutInteger(text, spec, sign, value << drop >> drop, base,
                   conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef");
        break;
      }
      case 'p':
        PutInteger(text, spec, "0x", uintptr_t(va_arg(arguments, void *)), 16, "0123456789abcdef");
        break;
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
        PutDouble(text, spec, va_arg(arguments, double));
        break;
      case 's': {
        const char *string = va_arg(arguments, const char *);
        if (!string) string = "(null)";
        spec.zero = false;
        PutField(text, spec, "", string, Length(string, spec.precision));
        break;
      }
      case 'c': {
        const char character = char(va_arg(arguments, int));
        spec.zero = false;
        PutField(text, spec, "", &character, 1);
        break;
      }
      case 0: /* a lonely % at the end */
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
