/* Receiving on the line; port.h has Send. */
#ifndef CFUFORGE_DEVICE_SERIAL_H
#define CFUFORGE_DEVICE_SERIAL_H

#include <stdint.h>

namespace device {

/* Waits for the next byte and returns it. */
uint8_t Get();

}  // namespace device
#endif
