/* The DRAM, on boards that have one. */
#ifndef CFUFORGE_DRAM_H
#define CFUFORGE_DRAM_H

#include "soc.h"

/* Initialises the DRAM, trains read timing if the PHY needs it, and tests the last 64 kB. Prints what is
 * wrong. */
#ifdef SOC_DRAM_STEPS
bool StartDram();
#else
inline bool StartDram() { return true; }
#endif

#endif
