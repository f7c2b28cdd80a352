/* Sets the quad bit of the flash's status registers, through the register that drives its pins. */
#include "flash.h"

#ifdef SOC_FLASH_CONTROL_ADDR
#include <stdint.h>

namespace {

enum Control : uint32_t { kQuad = 1, kManual = 2, kSelect = 4, kOutput = 8 };
enum Command : uint8_t {
  kWriteStatus = 0x01,
  kReadStatus = 0x05,
  kWriteEnable = 0x06,
  kWriteStatus2 = 0x31,
  kReadStatus2 = 0x35,
  kIdentify = 0x9F,
};
constexpr uint32_t kBusy = 1;

/* The chips used in Fomu, by manufacturer (foboot's sources have their IDs, C84015 and C22815), and where
 * their data sheets have the quad bit. */
struct Chip {
  uint8_t manufacturer, read, write, quad;
};
constexpr Chip kChips[] = {
    {0xC8, kReadStatus2, kWriteStatus2, 0x02}, /* GigaDevice GD25Q16C */
    {0xC2, kReadStatus, kWriteStatus, 0x40},   /* Macronix MX25R1635F */
};

volatile uint32_t &Register(uint32_t address) {
  return *reinterpret_cast<volatile uint32_t *>(address);
}

uint32_t Exchange(uint32_t byte) {
  uint32_t answer = 0;
  for (int bit = 7; bit >= 0; --bit) {
    Register(SOC_FLASH_CONTROL_ADDR) = kManual | kSelect | (byte >> bit & 1 ? kOutput : 0);
    answer = answer << 1 | Register(SOC_FLASH_INPUT_ADDR);
  }
  return answer;
}

void Deselect() { Register(SOC_FLASH_CONTROL_ADDR) = kManual; }

uint32_t Ask(Command command) {
  Exchange(command);
  const uint32_t answer = Exchange(0);
  Deselect();
  return answer;
}

/* Sets the quad bit unless it is set: it is non-volatile, and writing wears the chip. */
bool AllowQuad() {
  const uint32_t manufacturer = Ask(kIdentify);
  for (const Chip &chip : kChips) {
    if (chip.manufacturer != manufacturer) continue;
    const uint32_t status = Ask(Command(chip.read));
    if (status & chip.quad) return true;
    Exchange(kWriteEnable);
    Deselect();
    Exchange(chip.write);
    Exchange(status | chip.quad);
    Deselect();
    while (Ask(kReadStatus) & kBusy) {
    }
    return Ask(Command(chip.read)) & chip.quad;
  }
  return false;
}

}  // namespace

void StartFlash() {
  Deselect();
  Register(SOC_FLASH_CONTROL_ADDR) = AllowQuad() ? kQuad : 0;
}
#endif
