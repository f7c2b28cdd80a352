/* The commands of the lean engine: see cfu/designs/engine/lean/wire.py. */
#ifndef ENGINE_LEAN_H
#define ENGINE_LEAN_H

static inline uint32_t engine_next(const engine_program *p, int32_t words, uint32_t operation) {
  return (p->to ? nn_address(p->to + p->words + words) : 0) | operation;
}

static inline uint32_t engine_halves(int32_t low, uint32_t high) { return ((uint32_t)low & 0x3fff) | high << 16; }

static inline uint32_t engine_moves(int32_t row, int32_t y, int32_t weight) {
  return ((uint32_t)row & 0xfff) << 2 | ((uint32_t)y & 0x3ff) << 14 | (uint32_t)weight << 24;
}

static inline void engine_put_load(engine_program *p, cfu_load l) {
  const int32_t words = ((int32_t)l.length + 3) / 4, more = (int32_t)l.count - 1;
  const int to_banks = l.kind == CFU_TO_FILTERS;
  const uint32_t banks = to_banks ? 1 : l.kind == CFU_TO_TAPS ? 7 : l.banks & 7;
  const uint32_t back = (uint32_t)l.step * (uint32_t)more + 4 * (uint32_t)words;
  const int32_t back_place = (int32_t)l.place_step * more + 4 * words;
  const uint32_t command[] = {
      engine_next(p, 8, CFU_LOAD),
      engine_halves((int32_t)l.place, (uint32_t)(words - 1) | (((uint32_t)l.length - 1) & 3) << 10),
      (uint32_t)l.source,
      engine_halves((int32_t)l.row_place, (uint32_t)more | (uint32_t)l.kind << 10 | (uint32_t)l.base << 13),
      (uint32_t)l.step - 4 * (uint32_t)words,
      engine_halves((int32_t)l.place_step - 4 * words, ((uint32_t)l.rows - 1) | banks << 10),
      (uint32_t)l.row_step - back,
      engine_halves((to_banks ? 0 : (int32_t)l.row_place) - back_place, 0)};
  engine_put(p, command, sizeof command / 4);
}

static inline void engine_put_settings(engine_program *p, cfu_settings settings) {
  p->settings = settings;
  p->set_words = 0;
}

/* The loops of a run. An elementwise one has the inputs as columns, and values as rows. */
typedef struct {
  int32_t words, columns, rows, blocks, column_step;
} engine_loops;

static inline void engine_put_steps(engine_program *p, const engine_loops *l) {
  const cfu_settings *s = &p->settings;
  if (p->set_words == l->words && p->set_blocks == l->blocks) return;
  p->set_words = l->words, p->set_blocks = l->blocks;
  const int elementwise = (int)s->elementwise;
  const int32_t place = (int32_t)s->group_place, pixel_step = (int32_t)s->pixel_step;
  const int32_t row = -(l->columns - 1) * l->column_step - 4 * (l->words - 1), pixel = row - (l->blocks - 1) * place;
  const int32_t weights = -(l->rows * l->columns * l->words - 1) * (int32_t)s->weight_step;
  const int32_t restart = weights - (l->blocks - 1) * (int32_t)s->group_weights;
  const int32_t up = -(l->rows - 1) * (int32_t)s->row_step, higher = -(l->rows - 1) * (int32_t)s->row_reach;
  const uint32_t moves[] = {engine_moves(0, 0, (int32_t)s->weight_step),
                            engine_moves(0, 0, (int32_t)s->weight_step),
                            engine_moves((int32_t)s->row_step, (int32_t)s->row_reach, (int32_t)s->weight_step),
                            engine_moves(up, higher, weights + (int32_t)s->group_weights),
                            engine_moves(up, higher, restart),
                            engine_moves(up + (int32_t)s->line_step, higher + (int32_t)s->line_rows, restart)};
  const int32_t steps[] = {4, l->column_step - 4 * (l->words - 1), row + elementwise, row + place, pixel + pixel_step,
                           pixel - ((int32_t)s->width - 1) * pixel_step};
  const uint32_t others[] = {(uint32_t)s->row_bytes & 0x3fff,
                             (uint32_t)s->height & 0x3ff,
                             ((uint32_t)s->low & 0xff) | ((uint32_t)s->high & 0xff) << 8,
                             ((uint32_t)s->padding & 0xff) | (uint32_t)elementwise << 8 | ((uint32_t)s->channelwise & 1) << 9,
                             (uint32_t)s->offset & 0x1ff,
                             0};
  for (int i = 0; i < 6; ++i) {
    const uint32_t words[] = {(elementwise ? 0 : moves[i]) | (i ? 0 : CFU_SET), engine_halves(steps[i], others[i])};
    engine_put(p, words, 2);
  }
}

static inline void engine_put_run(engine_program *p, cfu_run r) {
  const cfu_settings *s = &p->settings;
  const int32_t size = s->channelwise ? CFU_OWN : CFU_FILTERS;
  engine_loops l = {(int32_t)r.words, (int32_t)s->columns, (int32_t)s->rows, ((int32_t)r.channels + size - 1) / size,
                    (int32_t)s->column_step};
  int32_t pixels = (int32_t)r.pixels, channels = (int32_t)r.channels, pitch = (int32_t)s->pitch;
  if (s->elementwise) {
    l = (engine_loops){1, s->single ? 1 : 2, (int32_t)r.words, 1, (int32_t)s->pixel_step};
    pixels = channels = pitch = 1;
  }
  engine_put_steps(p, &l);
  const int32_t width = (int32_t)s->width < pixels ? (int32_t)s->width : pixels;
  const int32_t few = channels - (l.blocks - 1) * size - 1;
  const uint32_t command[] = {
      engine_next(p, 8, CFU_RUN),
      engine_halves((int32_t)s->left, (uint32_t)(l.words - 1) | (uint32_t)few << 10 | (uint32_t)r.last << 12),
      engine_moves((int32_t)r.position - (int32_t)s->left, (int32_t)r.top, (int32_t)r.weights),
      ((uint32_t)(pitch - channels + 1) & 0xffff) | (uint32_t)(l.columns - 1) << 16,
      (uint32_t)r.output,
      (uint32_t)(l.rows - 1) << 16,
      (uint32_t)(l.blocks - 1) | (uint32_t)(width - 1) << 8 | (uint32_t)(pixels - 1) << 20,
      ((uint32_t)r.record & 0x7f) << 16};
  engine_put(p, command, sizeof command / 4);
  ++p->runs;
}

static inline void engine_put_end(engine_program *p) {
  const uint32_t end[8] = {CFU_END}; /* as many words as are read at once */
  engine_put(p, end, 8);
}

#endif
