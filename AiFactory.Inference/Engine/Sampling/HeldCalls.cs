using System.Text;
using AiFactory.Inference.Grammars;

namespace AiFactory.Inference.Engine.Sampling;

/// <summary>What the calls in an answer are held to, each from behind its mark to its end; the text around them is free.</summary>
internal sealed class HeldCalls
{
    /// <param name="grammars">By mark: what follows it. Where a grammar's text can only end, the answer is free again.</param>
    /// <param name="isStrict">Whether the request asked for it: else a call that can be read in too many ways is let go.</param>
    public HeldCalls(IReadOnlyList<(string Mark, Grammar Grammar)> grammars, bool isStrict)
    {
        Grammars = [.. grammars.Select(pair => pair.Grammar)];
        Marks = new MarkSearch([.. grammars.Select(pair => Encoding.UTF8.GetBytes(pair.Mark))]);
        IsStrict = isStrict;
    }

    /// <summary>What begins a call at the very beginning of the answer only.</summary>
    public (string Mark, Grammar Grammar)? Start { get; init; }

    public MarkSearch Marks { get; }

    public IReadOnlyList<Grammar> Grammars { get; }

    public bool IsStrict { get; }
}
