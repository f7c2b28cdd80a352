/* The position of the extreme value of a row; the first one on a tie.
 *
 * nn_arg              for every row, the index 0..size-1 of the value with the largest
 *                     sign * value. sign is 1 or -1.
 */
#ifndef CFUFORGE_NN_ARG_H
#define CFUFORGE_NN_ARG_H

#include "blocking.h"
#include "nn.h"

NN_INLINE void nn_arg(int sign, const nn_rows *rows, const int8_t *input, int32_t *output) {
  const int32_t size = rows->size, inner = rows->inner;
  for (int32_t o = 0; o < rows->outer; ++o, input += size * inner) {
    for (int32_t i = 0; i < inner; ++i) {
      const int8_t *x = input + i;
      int32_t best = sign * *x, place = 0;
      for (int32_t k = 1; k < size; ++k) {
        const int32_t value = sign * *(x += inner);
        if (value > best) {
          best = value;
          place = k;
        }
      }
      *output++ = place;
    }
  }
}

#endif
