using System.Text.Json;

namespace AiFactory.Builder.Agents;

/// <summary>How a call of a tool ended.</summary>
internal abstract record ToolOutcome
{
    /// <summary>More would crowd the conversation out of the model's context.</summary>
    private const int LongestContent = 16_000;

    private ToolOutcome()
    {
    }

    /// <summary>What the model reads, for example <c>{"error":"..."}</c> for a failure.</summary>
    internal abstract string Content { get; }

    internal sealed record Answered(string Text) : ToolOutcome
    {
        internal override string Content { get; } = Text.Length <= LongestContent ? Text : $"{Text[..LongestContent]}\n... ({Text.Length - LongestContent} more characters)";
    }

    /// <param name="Error">A sentence for the model and the user.</param>
    internal sealed record Failed(string Error) : ToolOutcome
    {
        internal override string Content { get; } = JsonSerializer.Serialize(new { error = Error }, JsonSerializerOptions.Web);
    }
}
