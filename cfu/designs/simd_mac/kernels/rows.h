/* Products of one row of inputs with the weights of four channels, which are used only once: the time is that of
 * fetching them. A loop step takes eight words, a line of the data cache, of each channel, with the same words of the
 * input in registers. The sums are row 0's.
 */
#ifndef SIMD_MAC_ROWS_H
#define SIMD_MAC_ROWS_H

#include "tiles.h"

#define STEP 8 /* words */

/* Add the next `steps` * STEP words of all four channels; steps is a constant. */
NN_INLINE void long_steps(int steps, const word **x, const word **w) {
  NN_UNROLL for (int step = 0; step < steps; ++step) {
    const int last = step == steps - 1;
    word input[STEP], weight[STEP];
    NN_UNROLL for (int i = 0; i < STEP; ++i) input[i] = (*x)[step * STEP + i];
    NN_UNROLL for (int k = 0; k < CHANNELS; ++k) {
      NN_UNROLL for (int i = 0; i < STEP; ++i) weight[i] = w[k][step * STEP + i];
      if (last) w[k] += steps * STEP;
      if (last && k == 0) *x += steps * STEP;
      NN_UNROLL for (int i = 0; i < STEP; ++i) cfu_dot((uint32_t)k, input[i], weight[i]);
      NN_HOLD(w[k]); /* or the compiler also keeps an offset to its start */
    }
  }
}

/* Add the next word of all four channels. */
NN_INLINE void short_step(const word **x, const word **w) {
  const word input = *(*x)++;
  word weight[CHANNELS];
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) weight[k] = *w[k]++;
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) cfu_dot((uint32_t)k, input, weight[k]);
}

/* Add the products of `words` words to the sums of four channels, whose weights are at w. */
NN_INLINE void dot_channels(int32_t words, const word *x, const word **w) {
  const word *const end = x + words, *const long_end = x + (words & ~(2 * STEP - 1));
  while (x != long_end) long_steps(2, &x, w);
  if (words & STEP) long_steps(1, &x, w);
  while (x != end) short_step(&x, w);
}

/* Compute the sums of four channels, whose rows are `row` bytes apart. */
NN_INLINE void dot_rows(int32_t words, const word *x, const int8_t *filter, int32_t row) {
  const word *w[CHANNELS];
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k, filter += row) w[k] = (const word *)filter;
  dot_channels(words, x, w);
}

#endif
