/* The flash of boards that have one: it is read on one line until this is called. */
#ifndef CFUFORGE_FLASH_H
#define CFUFORGE_FLASH_H

#include "soc.h"

/* Lets the flash be read on four lines, if it is a chip that is known. Nothing may read it meanwhile. */
#ifdef SOC_FLASH_CONTROL_ADDR
void StartFlash();
#else
inline void StartFlash() {}
#endif

#endif
