/* Where things are. On a board with several memories soc.h says so; if it names none for the arena, that is
 * in the rest of the firmware's memory. Otherwise model and arena share the rest of main_ram. */
#include "port.h"
#include "soc.h"

extern "C" {

extern uint8_t _end[], _code_end[], _main_ram_end[]; /* link.ld */

/* Begin and end of the memory for the model. Read at run time: a simulation finds it in the ELF file, and
 * puts a model there before the start. */
extern const volatile uintptr_t device_model_room[2];
#ifdef SOC_MODEL_ADDR
const volatile uintptr_t device_model_room[2] = {SOC_MODEL_ADDR, SOC_MODEL_ADDR + SOC_MODEL_BYTES};
#else
const volatile uintptr_t device_model_room[2] = {uintptr_t(_end), uintptr_t(_main_ram_end)};
#endif
}

#ifndef SOC_DB_BYTES
#define SOC_DB_BYTES 27648u /* what MLPerf Tiny allows */
#endif

namespace device {
namespace {

#ifndef SOC_DB_ADDR
alignas(16) uint8_t db_bytes[SOC_DB_BYTES];
#endif

Room RoomAt(uintptr_t address, size_t size) { return {reinterpret_cast<uint8_t *>(address), size}; }

}  // namespace

Room ModelRoom() {
  return RoomAt(device_model_room[0], device_model_room[1] - device_model_room[0]);
}

#ifdef SOC_DB_ADDR
Room DbRoom() { return RoomAt(SOC_DB_ADDR, SOC_DB_BYTES); }
#else
Room DbRoom() { return {db_bytes, sizeof db_bytes}; }
#endif

#if defined SOC_ARENA_ADDR
Room ArenaRoom() { return RoomAt(SOC_ARENA_ADDR, SOC_ARENA_BYTES); }
#elif defined SOC_MODEL_ADDR
Room ArenaRoom() { return {_end, size_t(_code_end - _end)}; }
#else
Room ArenaRoom() { return {nullptr, 0}; }
#endif

#ifdef SOC_STORED_MODEL_ADDR
Room StoredModel() { return RoomAt(SOC_STORED_MODEL_ADDR, SOC_STORED_MODEL_BYTES); }
#else
Room StoredModel() { return {nullptr, 0}; }
#endif

}  // namespace device
