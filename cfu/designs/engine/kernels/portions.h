/* Elementwise layers in portions, each computed by a run. */
#ifndef ENGINE_PORTIONS_H
#define ENGINE_PORTIONS_H

#include "engine.h"

enum { ENGINE_SLOTS = CFU_LEAN ? 2 : 4, ENGINE_PORTION = CFU_ACTIVATIONS / 2 / ENGINE_SLOTS }; /* values that are loaded at once; places for them */

/* Portions of `inner` outputs of the innermost axis times `outer` of the axis around it. */
typedef struct {
  const nn_broadcast *shape;
  nn_broadcast_axis innermost, next; /* `next` has size 1 if there is one axis */
  int32_t inner, outer, count;
} engine_portions;

typedef struct {
  int32_t inner, outer, size;
  int32_t from[3]; /* where its first value is: in the output, in the inputs */
} engine_portion;

/* Cut a layer into portions of at most so many values. */
static inline engine_portions engine_portions_of(const nn_broadcast *shape, int32_t most) {
  const int32_t rank = shape->rank;
  engine_portions p = {shape, shape->axes[rank - 1], {1, 0, 0}, 0, 0, 0};
  if (rank > 1) p.next = shape->axes[rank - 2];
  p.inner = engine_min(p.innermost.size, most);
  p.outer = engine_min(p.next.size, engine_max(1, most / p.innermost.size));
  p.count = engine_parts(p.innermost.size, p.inner) * engine_parts(p.next.size, p.outer);
  for (int32_t i = 0; i < rank - 2; ++i) p.count *= shape->axes[i].size;
  return p;
}

static inline engine_portion engine_portion_of(const engine_portions *p, int32_t number) {
  const int32_t across = engine_parts(p->innermost.size, p->inner), down = engine_parts(p->next.size, p->outer);
  const int32_t i = number % across * p->inner, j = number / across % down * p->outer;
  engine_portion found = {engine_min(p->inner, p->innermost.size - i), engine_min(p->outer, p->next.size - j), 0,
                          {i + j * p->innermost.size, i * p->innermost.step1 + j * p->next.step1,
                           i * p->innermost.step2 + j * p->next.step2}};
  int32_t outputs = p->innermost.size * p->next.size;
  number /= across * down;
  for (int32_t axis = p->shape->rank - 3; axis >= 0; --axis) {
    const nn_broadcast_axis *a = p->shape->axes + axis;
    const int32_t index = number % a->size;
    found.from[0] += index * outputs;
    found.from[1] += index * a->step1;
    found.from[2] += index * a->step2;
    outputs *= a->size;
    number /= a->size;
  }
  found.size = found.inner * found.outer;
  return found;
}

/* Whether a layer has large enough portions: the program is not larger than a few tensors. */
static inline int engine_is_worth_it(const nn_broadcast *shape) {
  enum { FEW = 64, SMALL = 8 };
  const engine_portions p = engine_portions_of(shape, ENGINE_PORTION);
  return p.count <= FEW || p.inner * p.outer >= SMALL;
}

/* Load the values of input 1 or 2 for a portion, one for each output. */
static inline void engine_load_portion(engine_program *p, const engine_portions *portions,
                                       const engine_portion *portion, int32_t input, int32_t place) {
  const int32_t within = input == 1 ? portions->innermost.step1 : portions->innermost.step2;
  const int32_t step = input == 1 ? portions->next.step1 : portions->next.step2;
  cfu_load load = {.kind = CFU_TO_ACTIVATIONS, .base = AT_INPUT - 1 + input,
                   .after = engine_max(0, p->runs + 1 - ENGINE_SLOTS), .source = (uint32_t)portion->from[input],
                   .length = portion->inner, .count = portion->outer, .step = step, .place = place,
                   .place_step = portion->inner, .rows = 1};
  if (!within) { /* one value, again and again */
    load.length = load.place_step = 1;
    load.count = load.row_place = portion->inner;
    load.step = 0;
    load.rows = portion->outer;
    load.row_step = step;
  }
  engine_put_load(p, load);
}

#endif
