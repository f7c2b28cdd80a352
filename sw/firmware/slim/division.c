/* Division of 64-bit numbers in little code: one bit at a time. */
#include <stdint.h>

uint64_t __udivmoddi4(uint64_t number, uint64_t divisor, uint64_t *remainder) {
  uint64_t rest = 0;
  for (int i = 0; i < 64; ++i) {
    const uint64_t carry = rest >> 63; /* the bit shifted out of `rest` */
    rest = rest << 1 | number >> 63;
    number <<= 1;
    if (carry || rest >= divisor) {
      rest -= divisor;
      number |= 1;
    }
  }
  *remainder = rest;
  return number;
}

uint64_t __udivdi3(uint64_t number, uint64_t divisor) {
  uint64_t remainder;
  return __udivmoddi4(number, divisor, &remainder);
}

uint64_t __umoddi3(uint64_t number, uint64_t divisor) {
  uint64_t remainder;
  __udivmoddi4(number, divisor, &remainder);
  return remainder;
}
