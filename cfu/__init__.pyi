"""The names that ``from cfuforge.cfu import ...`` gives: each is imported when it is first used."""

# ruff: noqa: TID251 -- these are modules of cfuforge.cfu, whatever the folder is called

from .commands import Command as Command
from .commands import random_program as random_program
from .component import Cfu as Cfu
from .design import Design as Design
from .dispatcher import Dispatcher as Dispatcher
from .dispatcher import Port as Port
from .dispatcher import Ports as Ports
from .instruction import Index as Index
from .instruction import Instruction as Instruction
from .instruction import Operand as Operand
from .memory_port import MemorySignature as MemorySignature
from .prediction import Predicted as Predicted
from .prediction import Predictor as Predictor
from .reference import Reference as Reference
from .shapes import s8 as s8
from .shapes import s8x4 as s8x4
from .shapes import s16 as s16
from .shapes import s16x2 as s16x2
from .shapes import s32 as s32
from .shapes import u8 as u8
from .shapes import u8x4 as u8x4
from .shapes import u16 as u16
from .shapes import u32 as u32
from .state import Memory as Memory
from .state import Register as Register
from .state import State as State
