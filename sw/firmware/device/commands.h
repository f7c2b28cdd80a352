/* The commands: MLPerf Tiny's device API, and what a host needs besides. */
#ifndef CFUFORGE_DEVICE_COMMANDS_H
#define CFUFORGE_DEVICE_COMMANDS_H

#include <stdint.h>

namespace device {

/* Sends the lines of a start, and takes the model that is in memory. */
void Boot();

/* Instead, when there is no memory for a model: says why, and answers every command with that. */
void RefuseAll();

/* A byte that came over the line; runs the command that it ends. */
void Receive(uint8_t byte);

/* Reports a trap and is ready for the next command. */
void RecoverFrom(uint32_t cause, uint32_t pc, uint32_t value);

}  // namespace device
#endif
