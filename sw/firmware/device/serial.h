/* The line's other direction; port.h has Send. */
#ifndef CFUFORGE_DEVICE_SERIAL_H
#define CFUFORGE_DEVICE_SERIAL_H

#include <stdint.h>

namespace device {

/* The next byte; waits for it. */
uint8_t Get();

}  // namespace device
#endif
