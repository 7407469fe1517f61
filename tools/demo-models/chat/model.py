"""The Llama architecture at the size of a toy, as PyTorch (1.13 or later) computes it: the same tensors, under the same names, as llama.cpp reads from the GGUF."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    width: int = 256
    layers: int = 8
    heads: int = 6
    head: int = 48  # width of one head: all of them together may be wider than the model
    feed_forward: int = 704
    context: int = 2048
    rope_base: float = 500_000.0
    epsilon: float = 1e-5

    @property
    def attention(self) -> int:
        return self.heads * self.head

    @staticmethod
    def of(saved: dict) -> "Shape":
        """As a checkpoint has it; older ones do not say how wide a head is."""
        return Shape(**{"head": saved["width"] // saved["heads"], **saved})


class RmsNorm(nn.Module):
    def __init__(self, width: int, epsilon: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x):
        x = x.float()
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon) * self.weight


def rotation(length: int, head: int, base: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosine and sine of each position's angles: [length, head / 2]."""
    frequencies = base ** (-torch.arange(0, head, 2).float() / head)
    angles = torch.arange(length).float()[:, None] * frequencies[None, :]
    return angles.cos(), angles.sin()


def rotate(x, cosine, sine):
    """Turns [batch, heads, length, head], first half with second half; the export puts the pairs beside each other, as llama.cpp has them for the Llama architecture."""
    first, second = x.chunk(2, -1)
    return torch.cat((first * cosine - second * sine, first * sine + second * cosine), -1)


class Layer(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.attn_norm = RmsNorm(shape.width, shape.epsilon)
        self.attn_qkv = nn.Linear(shape.width, 3 * shape.attention, bias=False)
        self.attn_output = nn.Linear(shape.attention, shape.width, bias=False)
        self.ffn_norm = RmsNorm(shape.width, shape.epsilon)
        self.ffn_gate_up = nn.Linear(shape.width, 2 * shape.feed_forward, bias=False)
        self.ffn_down = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x, cosine, sine, mask):
        batch, length, _ = x.shape
        shape = self.shape
        q, k, v = self.attn_qkv(self.attn_norm(x)).view(batch, length, 3, shape.heads, shape.head).permute(2, 0, 3, 1, 4)
        q, k = rotate(q * (1 / math.sqrt(shape.head)), cosine, sine), rotate(k, cosine, sine)
        weights = (torch.matmul(q, k.transpose(-1, -2)) + mask).softmax(-1)
        mixed = torch.matmul(weights, v).transpose(1, 2).reshape(batch, length, shape.attention)
        x = x + self.attn_output(mixed)
        gate, up = self.ffn_gate_up(self.ffn_norm(x)).chunk(2, -1)
        return x + self.ffn_down(F.silu(gate) * up), weights


class Llama(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.output_norm = RmsNorm(shape.width, shape.epsilon)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                deep = name.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(parameter, std=0.1 if name == "token_embd.weight" else 0.02 / math.sqrt(2 * shape.layers) if deep else 0.02)
        # A token is most like itself: without this the first guess is to say it again, with a logit of 19.
        nn.init.constant_(self.output_norm.weight, 0.2)
        cosine, sine = rotation(shape.context, shape.head, shape.rope_base)
        self.register_buffer("cosine", cosine, persistent=False)
        self.register_buffer("sine", sine, persistent=False)

    def hidden(self, tokens, watch=None):
        """Last hidden state, normalised: [batch, length] -> [batch, length, width]. watch(layer, weights, x) sees each layer's attention, [batch, heads, length, length], and what comes out of it."""
        length = tokens.shape[1]
        mask = torch.full((length, length), float("-inf"), device=tokens.device).triu(1)
        x = self.token_embd(tokens)
        # In the precision of what they turn: otherwise all of attention would be done in 32 bits.
        precision = torch.bfloat16 if torch.is_autocast_cpu_enabled() or torch.is_autocast_enabled() else x.dtype
        cosine, sine, mask = (table.to(precision) for table in (self.cosine[:length], self.sine[:length], mask))
        for number, layer in enumerate(self.blk):
            x, weights = layer(x, cosine, sine, mask)
            if watch is not None:
                watch(number, weights, x)
        return self.output_norm(x)

    def logits(self, hidden):
        """The embedding is also the output matrix: [..., width] -> [..., vocabulary]."""
        return F.linear(hidden, self.token_embd.weight)
