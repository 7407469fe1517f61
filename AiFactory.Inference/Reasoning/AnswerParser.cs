using AiFactory.Inference.Tools;

namespace AiFactory.Inference.Reasoning;

/// <summary>Reads one answer while it is generated: the thoughts in it first, then calls in what is left. So a call that the model writes while it thinks is none.</summary>
/// <param name="calls">Null when the answer has none, whatever it looks like.</param>
internal sealed class AnswerParser(ReasoningUse? reasoning, ToolCallParser? calls)
{
    private readonly ThoughtReader? _thoughts = reasoning?.NewReader();

    /// <summary>Calls that were told to have ended.</summary>
    public int Ended => calls?.Ended ?? 0;

    /// <returns>Null when nothing has to be read: an answer is text.</returns>
    public static AnswerParser? For(ToolUse tools, ReasoningUse? reasoning) =>
        tools.Format is null && reasoning is null ? null : new AnswerParser(reasoning, tools.Format is null ? null : tools.NewParser());

    public IReadOnlyList<ToolCallEvent> Append(string piece) => _thoughts is null ? Answer(piece) : [.. _thoughts.Append(piece).SelectMany(Read)];

    /// <summary>The answer is over.</summary>
    public IReadOnlyList<ToolCallEvent> Finish() => [.. (_thoughts?.Finish() ?? []).SelectMany(Read), .. calls?.Finish() ?? []];

    private IReadOnlyList<ToolCallEvent> Read((ThoughtPart Part, string Text) read) => read.Part switch
    {
        ThoughtPart.Answer => Answer(read.Text),
        _ when reasoning is { IsRaw: true } => [new ToolCallEvent.Text(read.Text)],
        ThoughtPart.Thought when reasoning is { IsTold: true } => [new ToolCallEvent.Thought(read.Text)],
        _ => [],
    };

    private IReadOnlyList<ToolCallEvent> Answer(string text) => calls is not null ? calls.Append(text) : text.Length == 0 ? [] : [new ToolCallEvent.Text(text)];
}
