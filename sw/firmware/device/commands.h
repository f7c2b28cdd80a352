/* The commands: MLPerf Tiny's device API, and our own. */
#ifndef CFUFORGE_DEVICE_COMMANDS_H
#define CFUFORGE_DEVICE_COMMANDS_H

#include "program.h"

namespace device {

/* Sends the start-up lines, and picks up a model in memory. */
void Boot();

/* Called instead if there is no memory for a model: says why, and answers every command with that. */
void RefuseAll();

/* Takes a received byte; runs the command if that ends one. */
void Receive(uint8_t byte);

/* Reports a trap, and gets ready for the next command. */
void RecoverFrom(uint32_t cause, uint32_t pc, uint32_t value);

/* Reports the end of a program, which may have overwritten the model. */
void ProgramEnded(Ending how, uint32_t a, uint32_t b, uint32_t c);

}  // namespace device
#endif
