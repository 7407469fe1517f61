using System.Globalization;
using AiFactory.Contracts;
using AiFactory.Inference.Engine;

namespace AiFactory.Inference.Serving;

/// <summary>
/// Tells who asks for it (<see cref="WireHeaders.LoadFormat"/>) what the model has to do, in the headers of its answer. They tell of the moment in which they are made: of a stream that is its first token, when the
/// request itself is one of those that run; of all else the end, when it is none any more. What is refused because the queue is full says it too.
/// </summary>
internal static class LoadHeader
{
    public static void Write(HttpContext http, DeployedModel model)
    {
        if (http.Request.Headers[WireHeaders.LoadFormat] is [{ } format] && Render(format, model.CurrentLoad) is { } report)
        {
            http.Response.Headers[WireHeaders.Load] = report;
        }
    }

    /// <returns>Null for a form that HTTP has not: the third, <c>BIN</c>, is protobuf's.</returns>
    private static string? Render(string format, EngineLoad load)
    {
        var use = load.CacheCapacity == 0 ? 0 : (double)load.CacheTokens / load.CacheCapacity;
        return format.Equals("TEXT", StringComparison.OrdinalIgnoreCase)
            ? string.Create(CultureInfo.InvariantCulture, $"TEXT {LoadMetrics.Map}.{LoadMetrics.CacheUse}={use:0.####}, {LoadMetrics.Map}.{LoadMetrics.Waiting}={load.Waiting}, {LoadMetrics.Map}.{LoadMetrics.Running}={load.Running}")
            : format.Equals("JSON", StringComparison.OrdinalIgnoreCase)
            ? string.Create(CultureInfo.InvariantCulture, $$$"""JSON {"{{{LoadMetrics.Map}}}": {"{{{LoadMetrics.CacheUse}}}": {{{use:0.####}}}, "{{{LoadMetrics.Waiting}}}": {{{load.Waiting}}}, "{{{LoadMetrics.Running}}}": {{{load.Running}}}}}""")
            : null;
    }
}
