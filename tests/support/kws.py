"""Keyword spotting, cut short: its first layers show what needs no whole inference."""

from __future__ import annotations

from typing import Any

from cfuforge.sw import models
from cfuforge.sw.tflite_model import Model
from support.graph import changed

__all__ = ["first_layers"]


def first_layers(count: int) -> Model:
    """Return the model of its first `count` operators; the others are like them."""

    def shorten(file: Any) -> None:
        (graph,) = file.subgraphs
        graph.operators = graph.operators[:count]
        graph.outputs = graph.operators[-1].outputs

    return Model(changed(models.KWS_MODEL.read_bytes(), shorten))
