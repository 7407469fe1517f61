using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine.Prefixes;

/// <summary>A beginning in the machine's memory: its tokens, whose they are, and what was computed for them.</summary>
internal sealed record StoredPrefix(int[] Tokens, string? Tenant, SequenceState State);
