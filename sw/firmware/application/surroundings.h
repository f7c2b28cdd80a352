/* What surrounds a program: alone.cc for one that the board starts, loaded.cc for one that the device firmware
 * starts. */
#ifndef CFUFORGE_APPLICATION_SURROUNDINGS_H
#define CFUFORGE_APPLICATION_SURROUNDINGS_H

#include <stdint.h>

/* From the first C code to what exit does. */
extern "C" [[noreturn]] void application_start();

/* Ends the program, whose main has returned `status`. */
[[noreturn]] void End(int status);

/* The console: waits for a character, and writes text. */
uint8_t Read();
void Write(const char *text);

#endif
