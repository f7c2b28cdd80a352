/* The commands of a layer: written when the model is prepared, carried out by the engine.
 *
 * The layouts are those of cfu/designs/engine/commands.py. A program is written twice: without memory, to learn
 * its size, then into memory.
 */
#ifndef ENGINE_PROGRAM_H
#define ENGINE_PROGRAM_H

#include "cfu.h"
#include "memory_port.h"
#include "nn.h"

enum { ENGINE_LOAD = 1, ENGINE_RUN = 2, ENGINE_SET = 3 };
typedef enum { TO_ACTIVATIONS, TO_FILTERS, TO_TAPS, TO_TABLE, TO_RECORDS } engine_store;
enum { AT_ADDRESS, AT_INPUT, AT_SECOND };

typedef struct {
  uint32_t *to;  /* NULL: only count */
  int32_t words; /* written */
  int32_t runs;
} engine_program;

static inline void engine_word(engine_program *p, uint32_t word) {
  if (p->to) p->to[p->words] = word;
  ++p->words;
}

static inline void engine_halves(engine_program *p, int32_t low, int32_t high) {
  engine_word(p, ((uint32_t)low & 0xffff) | (uint32_t)high << 16);
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

typedef struct {
  engine_store store;
  int32_t base, after, banks;
  uint32_t source;
  int32_t length, count, step, place_step;
  int32_t place, rows, row_step, row_place;
} engine_load;

static inline void engine_put_load(engine_program *p, const engine_load *l) {
  engine_word(p, ENGINE_LOAD | (uint32_t)l->store << 2 | (uint32_t)l->base << 5 |
                     ((uint32_t)l->after & 0xffff) << 8 | (uint32_t)l->banks << 24);
  engine_word(p, l->source);
  engine_halves(p, l->length, l->count);
  engine_word(p, (uint32_t)l->step);
  engine_halves(p, l->place, l->place_step);
  engine_halves(p, l->rows, l->row_place);
  engine_word(p, (uint32_t)l->row_step);
  engine_word(p, 0);
}

typedef struct {
  int32_t first, last, pixels, position, top, output, weights, record, channels, words;
} engine_run;

static inline void engine_put_run(engine_program *p, const engine_run *r) {
  engine_word(p, ENGINE_RUN | (uint32_t)r->first << 2 | (uint32_t)r->last << 3 |
                     ((uint32_t)r->pixels & 0xffff) << 8);
  engine_halves(p, r->position, r->top);
  engine_word(p, (uint32_t)r->output);
  engine_halves(p, r->weights, r->record);
  engine_halves(p, r->channels, r->words);
  engine_word(p, 0);
  ++p->runs;
}

typedef struct {
  int32_t channelwise, elementwise, single, maximum, constant;
  int32_t padding, weight, low, high, offset;
  int32_t rows, columns, row_step, column_step, row_reach;
  int32_t width, line_rows, pixel_step, line_step, left, row_bytes, height, pitch;
  int32_t weight_step, group_weights, group_place;
} engine_settings;

static inline void engine_put_settings(engine_program *p, const engine_settings *s) {
  engine_word(p, ENGINE_SET | (uint32_t)s->channelwise << 2 | (uint32_t)s->elementwise << 3 |
                     (uint32_t)s->single << 4 | (uint32_t)s->maximum << 5 |
                     (uint32_t)s->constant << 6 | ((uint32_t)s->padding & 0xff) << 8 |
                     ((uint32_t)s->weight & 0xff) << 16 | ((uint32_t)s->low & 0xff) << 24);
  engine_word(p, ((uint32_t)s->high & 0xff) | ((uint32_t)s->offset & 0x1ff) << 8);
  engine_halves(p, s->rows, s->columns);
  engine_halves(p, s->row_step, s->column_step);
  engine_halves(p, s->row_reach, s->width);
  engine_halves(p, s->line_rows, s->pixel_step);
  engine_halves(p, s->line_step, s->left);
  engine_halves(p, s->row_bytes, s->height);
  engine_halves(p, s->pitch, s->weight_step);
  engine_halves(p, s->group_weights, s->group_place);
  engine_word(p, 0);
  engine_word(p, 0);
}

static inline void engine_put_end(engine_program *p) {
  engine_word(p, 0);
  engine_word(p, 0);
}

#endif
