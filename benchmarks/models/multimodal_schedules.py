"""draft"""
from typing import Any
import dataclasses
import partir
from benchmarks.models import multimodal
from benchmarks.models.model import Model
from benchmarks.models.multimodal import Config

SCHEDULES = {
    "BP": ["BP"],
    "BP+MP": ["BP", "MP"],
    "BP+MP+Z2": ["BP", "MP", "Z2"],
    "BP+MP+Z3": ["BP", "MP", "Z3"],
    "BP+MP+SP": ["BP", "MP", "SP"],
}
_MEGATRON = {"embed": 0, "query": 2, "key": 2, "value": 2, "out": 1, "up": 2, "gate": 2, "down": 1}
_VECTORS = ("final_scale", "attention_scale", "mlp_scale")
def megatron(path, aval):
    return _MEGATRON.get(path.rpartition(".")[2], partir.UNKNOWN)
def zero(path, aval):
    name = path.rpartition(".")[2]
    if name in _VECTORS: return partir.UNKNOWN
    return partir.first_divisible_dim(start=1) if ".layers." in path else partir.FIRST_DIVISIBLE_DIM
TACTICS = {
    "BP": partir.ManualPartition(inputs={"batch": 0}, axis="B", name="BP"),
    "MP": partir.ManualPartition(inputs={"params": megatron}, axis="M", name="MP"),
    "Z2": partir.ManualPartition(inputs={"params": partir.REPLICATED, "opt_state": zero}, axis="B", name="Z2"),
    "Z3": partir.ManualPartition(inputs={"params": zero, "opt_state": zero}, axis="B", name="Z3"),
    "SP": partir.ManualPartition(inputs={
        "attention_out": 1, "mlp_out": 1,
        "attention_in": partir.REPLICATED, "mlp_in": partir.REPLICATED, "logits_in": partir.REPLICATED,
        "attention_out.grad": partir.REPLICATED, "mlp_out.grad": partir.REPLICATED, 
        }, axis="M", name="SP"),
}
SMALL = Config(layers=2, d_model=32, heads=8, kv_heads=4, head_dim=8, d_ff=64, vocab=512, batch=8, sequence=24, patches=8, patch_values=12, frames=6, frame_values=10)
def small(size):
    return Model(name="multimodal", function=multimodal.make_train_step(SMALL), arguments=multimodal.shapes(SMALL), make_arguments=lambda: multimodal.init(SMALL), tactics=TACTICS, schedules=SCHEDULES, mesh={"B":4,"M":2}, carry={"params":0,"opt_state":1})
