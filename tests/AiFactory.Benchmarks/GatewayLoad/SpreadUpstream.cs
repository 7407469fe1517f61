using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>A model server whose answers take 20 ms and more: half of them less than 28, one in a hundred more than 200, none more than 2 s.</summary>
internal sealed class SpreadUpstream : KestrelEdge
{
    private const double Shortest = 20;
    private const double Longest = 2000;

    private const string Completion =
        """{"id":"chatcmpl-1","object":"chat.completion","created":1767225600,"model":"instant","choices":[{"index":0,"message":{"role":"assistant","content":"Rome"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}}""";

    protected override async Task AnswerAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        if (context.Request.Path.StartsWithSegments("/v1/chat"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(Longest, Shortest / Math.Sqrt(1 - Random.Shared.NextDouble()))), context.RequestAborted);
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = Completion.Length;
            await context.Response.WriteAsync(Completion, context.RequestAborted);
        }
    }
}
