/* The mailbox through which the host and the firmware communicate in memory.
 *
 * The host finds the symbol `mailbox` in the ELF, writes the `in` half before it lets the CPU out of
 * reset, and reads the `out` half after the firmware has written a stop code to the simulation's
 * finish register. All fields are 32-bit little-endian words, addresses are the CPU's.
 * cfuforge.sim.mailbox mirrors this layout, and a test compares the two.
 */
#ifndef CFUFORGE_MAILBOX_H
#define CFUFORGE_MAILBOX_H

#include <stdint.h>

#define MAILBOX_MAGIC 0x4d554643u /* "CFUM", written by the firmware's initialised data */
#define MAILBOX_VERSION 2u

/* How the firmware stopped: mailbox.status, and the value written to the finish register. */
enum mailbox_status {
  MAILBOX_RUNNING = 0,
  MAILBOX_DONE = 1,  /* the inference is complete */
  MAILBOX_ERROR = 2, /* message says why: a model or arena that cannot be used */
  MAILBOX_TRAP = 3,  /* trap_* describe it */
};

/* One executed operator. */
struct mailbox_layer {
  uint32_t builtin;       /* tflite BuiltinOperator */
  uint32_t cycles;        /* mcycle around the operator's Eval, low word */
  uint32_t ran;           /* address of a C string such as "simd_mac/conv_s8"; 0: no kernel reported */
  uint32_t scratch_bytes; /* requested by the kernel */
};

/* A piece of a message whose format string is only in the ELF file, like all texts of the slim firmware. */
struct mailbox_piece {
  uint32_t format;       /* address of the printf format; 0 ends the pieces */
  uint32_t place;        /* address of the arguments, of which 8-byte ones were 8-byte aligned */
  uint32_t arguments[6]; /* the arguments and what followed them */
};

#define MAILBOX_PIECES 40 /* most pieces of a message */

struct mailbox {
  uint32_t magic, version;
  /* in */
  uint32_t model, model_size;
  uint32_t arena, arena_size;
  uint32_t input, input_size;   /* all inputs, one after another */
  uint32_t output, output_size; /* room for all outputs, one after another */
  uint32_t layers, layer_limit; /* room for mailbox_layer[] */
  /* out, before Invoke */
  uint32_t context; /* address of the tflite::MicroContext, which knows where everything is */
  /* out */
  uint32_t status;
  uint32_t message; /* address of a C string or, in the slim firmware, of mailbox_piece[]; 0: none */
  uint32_t layer_count;
  uint32_t arena_used;
  uint32_t invoke_cycles_low, invoke_cycles_high; /* mcycle around Invoke */
  uint32_t output_bytes;
  uint32_t trap_cause, trap_pc, trap_value;
};

#endif
