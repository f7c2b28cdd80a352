/* The DRAM of boards that have one: nothing else is asked of them before it is used. */
#ifndef CFUFORGE_DRAM_H
#define CFUFORGE_DRAM_H

#include "soc.h"

/* Initialises the DRAM, trains reading where its PHY has to, and tests the last 64 kB of it. Says
 * what is wrong. */
#ifdef SOC_DRAM_STEPS
bool StartDram();
#else
inline bool StartDram() { return true; }
#endif

#endif
