using AiFactory.Gateway.Guardrails.Judging;
using AiFactory.Gateway.Guardrails.Schemas;

namespace AiFactory.Gateway.Guardrails.Answers;

/// <summary>One text of a streamed answer, as it goes to the client.</summary>
/// <param name="json">Null where it need not be JSON.</param>
internal sealed class HeardText(StreamedJson? json)
{
    public TextWindows Windows { get; } = new();

    public StreamedJson? Json => json;

    /// <summary>Whether no more of it comes.</summary>
    public bool HasEnded { get; set; }
}
