using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Reasoning;

/// <summary>
/// One way in which models mark what they think before they answer:
/// <code>
/// &lt;think&gt;
/// The user greets me.
/// &lt;/think&gt;
///
/// Hello!
/// </code>
/// </summary>
/// <param name="Begin">May be what the template ends the prompt with, so that the answer does not have it.</param>
internal sealed record ReasoningFormat(string Begin, string End)
{
    /// <summary>Written around the answer, and no part of it.</summary>
    public IReadOnlyList<string> Skips { get; init; } = [];

    /// <summary>Plain text around the answer, which may speak of it: it is left out only where it is the first of the answer, and the last.</summary>
    public (string Begin, string End)? Around { get; init; }

    /// <summary>Whether the model may think again behind a part of its answer.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>Behind <see cref="End"/>, where a call follows.</summary>
    public string Next { get; init; } = "";

    /// <summary>What the answer itself begins behind, however often the model thinks before; null when that is <see cref="End"/>.</summary>
    public string? Answer { get; init; }

    /// <summary>Whether what an assistant thought is a part of its content (<c>{"type": "thinking", "thinking": "..."}</c>) to the template.</summary>
    public bool IsPart { get; init; }

    public IEnumerable<string> Literals => [Begin, End, Answer ?? "", Around?.Begin ?? "", Around?.End ?? "", .. Skips];

    /// <summary>What comes before an answer that is held.</summary>
    /// <param name="isCall">Whether it must be a call.</param>
    /// <param name="isWhole">Whether all of the answer is held, so that there has to be one.</param>
    public HeldThought Hold(ReasoningPlace place, bool isCall, bool isWhole) => isWhole && !isCall && Answer is not null
        ? new HeldThought("", Answer, MustAnswer: true)
        : new HeldThought(place == ReasoningPlace.Inside ? "" : Begin, isCall ? End + Next : End, isWhole);

    /// <summary>Where a prompt leaves the model. Only the template's own characters count: a message that ends with a mark opens nothing.</summary>
    public ReasoningPlace PlaceOf(StringValue prompt)
    {
        var length = prompt.Text.AsSpan().TrimEnd().Length;
        return EndsWith(Begin) ? ReasoningPlace.Inside : EndsWith(End) ? ReasoningPlace.Over : ReasoningPlace.Before;

        bool EndsWith(string mark) =>
            prompt.Text.AsSpan(0, length).EndsWith(mark, StringComparison.Ordinal) && !prompt.HasData(new TextRange(length - mark.Length, mark.Length));
    }
}
