/* Copies runs of bytes from one strided layout to another: CONCATENATION, SPLIT, PACK, SLICE, STRIDED_SLICE
 * and TRANSPOSE of any type.
 *
 * Single bytes are moved four at a time, so that no load's result is used at once, and words as words;
 * other runs are copied. Returns NN_OK.
 */
#include <stddef.h>

#include "nn.h"

#define SHORT 8 /* bytes: below this, a call costs more than a loop */
#define UNROLLED 4

typedef struct {
  int32_t count, from_step, to_step;
} row;

static void bytes(row r, const int8_t *from, int8_t *to) {
  const int32_t f = r.from_step, t = r.to_step;
  for (; r.count >= UNROLLED; r.count -= UNROLLED, from += UNROLLED * f, to += UNROLLED * t) {
    const int8_t a = from[0], b = from[f], c = from[2 * f], d = from[3 * f];
    to[0] = a;
    to[t] = b;
    to[2 * t] = c;
    to[3 * t] = d;
  }
  for (; r.count > 0; --r.count, from += f, to += t) *to = *from;
}

static void words(row r, const int8_t *from, int8_t *to) {
  for (; r.count > 0; --r.count, from += r.from_step, to += r.to_step) {
    const uint32_t *source = __builtin_assume_aligned(from, 4);
    uint32_t *target = __builtin_assume_aligned(to, 4);
    *target = *source;
  }
}

static void runs(row r, int32_t run, const int8_t *from, int8_t *to) {
  for (; r.count > 0; --r.count, from += r.from_step, to += r.to_step) {
    if (run >= SHORT) {
      __builtin_memcpy(to, from, (size_t)run);
    } else {
      for (int32_t i = 0; i < run; ++i) to[i] = from[i];
    }
  }
}

nn_status nn_move(nn_context *ctx, const nn_move_params *params, const void *input, void *output) {
  const nn_move_axis *axis = params->axis;
  const int32_t run = params->run;
  const row r = {axis[4].count, axis[4].input_step, axis[4].output_step};
  uintptr_t odd = (uintptr_t)input | (uintptr_t)output | (uintptr_t)run;
  const int8_t *in[NN_MOVE_AXES];
  int8_t *out[NN_MOVE_AXES];
  NN_RAN(ctx, "move");
  for (int i = 0; i < NN_MOVE_AXES; ++i)
    odd |= (uintptr_t)axis[i].input_step | (uintptr_t)axis[i].output_step;
  const int whole = run == 4 && odd % 4 == 0;
  in[0] = input;
  out[0] = output;
#define NN_LOOP(i)                                                       \
  in[i + 1] = in[i];                                                     \
  out[i + 1] = out[i];                                                   \
  for (int32_t n##i = 0; n##i < axis[i].count;                           \
       ++n##i, in[i + 1] += axis[i].input_step, out[i + 1] += axis[i].output_step)
  NN_LOOP(0) {
    NN_LOOP(1) {
      NN_LOOP(2) {
        NN_LOOP(3) {
          if (run == 1) {
            bytes(r, in[4], out[4]);
          } else if (whole) {
            words(r, in[4], out[4]);
          } else {
            runs(r, run, in[4], out[4]);
          }
        }
      }
    }
  }
  return NN_OK;
}
