/* The commands of a layer: written when the model is prepared, carried out by the engine.
 *
 * cfu/designs/engine/commands.py describes the commands. A program is written twice: without memory, to learn
 * its size, then into memory.
 */
#ifndef ENGINE_PROGRAM_H
#define ENGINE_PROGRAM_H

#include "cfu.h"
#include "memory_port.h"
#include "nn.h"

enum { AT_ADDRESS, AT_INPUT, AT_SECOND };

typedef struct {
  uint32_t *to;  /* NULL: only count */
  int32_t words; /* written */
  int32_t runs;
#if CFU_LEAN
  cfu_settings settings;         /* of the next runs */
  int32_t set_words, set_blocks; /* what those depend on that were written last; 0: nothing was written */
#endif
} engine_program;

static inline void engine_put(engine_program *p, const void *command, int32_t words) {
  if (p->to) __builtin_memcpy(p->to + p->words, command, 4u * (uint32_t)words);
  p->words += words;
}

/* A store that is filled in order, round and round. What a run reads stays until it has ended. */
#define ENGINE_REMEMBERED 32
typedef struct {
  int32_t size;
  int32_t filled;                    /* in total */
  int32_t free;                      /* number of runs whose data may be overwritten */
  int32_t begin[ENGINE_REMEMBERED];  /* of the data of the last runs */
} engine_ring;

/* Take `size` more; returns the number of runs that have to end before. */
static inline int32_t engine_take(engine_ring *ring, int32_t size, int32_t runs) {
  const int32_t overwritten = ring->filled + size - ring->size;
  while (ring->free < runs && ring->begin[ring->free % ENGINE_REMEMBERED] < overwritten) ++ring->free;
  ring->filled += size;
  return ring->free;
}

/* Note that run number `run` reads what was filled from `begin` on. */
static inline void engine_hold(engine_ring *ring, int32_t begin, int32_t run) {
  if (run - ring->free >= ENGINE_REMEMBERED) ring->free = run - ENGINE_REMEMBERED + 1;
  ring->begin[run % ENGINE_REMEMBERED] = begin;
}

#if CFU_LEAN
#include "lean.h"
#else
static inline void engine_put_load(engine_program *p, cfu_load load) {
  load.operation = CFU_LOAD;
  engine_put(p, &load, sizeof load / 4);
}

static inline void engine_put_run(engine_program *p, cfu_run run) {
  run.operation = CFU_RUN;
  engine_put(p, &run, sizeof run / 4);
  ++p->runs;
}

static inline void engine_put_settings(engine_program *p, cfu_settings settings) {
  settings.operation = CFU_SET;
  engine_put(p, &settings, sizeof settings / 4);
}

static inline void engine_put_end(engine_program *p) {
  const uint32_t end[2] = {CFU_END, 0};
  engine_put(p, end, 2);
}
#endif

#endif
