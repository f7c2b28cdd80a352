/* What the device's program needs of the machine that it runs on: serial.cc, memory.cc and start.cc on a
 * board, a test's own functions on the host. */
#ifndef CFUFORGE_DEVICE_PORT_H
#define CFUFORGE_DEVICE_PORT_H

#include <stddef.h>
#include <stdint.h>

namespace device {

/* Sends one character; waits while the line cannot take it. */
void Send(char character);

/* Clock cycles since reset. */
uint64_t Cycles();

struct Room {
  uint8_t *begin;
  size_t size;
};

/* Where a model is loaded to. */
Room ModelRoom();

/* Where its tensors are if there is room; else they are in what the model leaves of its own. */
Room ArenaRoom();

/* Where a model may have been stored before the start, in memory that is only read; of size 0: nowhere. */
Room StoredModel();

/* What stands between a host's `db load` and its use as an input; on a multiple of 4. */
Room DbRoom();

/* For the reports: what this is. */
extern const char kBoard[], kDesign[];
extern const char kOnlyModel[]; /* whose operators the firmware has; empty: it has all */
extern const uint32_t kClockHz;

}  // namespace device
#endif
