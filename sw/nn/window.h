/* Which taps of a filter lie inside the input, along one axis.
 *
 * nn_clip             taps first <= k < last read input positions origin + k * dilation that are
 *                     inside 0..size-1; first == last when none does. taps, dilation, size >= 1.
 */
#ifndef CFUFORGE_NN_WINDOW_H
#define CFUFORGE_NN_WINDOW_H

#include "nn.h"

typedef struct {
  int32_t first, last;
} nn_taps;

static inline nn_taps nn_clip(int32_t origin, int32_t dilation, int32_t taps, int32_t size) {
  nn_taps inside = {0, taps};
  if (origin < 0) inside.first = dilation == 1 ? -origin : (dilation - 1 - origin) / dilation;
  if (origin + (taps - 1) * dilation >= size) {
    const int32_t room = size - origin;
    inside.last = room <= 0 ? 0 : dilation == 1 ? room : (dilation - 1 + room) / dilation;
  }
  if (inside.first > inside.last) inside.first = inside.last;
  return inside;
}

#endif
