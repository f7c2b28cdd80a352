/* What the device's program needs from its machine: implemented by serial.cc, memory.cc and start.cc on a
 * board, and by a test on the host. */
#ifndef CFUFORGE_DEVICE_PORT_H
#define CFUFORGE_DEVICE_PORT_H

#include <stddef.h>
#include <stdint.h>

namespace device {

/* Sends one character; waits until the line accepts it. */
void Send(char character);

/* Clock cycles since reset. */
uint64_t Cycles();

struct Room {
  uint8_t *begin;
  size_t size;
};

/* Starts a program, which calls ProgramEnded of commands.h at its end. Does not return on a board. */
void RunProgram(const uint8_t *begin);

/* Where a model is loaded, or a program. */
Room ModelRoom();

/* Where its tensors are, if they fit; otherwise they are in the rest of the model's memory. */
Room ArenaRoom();

/* Where a model may be stored before the start, in read-only memory; size 0 if nowhere. */
Room StoredModel();

/* Buffer for a host's `db load` until it is used as an input; 4-byte aligned. */
Room DbRoom();

/* Identification, for reports. */
extern const char kBoard[], kDesign[];
extern const char kOnlyModel[]; /* the only model whose operators the firmware has; empty if it has all */
extern const uint32_t kClockHz;

}  // namespace device
#endif
