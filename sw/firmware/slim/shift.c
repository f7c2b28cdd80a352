/* Shifts of 64-bit numbers by 0 to 63 places, in little code. */
#include <stdint.h>

typedef union {
  uint64_t all;
  struct {
    uint32_t low, high;
  };
} parts;

uint64_t __ashldi3(uint64_t number, int places) {
  parts p = {number};
  if (places & 32) p.high = p.low, p.low = 0;
  places &= 31;
  p.high = p.high << places | p.low >> 1 >> (31 - places);
  p.low <<= places;
  return p.all;
}

uint64_t __lshrdi3(uint64_t number, int places) {
  parts p = {number};
  if (places & 32) p.low = p.high, p.high = 0;
  places &= 31;
  p.low = p.low >> places | p.high << 1 << (31 - places);
  p.high >>= places;
  return p.all;
}

int64_t __ashrdi3(int64_t number, int places) {
  const uint64_t sign = (uint64_t)(number >> 63);
  return (int64_t)(__lshrdi3((uint64_t)number ^ sign, places) ^ sign);
}
