using System.Collections.Concurrent;
using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.ModelLibrary.Tests.Edges;

/// <summary>A service out of the site, which lists its models or whatever a test has it answer.</summary>
internal sealed class FakeUpstream : KestrelEdge
{
    internal ConcurrentQueue<(string Target, Dictionary<string, string> Headers)> Seen { get; } = new();

    internal Func<HttpContext, Task> Script { get; set; } = context => context.Response.WriteAsJsonAsync(new { data = new[] { new { id = "their-chat" }, new { id = "their-embed" } } });

    internal static async Task<FakeUpstream> StartedAsync()
    {
        var service = new FakeUpstream();
        await service.StartAsync();
        return service;
    }

    protected override Task AnswerAsync(HttpContext context)
    {
        Seen.Enqueue((context.Request.Path + context.Request.QueryString, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        return Script(context);
    }
}
