using AiFactory.Gateway.Guardrails.Texts;

namespace AiFactory.Gateway.Guardrails.Answers;

/// <summary>One text that a stream brings in pieces, as the content of its first choice or the arguments of its second tool call.</summary>
/// <param name="Choice">The choice, or the item of a response, that it belongs to.</param>
/// <param name="Path">Where in the choice its pieces stand, as <c>delta/tool_calls[1]/function/arguments</c>.</param>
internal sealed record AnswerChannel(int Choice, string Path, TextScan Scan)
{
    /// <summary>The text as it goes to the client, where rules follow it that search for nothing; else null.</summary>
    public HeardText? Heard { get; set; }

    /// <summary>The last event that brought a piece, for what was kept back of it; of responses alone, whose events say more than the piece.</summary>
    public byte[] Template { get; set; } = [];

    /// <summary>Where in it the piece stands, its quotes included.</summary>
    public (int At, int Length) Place { get; set; }
}
