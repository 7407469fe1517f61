namespace AiFactory.Contracts.OpenAI;

/// <summary>Why an answer ended.</summary>
public static class FinishReasons
{
    /// <summary>The model ended its turn, or a stop string came.</summary>
    public const string Stop = "stop";

    /// <summary>The tokens that were allowed are used up.</summary>
    public const string Length = "length";

    /// <summary>The model calls tools and waits for their results.</summary>
    public const string ToolCalls = "tool_calls";
}
