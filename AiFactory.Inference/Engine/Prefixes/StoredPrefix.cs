using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine.Prefixes;

/// <summary>A beginning in the machine's memory: its tokens, whose they are, and what was computed for them.</summary>
internal sealed record StoredPrefix(int[] Tokens, string? Tenant, SequenceState State)
{
    /// <summary>Requests that will go on from it, and copies that are about to be made of it: until then it stays.</summary>
    public int Pins { get; set; }
}
