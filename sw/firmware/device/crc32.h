/* CRC-32 as in Ethernet and zip files (ISO-HDLC: polynomial 0x04c11db7, reflected). */
#ifndef CFUFORGE_DEVICE_CRC32_H
#define CFUFORGE_DEVICE_CRC32_H

#include <stddef.h>
#include <stdint.h>

namespace device {

inline uint32_t Crc32(const uint8_t *bytes, size_t size) {
  static constexpr uint32_t kNibbles[16] = {
      0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
      0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  uint32_t crc = ~0u;
  for (; size; --size) {
    crc ^= *bytes++;
    crc = crc >> 4 ^ kNibbles[crc & 15];
    crc = crc >> 4 ^ kNibbles[crc & 15];
  }
  return ~crc;
}

}  // namespace device
#endif
