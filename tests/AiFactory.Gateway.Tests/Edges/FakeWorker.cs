using System.Collections.Concurrent;
using System.Text;
using AiFactory.Contracts;
using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Edges;

/// <summary>A replica whose answer the test scripts.</summary>
public sealed class FakeWorker : KestrelEdge
{
    public const string Completion =
        """{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"demo-chat","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}""";

    public const string ModelNotFound = """{"error":{"message":"The model 'demo-chat' does not exist.","type":"invalid_request_error","param":"model","code":"model_not_found"}}""";

    /// <summary>Under which a script finds the request's body in the context's items.</summary>
    public const string BodyItem = "body";

    private int _probes;

    public int Probes => Volatile.Read(ref _probes);

    public ConcurrentQueue<SeenRequest> Seen { get; } = new();

    /// <summary>What it tells of its load to who looks whether it is there; null for nothing.</summary>
    public string? ProbedLoad { get; set; }

    public Func<HttpContext, Task> Script { get; set; } = context => WriteJsonAsync(context, Completion);

    public static async Task<FakeWorker> StartedAsync(Func<HttpContext, Task>? script = null)
    {
        var worker = new FakeWorker();
        worker.Script = script ?? worker.Script;
        await worker.StartAsync();
        return worker;
    }

    public static async Task WriteJsonAsync(HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(json));
    }

    public static string Chunk(string content) =>
        $$"""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"demo-chat","choices":[{"index":0,"delta":{"content":"{{content}}"},"finish_reason":null}]}""" + "\n\n";

    /// <summary>One piece of a stream, on the wire when this returns.</summary>
    public static async Task WriteEventAsync(HttpContext context, string text)
    {
        context.Response.ContentType ??= "text/event-stream";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    protected override async Task AnswerAsync(HttpContext context)
    {
        // The gateway's look at an idle worker is no request of a test's.
        if (context.Request.Path == "/healthz")
        {
            context.Response.Headers[WireHeaders.Load] = ProbedLoad;
            Interlocked.Increment(ref _probes);
            return;
        }

        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Seen.Enqueue(new SeenRequest(context.Request.Method, context.Request.Path + context.Request.QueryString, headers, body));
        context.Items[BodyItem] = body;
        await Script(context);
    }
}

public sealed record SeenRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body);
