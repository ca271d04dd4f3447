"""A GPT of the plain kind, and the steps of its training on one device. Needs PyTorch."""

import math

import torch
from torch import nn
from torch.nn import functional

from facts import parameter_count

SEED = 1729
# Batches are made once and taken in turn: making them is no part of a step.
POOL = 32


class Block(nn.Module):
    def __init__(self, hidden, heads):
        super().__init__()
        self.heads = heads
        self.before_attention = nn.LayerNorm(hidden, bias=False)
        self.attention_in = nn.Linear(hidden, 3 * hidden, bias=False)
        self.attention_out = nn.Linear(hidden, hidden, bias=False)
        self.before_mlp = nn.LayerNorm(hidden, bias=False)
        self.mlp_in = nn.Linear(hidden, 4 * hidden, bias=False)
        self.mlp_out = nn.Linear(4 * hidden, hidden, bias=False)

    def forward(self, x):
        batch, sequence, hidden = x.shape
        qkv = self.attention_in(self.before_attention(x)).view(batch, sequence, 3, self.heads, hidden // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.attention_out(mixed.transpose(1, 2).reshape(batch, sequence, hidden))
        return x + self.mlp_out(functional.gelu(self.mlp_in(self.before_mlp(x)), approximate="tanh"))


def positions(sequence, hidden):
    """Sines and cosines (arXiv 1706.03762, 3.5): positions without parameters, so that 6 N counts no look-up table."""
    at = torch.arange(sequence)[:, None] * torch.exp(-math.log(10_000) * torch.arange(0, hidden, 2) / hidden)
    return torch.stack([at.sin(), at.cos()], dim=-1).reshape(sequence, hidden)


class Gpt(nn.Module):
    """The embedding is the output layer too, so that each of its parameters works on each token."""

    def __init__(self, facts):
        super().__init__()
        self.embedding = nn.Embedding(facts["vocabulary"], facts["hidden"])
        self.register_buffer("positions", 0.02 * positions(facts["sequence"], facts["hidden"]))
        self.blocks = nn.ModuleList(Block(facts["hidden"], facts["heads"]) for _ in range(facts["layers"]))
        self.norm = nn.LayerNorm(facts["hidden"], bias=False)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens, targets):
        x = self.embedding(tokens) + self.positions
        for block in self.blocks:
            x = block(x)
        logits = functional.linear(self.norm(x), self.embedding.weight)
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


class TorchBackend:
    """Trains on a device, always from the same beginning: seed, parameters and tokens."""

    def __init__(self, facts, device, compiles):
        torch.manual_seed(SEED)
        # Products of float32 matrices in TF32, which is what the tf32 runs are about.
        torch.set_float32_matmul_precision("high")
        self.device = torch.device(device)
        self.facts = facts
        self.model = Gpt(facts).to(self.device)
        counted = sum(p.numel() for p in self.model.parameters())
        if counted != parameter_count(facts):
            raise SystemExit(f"gpt.py: the model has {counted} parameters; expected {parameter_count(facts)}")
        self.beginning = {name: value.to("cpu", copy=True) for name, value in self.model.state_dict().items()}
        shape = (POOL, facts["batch"], facts["sequence"] + 1)
        tokens = torch.randint(facts["vocabulary"], shape, generator=torch.Generator().manual_seed(SEED))
        self.tokens = tokens.to(self.device)
        self.compiles = compiles
        self.functions = {}
        self.precision = None

    @property
    def is_compiled(self):
        return bool(self.functions) and all(function is not self.model for function in self.functions.values())

    def start(self, precision):
        """The same beginning for every repetition of a precision."""
        self.precision = precision
        self.model.load_state_dict(self.beginning)
        is_cuda = self.device.type == "cuda"
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=self.facts["learningRate"], fused=True if is_cuda else None
        )
        self.count = 0
        if precision in self.functions:
            return
        self.functions[precision] = torch.compile(self.model) if self.compiles else self.model
        try:
            self.step()
        except Exception as error:  # Whatever the compiler lacks on this machine, the eager model has.
            if not self.compiles:
                raise
            print(f"torch.compile failed ({type(error).__name__}: {str(error)[:300]}); going on without it", flush=True)
            self.functions[precision] = self.model
        self.start(precision)

    def step(self):
        batch = self.tokens[self.count % POOL]
        self.count += 1
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.precision == "bf16"):
            self.last = self.functions[self.precision](batch[:, :-1], batch[:, 1:])
        self.last.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    def loss(self):
        return float(self.last.detach())

    def sync(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def memory(self):
        if self.device.type != "cuda":
            return 0.0, 0.0
        used = torch.cuda.max_memory_reserved(self.device)
        return float(used), used / torch.cuda.get_device_properties(self.device).total_memory

    def operands(self, precision, size):
        """Random numbers, not zeros: a product of zeros draws less power and so runs at higher clocks."""
        kind = torch.bfloat16 if precision == "bf16" else torch.float32
        generator = torch.Generator(self.device).manual_seed(SEED)
        return [torch.randn(size, size, device=self.device, generator=generator).to(kind) for _ in range(2)]
