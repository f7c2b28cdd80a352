/* The flash, on boards that have one: read on one data line until this is called. */
#ifndef CFUFORGE_FLASH_H
#define CFUFORGE_FLASH_H

#include "soc.h"

/* Enables reading the flash on four data lines, if the chip is known. Nothing may read it meanwhile. */
#ifdef SOC_FLASH_CONTROL_ADDR
void StartFlash();
#else
inline void StartFlash() {}
#endif

#endif
