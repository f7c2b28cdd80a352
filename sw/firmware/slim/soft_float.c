/* Software floating point in little code: the functions that compilers call to compute with float and
 * double. Results follow IEEE 754: rounded to nearest, ties to even, with subnormal numbers, infinities,
 * and one NaN. Slow, because it works bit by bit.
 *
 * Values are passed as bits, as in the ABI. Floats are computed as doubles, which have more than twice as
 * many bits, so that rounding twice gives the same result as rounding once.
 */
#include <stdint.h>

#ifndef SOFT_FLOAT /* a test on the host gives the functions other names */
#define SOFT_FLOAT(name) __##name
#endif

#define ONE ((uint64_t)1 << 62) /* the leading bit of a mantissa */
#define SPARE 10                /* mantissa bits beyond a double's */
#define FRACTION_DOUBLE 52
#define FRACTION_FLOAT 23
#define BIAS_DOUBLE 1023
#define BIAS_FLOAT 127

/* Exponents far beyond all others: infinity, whose negation means zero, and NaN. */
#define INFINITE 0x4000
#define NOT_A_NUMBER 0x40000

/* mantissa / ONE * 2^exponent. Bit 0 of a mantissa is set when any bit below it is. Zero's mantissa
 * is 0; others are at least ONE when unpacked, and anything when packed. */
typedef struct {
  uint64_t mantissa;
  int exponent;
  int negative;
} number;

static uint64_t half(uint64_t mantissa) { return mantissa >> 1 | (mantissa & 1); }

static number unpack(int negative, uint64_t fraction, int exponent, int bias) {
  number x = {fraction & (ONE - 1), exponent - bias, negative};
  if (exponent > 2 * bias) {
    x.exponent = x.mantissa ? NOT_A_NUMBER : INFINITE;
  } else if (exponent == 0) {
    if (x.mantissa == 0) return (number){0, -INFINITE, negative};
    for (++x.exponent; x.mantissa < ONE; --x.exponent) x.mantissa <<= 1;
  }
  x.mantissa |= ONE;
  return x;
}

static number unpack_double(uint64_t bits) {
  return unpack((int)(bits >> 63), bits << SPARE, (int)(bits >> FRACTION_DOUBLE) & 0x7ff,
                BIAS_DOUBLE);
}

/* The bits of a number in a format, without the sign; a double's are all in the fraction. */
typedef struct {
  uint32_t exponent;
  uint64_t fraction; /* to be added, as it may carry into the exponent */
} format;

static format pack(number x, int bias, int fraction) {
  int exponent = x.exponent + bias;
  uint64_t mantissa = x.mantissa;
  if (mantissa >= 2 * ONE) {
    mantissa = half(mantissa);
    ++exponent;
  }
  for (; mantissa && mantissa < ONE; --exponent) mantissa <<= 1;
  if (x.exponent >= NOT_A_NUMBER / 2 || x.exponent <= -NOT_A_NUMBER / 2 ||
      (mantissa == 0 && x.exponent >= INFINITE)) {
    exponent = 2 * bias + 2;
    mantissa = ONE / 2;
  } else if (exponent > 2 * bias) {
    exponent = 2 * bias + 1;
    mantissa = ONE;
  }
  for (; exponent < 1 && mantissa > 1; ++exponent) mantissa = half(mantissa);
  if (exponent < 1 || mantissa == 0) exponent = 1;
  for (; fraction < FRACTION_DOUBLE; ++fraction) mantissa = half(mantissa);
  mantissa += (1 << (SPARE - 1)) - 1 + (mantissa >> SPARE & 1);
  return (format){(uint32_t)exponent - 1, mantissa >> SPARE};
}

static uint64_t pack_double(number x) {
  const format bits = pack(x, BIAS_DOUBLE, FRACTION_DOUBLE);
  return ((uint64_t)bits.exponent << FRACTION_DOUBLE) + bits.fraction + ((uint64_t)x.negative << 63);
}

/* The exponent of a product or quotient; NaN if undefined, as infinity times zero. */
static int sum(int a, int b) {
  return a + b == 0 && (a >= INFINITE || a <= -INFINITE) ? NOT_A_NUMBER : a + b;
}

typedef enum { ADD, MULTIPLY, DIVIDE } operation;

static uint64_t compute(uint64_t a_bits, uint64_t b_bits, operation operation) {
  number a = unpack_double(a_bits), b = unpack_double(b_bits);
  uint64_t mantissa = 0;
  if (operation == ADD) {
    if (a.exponent < b.exponent) {
      const number other = a;
      a = b;
      b = other;
    }
    for (; b.exponent < a.exponent && b.mantissa > 1; ++b.exponent) b.mantissa = half(b.mantissa);
    if (a.negative == b.negative) {
      mantissa = a.mantissa + b.mantissa;
    } else if (a.mantissa > b.mantissa) {
      mantissa = a.mantissa - b.mantissa;
    } else {
      mantissa = b.mantissa - a.mantissa;
      a.negative = mantissa ? b.negative : 0;
    }
  } else {
    a.negative ^= b.negative;
    if (operation == MULTIPLY) {
      for (uint64_t factor = b.mantissa >> SPARE; factor; factor >>= 1) {
        mantissa = half(mantissa);
        if (factor & 1) mantissa += a.mantissa;
      }
    } else {
      b.exponent = -b.exponent;
      for (int i = 0; i < 63; ++i) {
        mantissa <<= 1;
        if (a.mantissa >= b.mantissa) {
          a.mantissa -= b.mantissa;
          mantissa |= 1;
        }
        a.mantissa <<= 1;
      }
      mantissa |= a.mantissa != 0;
    }
    a.exponent = sum(a.exponent, b.exponent);
  }
  a.mantissa = mantissa;
  return pack_double(a);
}

uint64_t SOFT_FLOAT(extendsfdf2)(uint32_t bits) {
  return pack_double(unpack((int)(bits >> 31), (uint64_t)bits << (62 - FRACTION_FLOAT),
                          (int)(bits >> FRACTION_FLOAT) & 0xff, BIAS_FLOAT));
}

uint32_t SOFT_FLOAT(truncdfsf2)(uint64_t value) {
  const number x = unpack_double(value);
  const format bits = pack(x, BIAS_FLOAT, FRACTION_FLOAT);
  return (bits.exponent << FRACTION_FLOAT) + (uint32_t)bits.fraction + ((uint32_t)x.negative << 31);
}

static uint32_t compute_floats(uint32_t a, uint32_t b, operation operation) {
  return SOFT_FLOAT(truncdfsf2)(
      compute(SOFT_FLOAT(extendsfdf2)(a), SOFT_FLOAT(extendsfdf2)(b), operation));
}

#define ARITHMETIC(name, operation, sign_of_b)                                         \
  uint64_t SOFT_FLOAT(name##df3)(uint64_t a, uint64_t b) {                              \
    return compute(a, b ^ (uint64_t)(sign_of_b) << 63, operation);                      \
  }                                                                                     \
  uint32_t SOFT_FLOAT(name##sf3)(uint32_t a, uint32_t b) {                              \
    return compute_floats(a, b ^ (uint32_t)(sign_of_b) << 31, operation);               \
  }
ARITHMETIC(add, ADD, 0)
ARITHMETIC(sub, ADD, 1)
ARITHMETIC(mul, MULTIPLY, 0)
ARITHMETIC(div, DIVIDE, 0)

uint64_t SOFT_FLOAT(floatsidf)(int32_t value) {
  const int64_t wide = value;
  return pack_double((number){(uint64_t)(value < 0 ? -wide : wide), 62, value < 0});
}

uint64_t SOFT_FLOAT(floatunsidf)(uint32_t value) { return pack_double((number){value, 62, 0}); }

uint32_t SOFT_FLOAT(floatsisf)(int32_t value) {
  return SOFT_FLOAT(truncdfsf2)(SOFT_FLOAT(floatsidf)(value));
}

/* Rounds toward zero, saturates to 32 bits; NaN gives 0. */
int32_t SOFT_FLOAT(fixdfsi)(uint64_t bits) {
  const number x = unpack_double(bits);
  if (x.exponent < 0 || x.exponent == NOT_A_NUMBER) return 0;
  if (x.exponent > 30) return x.negative ? INT32_MIN : INT32_MAX;
  const int32_t whole = (int32_t)((uint32_t)(x.mantissa >> 31) >> (31 - x.exponent));
  return x.negative ? -whole : whole;
}

int32_t SOFT_FLOAT(fixsfsi)(uint32_t value) {
  return SOFT_FLOAT(fixdfsi)(SOFT_FLOAT(extendsfdf2)(value));
}

/* Negative, 0 or positive if a is below, equal to or above b; `unordered` if either is NaN. */
static int compare(uint64_t a, uint64_t b, int unordered) {
  const uint64_t infinity = (uint64_t)0x7ff << FRACTION_DOUBLE, sign = (uint64_t)1 << 63;
  if ((a & ~sign) > infinity || (b & ~sign) > infinity) return unordered;
  /* Bits are ordered like the values if negative ones count down from zero. */
  const int64_t x = (int64_t)(a & sign ? sign - a : a), y = (int64_t)(b & sign ? sign - b : b);
  return (x > y) - (x < y);
}

static int compare_floats(uint32_t a, uint32_t b, int unordered) {
  return compare(SOFT_FLOAT(extendsfdf2)(a), SOFT_FLOAT(extendsfdf2)(b), unordered);
}

#define COMPARISON(name, unordered)                                                           \
  int SOFT_FLOAT(name##df2)(uint64_t a, uint64_t b) { return compare(a, b, unordered); }        \
  int SOFT_FLOAT(name##sf2)(uint32_t a, uint32_t b) { return compare_floats(a, b, unordered); }
COMPARISON(eq, 1)
COMPARISON(ne, 1)
COMPARISON(lt, 1)
COMPARISON(le, 1)
COMPARISON(gt, -1)
COMPARISON(ge, -1)
