/* What the kernels of simd_mac share: a tile is CFU_ROWS output pixels by 4 output channels.
 *
 * The CFU requantises a finished tile in the background. Its outputs are therefore read late, when
 * the next tile is nearly done: until then they are `pending`.
 */
#ifndef SIMD_MAC_TILES_H
#define SIMD_MAC_TILES_H

#include "blocking.h"
#include "cfu.h"
#include "nn.h"

#define CHANNELS 4

typedef uint32_t __attribute__((may_alias)) word; /* four int8, the first in the low byte */

/* A tile's outputs that the CFU still holds: rows (0: none) of `channels` bytes, `pitch` apart. */
typedef struct {
  int8_t *output;
  int32_t pitch, rows, channels;
} pending_tile;

static inline int is_aligned(const void *pointer) { return ((uintptr_t)pointer & 3) == 0; }

NN_INLINE void store_bytes(int8_t *output, word packed, int32_t count) {
  for (; count > 0; --count, packed >>= 8) *output++ = (int8_t)packed;
}

/* Read the outputs of a tile of `rows`, a constant, and store them. */
NN_INLINE void store_rows(int rows, const pending_tile *tile) {
  word packed[CFU_ROWS];
  int8_t *output = tile->output;
  NN_UNROLL for (int r = 0; r < rows; ++r) packed[r] = cfu_read(r);
  if (tile->channels == CHANNELS && ((((uintptr_t)output) | (uintptr_t)tile->pitch) & 3) == 0) {
    NN_UNROLL for (int r = 0; r < rows; ++r, output += tile->pitch) *(word *)output = packed[r];
  } else {
    NN_UNROLL for (int r = 0; r < rows; ++r, output += tile->pitch)
      store_bytes(output, packed[r], tile->channels);
  }
}

/* Store what is pending. */
NN_INLINE void flush(pending_tile *tile) {
  if (tile->rows == 1)
    store_rows(1, tile);
  else if (tile->rows != 0)
    store_rows(CFU_ROWS, tile);
  tile->rows = 0;
}

/* Give the CFU the scales and biases of up to four channels from `o` on. */
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
      cfu_set_quant(k, (uint32_t)multiplier[k], shift[k]);
      cfu_set_bias(k, start[k]);
    }
    return;
  }
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) {
    if (k < count) cfu_set_quant(k, (uint32_t)quant->multiplier[o + k], quant->shift[o + k]);
    cfu_set_bias(k, bias && k < count ? bias[o + k] : 0);
  }
}

/* Copy bytes, by words where both sides allow it. */
static inline void copy_bytes(int8_t *to, const int8_t *from, int32_t count) {
  if (is_aligned(to) && is_aligned(from)) {
    for (; count >= 16; count -= 16, to += 16, from += 16) {
      const word a = ((const word *)from)[0], b = ((const word *)from)[1];
      const word c = ((const word *)from)[2], d = ((const word *)from)[3];
      ((word *)to)[0] = a, ((word *)to)[1] = b, ((word *)to)[2] = c, ((word *)to)[3] = d;
    }
    for (; count >= 4; count -= 4, to += 4, from += 4) *(word *)to = *(const word *)from;
  }
  for (; count >= 4; count -= 4, to += 4, from += 4) {
    const int8_t a = from[0], b = from[1], c = from[2], d = from[3];
    to[0] = a, to[1] = b, to[2] = c, to[3] = d;
  }
  for (; count > 0; --count) {
    *to++ = *from++;
    NN_HOLD(count); /* or the compiler would call memcpy */
  }
}

/* Fill `count` bytes, a multiple of 4, from an aligned address on. */
static inline void fill_words(int8_t *to, int8_t value, int32_t count) {
  const word filler = (uint8_t)value * 0x01010101u;
  for (; count > 0; count -= 4, to += 4) {
    *(word *)to = filler;
    NN_HOLD(count);
  }
}

#endif
