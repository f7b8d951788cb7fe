"""Metrics as text for Prometheus. The format's library is loaded at the first request, so that the server starts
quickly."""

import asyncio
import importlib
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from everkin.observability.health import Condition, PartHealth
from everkin.observability.instruments import About, Counter, Histogram, Reading, Sample
from everkin.observability.metrics import Metrics

PREFIX = "everkin_"
PART = About("part_condition", "Each part: 0 ok, 1 degraded, 2 down.", ("part",))
FIGURE = About("part_figure", "Each part's own counters, as in GET /api/v1/health.", ("part", "figure"))
_CONDITIONS = {Condition.OK: 0.0, Condition.DEGRADED: 1.0, Condition.DOWN: 2.0}


class Exposition:
    """Renders metrics. `expose` returns the text and its content type, in the form the request accepts (Prometheus text
    or OpenMetrics)."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._parts: dict[str, PartHealth] = {}
        self._read: list[tuple[Reading, Sequence[Sample]]] = []
        self._registry: Any = None

    async def expose(self, accept: str = "") -> tuple[bytes, str]:
        if self._registry is None:
            library = await asyncio.to_thread(importlib.import_module, "prometheus_client")
            self._registry = library.CollectorRegistry()
            self._registry.register(self)
            library.ProcessCollector(registry=self._registry)
        self._parts = await self._metrics.health.parts()
        self._read = [(reading, await reading.read()) for reading in self._metrics.readings]
        choose = importlib.import_module("prometheus_client.exposition").choose_encoder
        encode, content_type = choose(accept)
        return encode(self._registry), content_type

    def describe(self) -> list[Any]:
        """Called first by the registry; no metrics are collected for it."""
        return []

    def collect(self) -> Iterator[Any]:
        for instrument in self._metrics.instruments():
            yield _histogram(instrument) if isinstance(instrument, Histogram) else _counter(instrument)
        for reading, samples in self._read:
            yield _family(reading.about, reading.kind, samples)
        yield _family(PART, "gauge", [((name,), _CONDITIONS[part.condition]) for name, part in self._parts.items()])
        figures: list[Sample] = [
            ((name, figure), value) for name, part in self._parts.items() for figure, value in part.figures.items()
        ]
        yield _family(FIGURE, "gauge", figures)


def _counter(counter: Counter) -> Any:
    return _family(counter.about, "counter", list(counter.values.items()))


def _family(about: About, kind: str, samples: Sequence[Sample]) -> Any:
    core = importlib.import_module("prometheus_client.core")
    make = core.CounterMetricFamily if kind == "counter" else core.GaugeMetricFamily
    family = make(PREFIX + about.name, about.meaning, labels=about.labels)
    for labels, value in samples:
        family.add_metric(labels, value)
    return family


def _histogram(histogram: Histogram) -> Any:
    core = importlib.import_module("prometheus_client.core")
    family = core.HistogramMetricFamily(
        PREFIX + histogram.about.name, histogram.about.meaning, labels=histogram.about.labels
    )
    bounds = [*map(str, histogram.bounds), "+Inf"]
    for labels, distribution in list(histogram.distributions.items()):
        buckets = list(zip(bounds, accumulate(distribution.counts), strict=True))
        family.add_metric(labels, buckets=buckets, sum_value=distribution.total)
    return family
