namespace AiFactory.Inference.Tools;

/// <summary>What <see cref="ToolCallParser"/> finds in an answer, in order, and what the model thought before.</summary>
internal abstract record ToolCallEvent
{
    private ToolCallEvent()
    {
    }

    /// <summary>Text outside of calls; never empty.</summary>
    public sealed record Text(string Value) : ToolCallEvent;

    /// <summary>A piece of what the model thinks before it answers; never empty.</summary>
    public sealed record Thought(string Value) : ToolCallEvent;

    /// <param name="Index">Which call, counted from 0.</param>
    public sealed record Begun(int Index, string Name) : ToolCallEvent;

    /// <summary>A piece of the JSON of the call that began last.</summary>
    public sealed record Arguments(int Index, string Piece) : ToolCallEvent;

    /// <summary>The call is whole and well-formed.</summary>
    public sealed record Ended(int Index) : ToolCallEvent;

    /// <summary>What looked like a call is none, or ends in its middle.</summary>
    /// <param name="Index">The call, when it was told to have begun.</param>
    /// <param name="Raw">All of it, from its mark on.</param>
    /// <param name="Rest">What of it was not told yet.</param>
    public sealed record Broken(int? Index, string Raw, string Rest) : ToolCallEvent;
}
