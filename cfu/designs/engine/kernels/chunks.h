/* Layers whose windows do not fit the stores: the sums of a few channels of a few pixels go on from run to
 * run, each over some rows and channels of the window. */
#ifndef ENGINE_CHUNKS_H
#define ENGINE_CHUNKS_H

#include "windows.h"

enum { ENGINE_KEPT = 16 }; /* chunks of a strip's input that stay for all its channels */

/* Plan chunks of kernel rows and channels, ENGINE_PARTS of which fit at once. Returns 0 when there are none. */
static inline int engine_plan_chunks(const engine_layer *l, engine_plan *p) {
  const int32_t depth = l->channelwise ? engine_min(l->c, CFU_REACH) : l->c / l->groups;
  /* Rows below such a kernel are outside of the input, and change no sum. */
  const int open = l->constant && l->oh == 1 && l->kh - l->padding.h >= l->h;
  if (l->h > ENGINE_MOST_ROWS || p->reach_h > ENGINE_MOST_ROWS || (l->channelwise && CFU_OWN < CFU_REACH)) return 0;
  p->chunked = 1;
  p->outputs = l->channelwise ? CFU_OWN : l->o / l->groups;
  for (p->strip = engine_min(l->ow, CFU_PIXELS); p->strip >= 1; --p->strip) {
    const int32_t width = engine_max(p->reach_w, engine_strip_width(l, p, p->strip));
    for (int32_t slices = 1; slices == 1 || (!l->channelwise && slices <= engine_parts(depth, CFU_LANES)); ++slices) {
      p->slice = slices == 1 ? depth : engine_parts(depth, CFU_LANES * slices) * CFU_LANES;
      p->pixel = l->channelwise && CFU_REACH > CFU_LANES && (p->slice & 3) ? CFU_REACH : p->slice;
      p->columns = l->channelwise || l->dilation.w > 1 || slices > 1 ? l->kw : 1;
      p->words = engine_words(l, p, p->slice);
      if (engine_max(l->padding.w, width) * p->pixel > ENGINE_MOST_BYTES) continue;
      for (p->rows = l->split && p->columns > 1 ? 1 : l->kh; p->rows >= 1; --p->rows) {
        if (l->kh % p->rows && !open) continue;
        p->steps = p->rows * p->columns * p->words * (1 + l->split);
        if (p->steps > CFU_WORDS / ENGINE_PARTS && !l->constant) continue;
        const int32_t rows = engine_min((p->rows - 1) * l->dilation.h + 1, l->h);
        if (rows * width * p->pixel <= ENGINE_ROOM / ENGINE_PARTS) return 1;
      }
    }
  }
  return 0;
}

/* Load a chunk's input for the pixels from x on in line y; returns the position of the first one's window. */
static inline int32_t engine_load_chunk(engine_writing *e, const engine_chunk *chunk, int32_t x, int32_t y) {
  const engine_layer *l = e->layer;
  const engine_plan *p = e->plan;
  const int32_t top = y * l->stride.h - l->padding.h + chunk->row * l->dilation.h;
  e->loaded = engine_max(top, 0);
  const int32_t base = e->activations.filled - e->loaded * e->width * p->pixel;
  engine_load_rows(e, engine_min(top + (p->rows - 1) * l->dilation.h + 1, l->h));
  return base + (top * e->width + x * l->stride.w - l->padding.w - e->column) * p->pixel;
}

/* All channels from `first` on, of the pixels from x on in line y: the outputs of the input channels from `input` on. */
static inline void engine_put_chunks(engine_writing *e, uint32_t records, int32_t first, int32_t outputs,
                                     int32_t input, int32_t x, int32_t y, int32_t strip) {
  const engine_layer *l = e->layer;
  const engine_plan *p = e->plan;
  const int32_t down = engine_parts(l->kh, p->rows), depth = l->channelwise ? p->slice : l->c / l->groups;
  const int32_t chunks = down * engine_parts(depth, p->slice);
  const int32_t rows = engine_min((p->rows - 1) * l->dilation.h + 1, l->h);
  const int kept = chunks <= ENGINE_KEPT && chunks * rows * e->width * p->pixel <= ENGINE_ROOM;
  int32_t positions[ENGINE_KEPT];
  const int32_t start = e->activations.filled;
  const int32_t block = l->channelwise ? CFU_OWN : CFU_FILTERS;
  for (int32_t channel = 0; channel < outputs; channel += block) {
    const int32_t count = engine_min(block, outputs - channel);
    const int32_t record = engine_load_records(e, records, first + channel, count);
    for (int32_t i = 0; i < chunks; ++i) {
      const int32_t at = i / down * p->slice;
      const engine_chunk chunk = {i % down * p->rows, at, engine_min(p->slice, depth - at)};
      const int32_t before = kept ? start : e->activations.filled;
      e->channel = input + at;
      if (channel == 0 || !kept) positions[i % ENGINE_KEPT] = engine_load_chunk(e, &chunk, x, y);
      const int32_t weights = engine_load_filters(e, &chunk, first + channel, count), run = e->program->runs;
      engine_hold(&e->activations, before, run);
      engine_hold(&e->filters, weights, run);
      engine_hold(&e->records, CFU_REQUANTISERS * record, run);
      const cfu_run r = {
          .first = i == 0,
          .last = i == chunks - 1,
          .pixels = strip,
          .position = positions[i % ENGINE_KEPT],
          .top = y * l->stride.h - l->padding.h + chunk.row * l->dilation.h,
          .output = l->first + e->image * l->image + y * l->line + x * l->pixel + first + channel,
          .weights = weights,
          .record = record,
          .channels = count,
          .words = engine_words(l, p, chunk.channels),
      };
      engine_put_run(e->program, r);
    }
  }
}

/* Write the commands of such a layer. */
static inline void engine_put_chunked(engine_program *program, const engine_layer *l, const engine_plan *p,
                                      uint32_t records) {
  engine_writing e = engine_begin_writing(program, l, p);
  const int32_t inputs = l->channelwise ? p->slice : l->c / l->groups;
  for (int32_t x = 0; x < l->ow; x += p->strip) {
    const int32_t strip = engine_min(p->strip, l->ow - x);
    engine_set_columns(&e, x, strip);
    engine_put_strip_settings(&e, x, strip, CFU_OWN);
    for (e.image = 0; e.image < l->images; ++e.image) {
      for (int32_t y = 0; y < l->oh; ++y) {
        for (int32_t group = 0; group * inputs < l->c; ++group) {
          const int32_t first = group * p->outputs;
          engine_put_chunks(&e, records, first, engine_min(p->outputs, l->o - first), group * inputs, x, y, strip);
        }
      }
    }
  }
}

static inline int engine_make_plan(const engine_layer *l, engine_plan *p) {
  return engine_plan_whole(l, p) || engine_plan_chunks(l, p);
}

static inline void engine_put_layer(engine_program *program, const engine_layer *l, const engine_plan *p,
                                    uint32_t records) {
  (p->chunked ? engine_put_chunked : engine_put_whole)(program, l, p, records);
}

#endif
