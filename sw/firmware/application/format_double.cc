/* %f for applications, without floating-point arithmetic: works on the bits of the number. */
#include "format.h"

#include <stdint.h>

namespace tflite {
namespace {

constexpr int kMostDigits = 20;   /* of 64 bits */
constexpr int kMostDecimals = 15; /* further ones are dropped */
constexpr int kMantissaBits = 52;
constexpr int kFractionBits = 60; /* so that 10 * fraction fits into 64 bits */
constexpr uint64_t kOne = 1;

int Copy(char *text, const char *from, int length) {
  for (int i = 0; i < length; ++i) text[i] = from[i];
  return length;
}

}  // namespace

int FormatDouble(char *text, double value, int precision) {
  uint64_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  const int sign = bits >> 63 ? Copy(text, "-", 1) : 0;
  text += sign;
  const int exponent = int(bits >> kMantissaBits & 0x7ff);
  uint64_t mantissa = bits & ((kOne << kMantissaBits) - 1);
  if (exponent == 0x7ff) return sign + Copy(text, mantissa ? "nan" : "inf", 3);
  if (exponent) mantissa |= kOne << kMantissaBits;
  const int below = 1023 + kMantissaBits - (exponent ? exponent : 1); /* bits after the point */
  if (below < kMantissaBits - 63) return sign + Copy(text, "(over 2^64)", 11);

  uint64_t whole = 0, fraction = 0;
  if (below <= 0) {
    whole = mantissa << -below;
  } else if (below < 64) {
    whole = mantissa >> below;
    fraction = mantissa & ((kOne << below) - 1);
    fraction = below <= kFractionBits ? fraction << (kFractionBits - below)
                                      : fraction >> (below - kFractionBits);
  } else if (below - kFractionBits < 64) {
    fraction = mantissa >> (below - kFractionBits);
  }

  char body[kMostDigits + 1 + kMostDecimals], *const dot = body + kMostDigits;
  if (precision < 0) precision = 6;
  if (precision > kMostDecimals) precision = kMostDecimals;
  char *end = dot;
  if (precision) *end++ = '.';
  for (int i = 0; i < precision; ++i) {
    fraction *= 10;
    *end++ = char('0' + (fraction >> kFractionBits));
    fraction &= (kOne << kFractionBits) - 1;
  }
  /* Rounds to nearest, ties to even; a 9 becomes 0 and carries. */
  constexpr uint64_t kHalf = kOne << (kFractionBits - 1);
  const bool odd = precision ? (end[-1] & 1) : (whole & 1);
  bool carry = fraction > kHalf || (fraction == kHalf && odd);
  for (char *digit = end - 1; carry && digit > dot; --digit) {
    carry = *digit == '9';
    *digit = carry ? '0' : char(*digit + 1);
  }
  whole += carry;
  char *begin = dot;
  do {
    *--begin = char('0' + whole % 10);
    whole /= 10;
  } while (whole);
  return sign + Copy(text, begin, int(end - begin));
}

}  // namespace tflite
