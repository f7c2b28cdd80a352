/* PAD and PADV2 of any type: adds a value around the input along up to five axes.
 *
 * Padding is filled in one go, and a row of the innermost axis is copied in one. Returns NN_OK.
 */
#include <stddef.h>

#include "nn.h"

/* `bytes` is a multiple of the value's size, which is 1, 2 or 4. */
static int8_t *fill(const nn_pad_params *params, int8_t *to, int32_t bytes) {
  if (params->element == 1) {
    if (bytes > 0) __builtin_memset(to, params->value, (size_t)bytes);
  } else if (params->element == 2) {
    int16_t *target = __builtin_assume_aligned(to, 2);
    for (int32_t i = 0; i < bytes / 2; ++i) target[i] = (int16_t)params->value;
  } else {
    int32_t *target = __builtin_assume_aligned(to, 4);
    for (int32_t i = 0; i < bytes / 4; ++i) target[i] = params->value;
  }
  return to + bytes;
}

typedef struct {
  const nn_pad_params *params;
  int32_t bytes[NN_PAD_AXES]; /* bytes of the output per step along each axis */
  const int8_t *from;
  int8_t *to;
} walk;

/* Recurses once per axis. */
static void pad(walk *w, int number) {
  const nn_pad_axis *axis = &w->params->axis[number];
  w->to = fill(w->params, w->to, axis->before * w->bytes[number]);
  if (number == NN_PAD_AXES - 1) {
    __builtin_memcpy(w->to, w->from, (size_t)axis->size);
    w->from += axis->size;
    w->to += axis->size;
  } else {
    for (int32_t i = 0; i < axis->size; ++i) pad(w, number + 1);
  }
  w->to = fill(w->params, w->to, axis->after * w->bytes[number]);
}

nn_status nn_pad(nn_context *ctx, const nn_pad_params *params, const void *input, void *output) {
  walk w = {.params = params, .from = input, .to = output};
  NN_RAN(ctx, "pad");
  w.bytes[NN_PAD_AXES - 1] = 1;
  for (int i = NN_PAD_AXES - 1; i > 0; --i) {
    const nn_pad_axis *axis = &params->axis[i];
    w.bytes[i - 1] = w.bytes[i] * (axis->before + axis->size + axis->after);
  }
  pad(&w, 0);
  return NN_OK;
}
