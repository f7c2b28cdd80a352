/* Shared by the kernels of simd_mac. A tile is CFU_ROWS output pixels by 4 output channels.
 *
 * The CFU requantises a finished tile in the background. A loop over tiles therefore reads and stores
 * a tile's outputs when the next tile is nearly done.
 */
#ifndef SIMD_MAC_TILES_H
#define SIMD_MAC_TILES_H

#include "blocking.h"
#include "cfu.h"
#include "nn.h"

#define CHANNELS 4

typedef uint32_t __attribute__((may_alias)) word; /* four int8, the first in the low byte */

static inline int is_aligned(const void *pointer) { return ((uintptr_t)pointer & 3) == 0; }

NN_INLINE void store_bytes(int8_t *output, word packed, int32_t count) {
  for (; count > 0; --count, packed >>= 8) *output++ = (int8_t)packed;
}

/* Whether tiles of `channels` at `output`, pixels `pitch` bytes apart, are stored as words. */
static inline int stored_as_words(const int8_t *output, int32_t pitch, int32_t channels) {
  return channels == CHANNELS && (((uintptr_t)output | (uintptr_t)pitch) & 3) == 0;
}

/* Read the outputs of a tile and store them; `rows` is a constant. */
NN_INLINE void store_tile(int rows, int8_t *output, int32_t pitch, int32_t channels, int as_words) {
  word packed[CFU_ROWS];
  NN_UNROLL for (int r = 0; r < rows; ++r) packed[r] = cfu_read((uint32_t)r);
  if (as_words) {
    NN_UNROLL for (int r = 0; r < rows; ++r, output += pitch) *(word *)output = packed[r];
  } else {
    NN_UNROLL for (int r = 0; r < rows; ++r, output += pitch)
      store_bytes(output, packed[r], channels);
  }
}

/* Set the scales and biases of up to four channels from `o` on. */
NN_INLINE void set_channels(const nn_channel_quant *quant, const int32_t *bias, int32_t o,
                            int32_t count) {
  if (count == CHANNELS && bias) {
    int32_t multiplier[CHANNELS], shift[CHANNELS], start[CHANNELS];
    NN_UNROLL for (int k = 0; k < CHANNELS; ++k) {
      multiplier[k] = quant->multiplier[o + k];
      shift[k] = quant->shift[o + k];
      start[k] = bias[o + k];
    }
    NN_UNROLL for (int k = 0; k < CHANNELS; ++k) {
      cfu_set_quant((uint32_t)k, (uint32_t)multiplier[k], shift[k]);
      cfu_set_bias((uint32_t)k, start[k]);
    }
    return;
  }
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) {
    if (k < count) cfu_set_quant((uint32_t)k, (uint32_t)quant->multiplier[o + k], quant->shift[o + k]);
    cfu_set_bias((uint32_t)k, bias && k < count ? bias[o + k] : 0);
  }
}

/* Copy bytes, as words when pointers and count are multiples of four. */
NN_INLINE void copy_bytes(int8_t *to, const int8_t *from, int32_t count) {
  const int8_t *const end = from + count;
  if ((((uintptr_t)to | (uintptr_t)from | (uintptr_t)count) & 3) == 0) {
    for (; end - from >= 16; to += 16, from += 16) {
      const word a = ((const word *)from)[0], b = ((const word *)from)[1];
      const word c = ((const word *)from)[2], d = ((const word *)from)[3];
      ((word *)to)[0] = a, ((word *)to)[1] = b, ((word *)to)[2] = c, ((word *)to)[3] = d;
    }
    for (; from != end; to += 4, from += 4) *(word *)to = *(const word *)from;
    return;
  }
  for (; end - from >= 4; to += 4, from += 4) {
    const int8_t a = from[0], b = from[1], c = from[2], d = from[3];
    to[0] = a, to[1] = b, to[2] = c, to[3] = d;
  }
  for (; from != end; ++to, ++from) {
    *to = *from;
    NN_HOLD(from); /* or the compiler would call memcpy */
  }
}

/* Fill `count` bytes, a multiple of 4, at an aligned address. */
static inline void fill_words(int8_t *to, int8_t value, int32_t count) {
  const word filler = (uint8_t)value * 0x01010101u;
  for (; count > 0; count -= 4, to += 4) {
    *(word *)to = filler;
    NN_HOLD(count);
  }
}

#endif
