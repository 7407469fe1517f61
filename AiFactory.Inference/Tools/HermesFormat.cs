namespace AiFactory.Inference.Tools;

/// <summary>
/// How models of the Hermes and Qwen families call tools:
/// <code>
/// &lt;tool_call&gt;
/// {"name": "get_weather", "arguments": {"city": "Oslo"}}
/// &lt;/tool_call&gt;
/// </code>
/// </summary>
internal static class HermesFormat
{
    public const string Begin = "<tool_call>";
    public const string End = "</tool_call>";

    /// <summary>What an answer that must be a call begins with. No blank at its end: with it the model's tokens would be others than those that it has learnt.</summary>
    public static string Opening(ToolUse use) => !use.IsRequired ? ""
        : use.RequiredName is null ? $"{Begin}\n{{\"name\":"
        : $"{Begin}\n{{\"name\": \"{use.RequiredName}\", \"arguments\":";
}
