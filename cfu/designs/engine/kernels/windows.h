/* The commands of a layer with windows: convolution, depthwise, fully connected, pools, means. */
#ifndef ENGINE_WINDOWS_H
#define ENGINE_WINDOWS_H

#include "program.h"

typedef struct {
  int32_t images, h, w, c;           /* input */
  int32_t oh, ow, o;                 /* output */
  int32_t kh, kw;                    /* kernel */
  nn_size stride, padding, dilation;
  int32_t groups;                    /* of channels, each with filters of its own */
  int32_t channelwise;               /* one group, whose output channel k reads input channel k */
  int32_t constant, weight;          /* all weights are `weight` */
  int32_t maximum;                   /* the largest product in place of the sum */
  int32_t outside, low, high, offset;
  int32_t split;                     /* a run takes its bytes twice: see engine_put_halves, engine_put_added */
  int32_t added;                     /* to each weight; then it is split */
  const int8_t *repeated;            /* if split: ENGINE_REPEATED bytes, each `added`, which may be 0 */
  const int8_t *filter;              /* o x kh x kw x (c / groups), or kh x kw x c when channelwise */
  /* Where the outputs go: the first one; and the distances of pixels, lines and images. */
  int32_t first, pixel, line, image;
} engine_layer;

static inline int32_t engine_min(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t engine_max(int32_t a, int32_t b) { return a > b ? a : b; }
static inline int32_t engine_parts(int32_t size, int32_t part) { return (size + part - 1) / part; }

/* How a layer is cut to pieces that fit the stores. */
typedef struct {
  int32_t chunked;                   /* a window is more than one run: see chunks.h */
  int32_t rows;                      /* of the kernel, in a run */
  int32_t columns, words, steps;     /* of a kernel row; of a run of bytes; of a sum in a run */
  int32_t slice, outputs;            /* input channels that are loaded at once; the output channels of them */
  int32_t pixel;                     /* bytes of a loaded pixel */
  int32_t strip;                     /* output columns */
  int32_t reach_h, reach_w;          /* of a window, in input rows and columns */
  int32_t pass;                      /* output channels between loads of filters */
  int32_t together;                  /* the records of a slice are loaded at once, not as those loads */
  int32_t whole;                     /* a run may have all lines: its pixels lie at equal distances */
  int32_t lines;                     /* output lines of a run that is computed while input is loaded */
  int32_t resident;                  /* a strip's input fits: it is loaded once for all passes */
} engine_plan;

#define ENGINE_ROOM (CFU_ACTIVATIONS - 16)
#define ENGINE_MOST_BYTES (CFU_LEAN ? 0xfff : 0x7fff) /* of an input row */
#define ENGINE_MOST_ROWS (CFU_LEAN ? 0xff : 0x3fff) /* of an input, of a window */
#define ENGINE_MOST_PIXELS (CFU_LEAN ? 0x1000 : 0xffff) /* of a run */
#define ENGINE_BEAT 8 /* bytes that are loaded in a cycle */

/* The words of a run of bytes of so many input channels. */
static inline int32_t engine_words(const engine_layer *l, const engine_plan *p, int32_t channels) {
  return l->channelwise ? 1 : engine_parts(p->columns == 1 ? l->kw * channels : channels, CFU_LANES);
}

static inline int32_t engine_strip_width(const engine_layer *l, const engine_plan *p, int32_t strip) {
  return engine_min((strip - 1) * l->stride.w + p->reach_w, l->w);
}

#define ENGINE_PARTS (2 - CFU_LEAN) /* of a store: what a run reads, and what is loaded meanwhile */

/* Whether so many runs of `lines` lines fit. */
static inline int32_t engine_fits(const engine_layer *l, const engine_plan *p, int32_t lines) {
  const int32_t rows = engine_min((ENGINE_PARTS * lines - 1) * l->stride.h + p->reach_h, l->h);
  return rows * engine_strip_width(l, p, p->strip) * p->pixel <= ENGINE_ROOM;
}

/* Plan for whole windows; returns 0 when they do not fit. */
static inline int engine_plan_whole(const engine_layer *l, engine_plan *p) {
  p->chunked = 0;
  p->rows = l->kh;
  p->reach_h = (l->kh - 1) * l->dilation.h + 1;
  p->reach_w = (l->kw - 1) * l->dilation.w + 1;
  p->strip = l->ow;
  p->slice = l->c / l->groups;
  p->outputs = l->o / l->groups;
  if (l->channelwise) {
    p->columns = l->kw;
    p->words = 1;
    p->pixel = CFU_REACH > CFU_LANES && l->c & 3 ? (l->c + 7) & ~7 : l->c; /* the second word is read aligned */
    const int32_t taps = l->constant ? 1 : l->kh * l->kw;
    if (taps > CFU_WORDS) return 0;
    const int32_t most = engine_max(1, engine_min(CFU_WORDS / ENGINE_PARTS / taps, CFU_RECORDS / ENGINE_PARTS / CFU_REACH));
    if (!engine_fits(l, p, 1) || engine_parts(l->c, CFU_REACH) > most) {
      if (l->c <= CFU_REACH) {
        p->slice = l->c;
      } else {
        p->slice = engine_min(most * CFU_REACH, l->c / CFU_REACH * CFU_REACH);
        for (;; p->slice -= CFU_REACH) {
          p->pixel = p->slice;
          if (p->slice <= CFU_REACH || engine_fits(l, p, 1)) break;
        }
      }
    }
    /* There is one window: its first channels are summed while others are loaded. */
    const int32_t portion = CFU_REACH * engine_max(2, engine_parts(128, p->reach_h * p->reach_w));
    if (!CFU_LEAN && l->oh * l->ow == 1 && portion < p->slice) p->slice = p->pixel = portion;
    p->steps = l->kh * l->kw;
    p->outputs = p->pass = p->slice;
  } else {
    p->columns = l->dilation.w == 1 ? 1 : l->kw;
    p->words = engine_words(l, p, p->slice);
    p->pixel = p->slice;
    p->steps = l->kh * p->columns * p->words * (1 + l->split);
    if (p->steps > CFU_WORDS || (l->split && p->columns > 1 && p->rows > 1)) return 0;
    const int32_t groups = engine_parts(p->outputs, CFU_FILTERS);
    const int all = groups * p->steps <= CFU_WORDS && p->outputs <= CFU_RECORDS;
    const int32_t half = engine_min(CFU_WORDS / ENGINE_PARTS / p->steps, CFU_RECORDS / ENGINE_PARTS / CFU_FILTERS);
    p->pass = all ? p->outputs : CFU_FILTERS * engine_max(1, half);
  }
  while (!engine_fits(l, p, 1)) {
    if (p->strip == 1) break;
    p->strip = engine_parts(p->strip, 2);
  }
  const int32_t strip_width = engine_strip_width(l, p, p->strip);
  if (engine_min(p->reach_h, l->h) * strip_width * p->pixel > ENGINE_ROOM) return 0;
  if (engine_max(strip_width, p->reach_w) * p->pixel > ENGINE_MOST_BYTES) return 0;
  if (l->padding.w * p->pixel > ENGINE_MOST_BYTES || l->h > ENGINE_MOST_ROWS || p->reach_h > ENGINE_MOST_ROWS) return 0;
  if (p->strip > ENGINE_MOST_PIXELS) return 0;
  const int32_t rows = engine_min((l->oh - 1) * l->stride.h + p->reach_h, l->h);
  p->resident = rows * strip_width * p->pixel <= ENGINE_ROOM;
  const int32_t pixels = l->oh * p->strip;
  p->together = p->outputs <= CFU_RECORDS / ENGINE_PARTS;
  p->whole = p->strip == l->ow && l->line == l->ow * l->pixel;
  if (CFU_LEAN) {
    /* Nothing is loaded meanwhile: in large portions. */
  } else if (!l->channelwise && p->resident && pixels < 32) {
    /* The filters take longer to load than to use: in small portions. */
    p->pass = engine_min(p->pass, CFU_FILTERS * engine_parts(64, p->steps));
  } else if (!l->channelwise && p->resident && p->whole && l->images == 1) {
    /* The first portion takes about as long to use as the input to load, beside the outputs' writes; the others
     * are loaded meanwhile. */
    const int32_t input = rows * strip_width * p->pixel / ENGINE_BEAT;
    const int32_t spare = p->steps * engine_parts(pixels, CFU_PIXELS) - pixels * CFU_FILTERS / ENGINE_BEAT;
    if (spare > 0) p->pass = engine_min(p->pass, CFU_FILTERS * engine_max(1, input / spare));
    p->together = 0;
  }
  const int32_t cycles = engine_max(1, p->steps * engine_parts(p->pass, CFU_FILTERS) * p->strip / CFU_PIXELS);
  /* Lines that take some time, and whose pixels are whole groups if that is possible. */
  const int32_t least = CFU_LEAN ? l->oh : engine_min(l->oh, engine_parts(p->resident ? 64 : 256, cycles));
  p->lines = 0;
  for (int32_t lines = least; lines <= l->oh && engine_fits(l, p, lines); ++lines) {
    p->lines = lines;
    if (lines * p->strip % CFU_PIXELS == 0) break;
  }
  if (!p->lines) p->lines = least;
  while (p->lines > 1 && !engine_fits(l, p, p->lines)) --p->lines;
  if (!p->whole) p->lines = 1;
  if (CFU_LEAN) p->lines = engine_parts(l->oh, engine_parts(l->oh, p->lines)); /* the last ones stay loaded */
  return 1;
}

/* What is written while a layer's commands are. */
typedef struct {
  const engine_layer *layer;
  const engine_plan *plan;
  engine_program *program;
  engine_ring activations, filters, records;
  int32_t image, channel;            /* of the first loaded channel */
  int32_t column, width;             /* input columns of the strip */
  int32_t start, base;               /* where its first row is in the ring; where row 0 would be */
  int32_t loaded;                    /* input rows loaded so far: the end */
  int32_t line, lines;               /* of the last run */
} engine_writing;

/* Load input rows up to `end`. */
static inline void engine_load_rows(engine_writing *e, int32_t end) {
  const engine_layer *l = e->layer;
  const engine_plan *p = e->plan;
  const int32_t rows = end - e->loaded, pitch = e->width * p->pixel;
  if (rows <= 0) return;
  cfu_load load = {.kind = CFU_TO_ACTIVATIONS, .base = AT_INPUT, .count = 1, .rows = 1};
  load.place = e->activations.filled;
  load.after = engine_take(&e->activations, rows * pitch, e->program->runs);
  load.source = (uint32_t)(((e->image * l->h + e->loaded) * l->w + e->column) * l->c + e->channel);
  if (p->pixel == l->c && e->width == l->w) {
    load.length = rows * pitch;
  } else if (p->pixel == l->c) {
    load.length = pitch;
    load.count = rows;
    load.step = l->w * l->c;
    load.place_step = pitch;
  } else {
    load.length = engine_min(p->slice, l->c - e->channel);
    load.count = e->width;
    load.step = l->c;
    load.place_step = p->pixel;
    load.rows = rows;
    load.row_step = l->w * l->c;
    load.row_place = pitch;
  }
  engine_put_load(e->program, load);
  e->loaded = end;
}

/* Part of a window: kernel rows from `row` on, input channels from `channel` on. */
typedef struct {
  int32_t row, channel, channels;
} engine_chunk;

enum { ENGINE_REPEATED = 2 * CFU_WORDS };

/* Load filters one of which has a weight of -128 beside a negative one: two products in one multiplier would meet.
 * A run takes each of its bytes twice, first with the even filters, then with the odd ones; the others are zero.
 * load: of all filters as they are; half: bytes from the first place of the even ones to that of the odd ones. */
static inline void engine_put_halves(engine_program *p, const engine_layer *l, const cfu_load *load, int32_t half) {
  cfu_load part = *load;
  part.kind = CFU_TO_TABLE;
  part.row_step = CFU_FILTERS * load->row_step;
  for (int32_t bank = 0; bank < engine_min(CFU_FILTERS, load->rows); ++bank) {
    part.banks = 1 << bank;
    part.source = load->source + (uint32_t)(bank * load->row_step);
    part.rows = engine_parts(load->rows - bank, CFU_FILTERS);
    part.place = load->place + (bank & 1) * half;
    engine_put_load(p, part);
  }
  part.source = nn_address(l->repeated);
  part.step = part.row_step = 0;
  part.rows = engine_parts(load->rows, CFU_FILTERS);
  for (int32_t odd = 0; odd < 2; ++odd) {
    part.banks = 0x55 << odd;
    part.place = load->place + (1 - odd) * half;
    engine_put_load(p, part);
  }
}

/* Load filters with a number to be added to their weights: with that number, a run takes its bytes again. */
static inline void engine_put_added(engine_program *p, const engine_layer *l, const cfu_load *load, int32_t half) {
  cfu_load part = *load;
  engine_put_load(p, part);
  part.kind = CFU_TO_TABLE;
  part.banks = (1 << CFU_FILTERS) - 1;
  part.source = nn_address(l->repeated);
  part.step = part.row_step = 0;
  part.rows = engine_parts(load->rows, CFU_FILTERS);
  part.place += half;
  engine_put_load(p, part);
}

/* Load the part of the filters of `count` output channels from `channel` on; returns their first word. */
static inline int32_t engine_load_filters(engine_writing *e, const engine_chunk *chunk, int32_t channel,
                                          int32_t count) {
  const engine_layer *l = e->layer;
  const engine_plan *p = e->plan;
  const int32_t place = e->filters.filled;
  if (l->constant && !CFU_LEAN) return place;
  cfu_load load = {.kind = CFU_TO_FILTERS, .base = AT_ADDRESS, .count = 1, .rows = 1};
  if (l->constant) {
    load.kind = CFU_TO_TAPS;
    load.after = engine_take(&e->filters, 1, e->program->runs);
    load.source = nn_address(l->filter);
    load.length = CFU_REACH;
    load.place = place * CFU_REACH;
    engine_put_load(e->program, load);
    return place;
  }
  const int32_t groups = engine_parts(count, l->channelwise ? CFU_REACH : CFU_FILTERS);
  load.after = engine_take(&e->filters, groups * p->steps, e->program->runs);
  load.count = p->rows * p->columns;
  if (l->channelwise) {
    load.kind = CFU_TO_TAPS;
    load.source = nn_address(l->filter) + (uint32_t)(chunk->row * l->kw * l->c + channel);
    load.length = count;
    load.step = l->c;
    load.place = place * CFU_REACH;
    load.place_step = groups * CFU_REACH;
  } else {
    const int32_t depth = l->c / l->groups, terms = l->kh * l->kw * depth, words = engine_words(l, p, chunk->channels);
    load.source = nn_address(l->filter) + (uint32_t)(channel * terms + chunk->row * l->kw * depth + chunk->channel);
    load.place = place * 4;
    load.rows = count;
    load.row_step = terms;
    load.row_place = p->steps * 4;
    load.step = p->columns == 1 ? l->kw * depth : depth;
    load.length = p->columns == 1 ? l->kw * chunk->channels : chunk->channels;
    load.place_step = words * 4;
    if (l->split) {
      if (p->columns == 1) load.place_step *= 2;
      (l->added ? engine_put_added : engine_put_halves)(e->program, l, &load, words * 4 * p->columns);
      return place;
    }
    if (load.length == load.step && (load.length & 3) == 0) load.length *= load.count, load.count = 1;
  }
  engine_put_load(e->program, load);
  return place;
}

/* Load the records of as many; returns the number of the first group. */
static inline int32_t engine_load_records(engine_writing *e, uint32_t records, int32_t channel, int32_t count) {
  const int32_t place = e->records.filled;
  cfu_load load = {.kind = CFU_TO_RECORDS, .base = AT_ADDRESS, .count = 1, .rows = 1};
  load.after = engine_take(&e->records, engine_parts(count, CFU_REQUANTISERS) * CFU_REQUANTISERS, e->program->runs);
  load.source = records + 8u * (uint32_t)channel;
  load.length = 8 * count;
  load.place = 8 * place;
  engine_put_load(e->program, load);
  return place / CFU_REQUANTISERS;
}

static inline void engine_put_strip_settings(engine_writing *e, int32_t x, int32_t strip,
                                             int32_t channels) {
  const engine_layer *l = e->layer;
  const engine_plan *p = e->plan;
  const int32_t pitch = e->width * p->pixel;
  const int32_t taps = engine_parts(channels, CFU_REACH) * CFU_REACH / CFU_OWN;
  const int one_weight = CFU_LEAN && l->constant; /* which has been loaded */
  const int rows_twice = l->split && p->columns > 1; /* otherwise it is the columns */
  const cfu_settings s = {
      .channelwise = l->channelwise,
      .maximum = l->maximum,
      .constant = l->constant && !CFU_LEAN,
      .padding = l->outside,
      .weight = l->weight,
      .low = l->low,
      .high = l->high,
      .offset = l->offset,
      .rows = rows_twice ? 2 : p->rows,
      .columns = p->columns == 1 ? 1 + l->split : p->columns,
      .row_step = rows_twice ? 0 : l->dilation.h * pitch,
      .column_step = p->columns == 1 ? 0 : l->dilation.w * p->pixel,
      .row_reach = rows_twice ? 0 : l->dilation.h,
      .width = strip,
      .line_rows = l->stride.h,
      .pixel_step = l->stride.w * p->pixel,
      .line_step = l->stride.h * pitch,
      .left = (x * l->stride.w - l->padding.w - e->column) * p->pixel,
      .row_bytes = pitch,
      .height = l->h,
      .pitch = l->pixel,
      .weight_step = one_weight ? 0 : l->channelwise ? taps : 1,
      .group_weights = one_weight ? 0 : l->channelwise ? 1 : p->steps,
      .group_place = l->channelwise ? CFU_OWN : 0,
  };
  engine_put_settings(e->program, s);
}

/* Output channels of a strip of output columns: `count` from `channel` on. */
typedef struct {
  int32_t x, strip, channel, count, weights, record;
} engine_pass;

/* Begin to load at an input row. */
static inline void engine_begin_rows(engine_writing *e, int32_t row) {
  e->loaded = engine_min(engine_max(0, row), e->layer->h - 1);
  e->start = e->activations.filled;
  e->base = e->start - e->loaded * e->width * e->plan->pixel;
}

/* So many lines of a pass from line y on. */
static inline void engine_put_some_lines(engine_writing *e, const engine_pass *pass, int32_t y, int32_t lines) {
  const engine_layer *l = e->layer;
  const engine_plan *p = e->plan;
  const int32_t pitch = e->width * p->pixel, top = y * l->stride.h - l->padding.h;
  engine_load_rows(e, engine_min(top + (lines - 1) * l->stride.h + p->reach_h, l->h));
  const int32_t run = e->program->runs;
  const int32_t begin = e->base + engine_max(top, 0) * pitch;
  engine_hold(&e->activations, p->resident ? e->start : engine_min(begin, e->activations.filled), run);
  engine_hold(&e->filters, pass->weights, run);
  engine_hold(&e->records, CFU_REQUANTISERS * pass->record, run);
  const cfu_run r = {
      .first = 1,
      .last = 1,
      .pixels = lines * pass->strip,
      .position = e->base + top * pitch + (pass->x * l->stride.w - l->padding.w - e->column) * p->pixel,
      .top = top,
      .output = l->first + e->image * l->image + y * l->line + pass->x * l->pixel + pass->channel,
      .weights = l->channelwise ? pass->weights * (CFU_REACH / CFU_OWN) : pass->weights,
      .record = pass->record,
      .channels = pass->count,
      .words = p->words,
  };
  engine_put_run(e->program, r);
  e->line = y;
  e->lines = lines;
}

/* All lines of a pass. If their input does not fit, the lines come first whose input is still there. */
static inline void engine_put_lines(engine_writing *e, const engine_pass *pass, int32_t again) {
  const engine_layer *l = e->layer;
  const engine_plan *p = e->plan;
  const int32_t end = engine_min((l->oh - 1) * l->stride.h - l->padding.h + p->reach_h, l->h);
  const int32_t kept = CFU_LEAN && again && !p->resident ? e->line : -1, kept_lines = e->lines;
  if (kept >= 0) engine_put_some_lines(e, pass, kept, kept_lines);
  if (!again || !p->resident) engine_begin_rows(e, -l->padding.h);
  for (int32_t y = 0, lines; y < l->oh; y += lines) {
    lines = p->whole && e->loaded >= end ? l->oh : p->lines;
    lines = engine_min(engine_min(lines, l->oh - y), ENGINE_MOST_PIXELS / pass->strip);
    if (y == kept) {
      lines = kept_lines;
      if (y + lines < l->oh) engine_begin_rows(e, (y + lines) * l->stride.h - l->padding.h);
    } else {
      engine_put_some_lines(e, pass, y, lines);
    }
  }
}

/* The input columns that an output column and the ones right of it need. */
static inline void engine_set_columns(engine_writing *e, int32_t x, int32_t strip) {
  const engine_layer *l = e->layer;
  e->column = engine_min(engine_max(0, x * l->stride.w - l->padding.w), l->w - 1);
  const int32_t end = engine_min(l->w, (x + strip - 1) * l->stride.w - l->padding.w + e->plan->reach_w);
  e->width = engine_max(1, end - e->column);
}

static inline engine_writing engine_begin_writing(engine_program *program, const engine_layer *l,
                                                  const engine_plan *p) {
  const int32_t runs = program->runs; /* of earlier layers: they end before the stores are overwritten */
  return (engine_writing){.layer = l, .plan = p, .program = program,
                          .activations = {CFU_ACTIVATIONS, 0, runs},
                          .filters = {CFU_WORDS, 0, runs},
                          .records = {CFU_RECORDS, 0, runs}};
}

/* Write the commands of a layer whose windows fit; records: the address of 8 bytes for each output channel. */
static inline void engine_put_whole(engine_program *program, const engine_layer *l,
                                    const engine_plan *p, uint32_t records) {
  engine_writing e = engine_begin_writing(program, l, p);
  int32_t weights = 0, record = 0;
  const int32_t slices = engine_parts(l->c, p->slice);
  for (int32_t slice = 0; slice < slices; ++slice) {
    const int32_t first = slice * p->outputs, outputs = engine_min(p->outputs, l->o - first);
    int32_t ready = 0; /* all filters of the slice are loaded */
    e.channel = slice * p->slice;
    for (int32_t x = 0; x < l->ow; x += p->strip) {
      const int32_t strip = engine_min(p->strip, l->ow - x);
      engine_set_columns(&e, x, strip);
      if (slice == 0 || outputs < p->outputs || p->strip < l->ow) engine_put_strip_settings(&e, x, strip, outputs);
      for (e.image = 0; e.image < l->images; ++e.image) {
        for (int32_t channel = 0; channel < outputs; channel += p->pass) {
          const int32_t count = engine_min(p->pass, outputs - channel);
          if (!ready) {
            const engine_chunk whole = {0, 0, p->slice};
            weights = engine_load_filters(&e, &whole, first + channel, count);
            if (!p->together || channel == 0)
              record = engine_load_records(&e, records, first + channel, p->together ? outputs : count);
            else
              record += p->pass / CFU_REQUANTISERS;
            ready = count == outputs;
          }
          const engine_pass pass = {x, strip, first + channel, count, weights, record};
          engine_put_lines(&e, &pass, channel != 0);
        }
      }
    }
  }
}

#endif
