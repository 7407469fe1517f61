using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Builder.Tests.Edges;

/// <summary>
/// The gateway as the builder sees it. By itself a chat answers "You said: ..." with the last message, word by word when streamed, and an embedding counts
/// letters, so that like texts have like vectors. A test may script either.
/// </summary>
internal sealed class FakeGateway : KestrelEdge
{
    internal const int Dimensions = 26;

    internal ConcurrentQueue<SeenCall> Seen { get; } = new();

    internal Func<JsonNode, string>? Answer { get; set; }

    internal Func<HttpContext, JsonNode, Task>? Script { get; set; }

    internal static async Task<FakeGateway> StartedAsync()
    {
        var gateway = new FakeGateway();
        await gateway.StartAsync();
        return gateway;
    }

    internal static float[] Embed(string text)
    {
        var vector = new float[Dimensions];
        foreach (var letter in text.ToLowerInvariant().Where(char.IsAsciiLetter))
        {
            vector[letter - 'a']++;
        }

        return vector;
    }

    protected override async Task AnswerAsync(HttpContext context)
    {
        var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) ?? new JsonObject();
        Seen.Enqueue(new SeenCall(context.Request.Path.Value ?? "", context.Request.Headers.Authorization.ToString(), context.Request.Headers["traceparent"].ToString(), body));
        if (Script is { } script)
        {
            await script(context, body);
        }
        else if (context.Request.Path.Value?.EndsWith("embeddings", StringComparison.Ordinal) == true)
        {
            await EmbedAsync(context, body);
        }
        else
        {
            await ChatAsync(context, body);
        }
    }

    internal async Task ChatAsync(HttpContext context, JsonNode body)
    {
        var last = body["messages"]?.AsArray().LastOrDefault()?["content"]?.GetValue<string>() ?? "";
        var text = Answer?.Invoke(body) ?? $"You said: {last}";
        var model = body["model"]?.GetValue<string>();
        var usage = new { prompt_tokens = 7, completion_tokens = 3, total_tokens = 10 };
        if (body["stream"]?.GetValue<bool>() != true)
        {
            await context.Response.WriteAsJsonAsync(new
            {
                id = "c", @object = "chat.completion", created = 1, model, usage,
                choices = new[] { new { index = 0, message = new { role = "assistant", content = text }, finish_reason = "stop" } },
            });
            return;
        }

        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream";
        }

        var words = text.Split(' ').Select((word, index) => index == 0 ? word : " " + word);
        foreach (var word in words)
        {
            await WriteAsync(context, new { id = "c", @object = "chat.completion.chunk", created = 1, model, choices = new[] { new { index = 0, delta = new { content = word }, finish_reason = (string?)null } } });
        }

        await WriteAsync(context, new { id = "c", @object = "chat.completion.chunk", created = 1, model, choices = new[] { new { index = 0, delta = new { }, finish_reason = "stop" } } });
        await WriteAsync(context, new { id = "c", @object = "chat.completion.chunk", created = 1, model, choices = Array.Empty<object>(), usage });
        await context.Response.WriteAsync("data: [DONE]\n\n");
    }

    internal static async Task WriteAsync(HttpContext context, object chunk)
    {
        await context.Response.WriteAsync($"data: {JsonSerializer.Serialize(chunk)}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    internal static Task EmbedAsync(HttpContext context, JsonNode body)
    {
        var inputs = body["input"] is JsonArray array ? array.Select(input => input?.GetValue<string>() ?? "") : [body["input"]?.GetValue<string>() ?? ""];
        return context.Response.WriteAsJsonAsync(new
        {
            @object = "list",
            data = inputs.Select((input, index) => new { @object = "embedding", index, embedding = Embed(input) }),
            model = body["model"]?.GetValue<string>(),
            usage = new { prompt_tokens = 5, total_tokens = 5 },
        });
    }
}
