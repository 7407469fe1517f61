using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>A model server for every protocol that the soak speaks. It keeps count of what it was asked.</summary>
/// <param name="asked">By the ids of requests, shared by all replicas.</param>
/// <param name="fault">What goes wrong instead of an answer; false when nothing does.</param>
internal sealed class SoakUpstream(ConcurrentDictionary<string, byte> asked, Func<HttpContext, bool, Task<bool>>? fault = null) : KestrelEdge
{
    /// <summary>Milliseconds between two chunks.</summary>
    private const int ChunkInterval = 50;
    private static int _open;

    /// <summary>Requests that no replica has done with.</summary>
    public static int Open => Volatile.Read(ref _open);

    protected override async Task AnswerAsync(HttpContext context)
    {
        var id = context.Request.Headers[WireHeaders.RequestId].ToString();
        var path = context.Request.Path.Value ?? "";
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (path is "/healthz" or "/v1/traces" or "/v1/metrics" or "/v1/logs")
        {
            return;
        }

        Interlocked.Increment(ref _open);
        try
        {
            var text = Encoding.UTF8.GetString(body.GetBuffer().AsSpan(0, (int)body.Length));
            var isStream = text.Contains("\"stream\":true", StringComparison.Ordinal);
            asked.TryAdd(id, 0);
            if (fault is not null && await fault(context, isStream))
            {
                return;
            }

            var (question, key) = (SoakTexts.QuestionOf(text), SoakTokens.KeyOf(id) ?? 0);
            await (isStream ? StreamAsync(context, question, key) : WriteAsync(context, Json(path, question, key)));
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // The gateway does not want it any more, or this replica is being killed.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    public static Task WriteAsync(HttpContext context, string json, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(json), context.RequestAborted).AsTask();
    }

    /// <summary>One piece of a stream, on the wire when this returns.</summary>
    public static async Task SendAsync(HttpContext context, string text)
    {
        context.Response.ContentType ??= "text/event-stream";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public static string Chunk(string text) =>
        $$"""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"soak","choices":[{"index":0,"delta":{"content":"{{text}}"},"finish_reason":null}]}""" + "\n\n";

    private static async Task StreamAsync(HttpContext context, long question, long key)
    {
        var chunks = SoakTokens.Chunks(key);
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            await SendAsync(context, Chunk(SoakTexts.Chunk(question, key, chunk)));
            await Task.Delay(ChunkInterval, context.RequestAborted);
        }

        await SendAsync(
            context,
            """data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"soak","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n"
            + $$"""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"soak","choices":[],"usage":{{Usage(key, chunks)}}}""" + "\n\ndata: [DONE]\n\n");
    }

    private static string Json(string path, long question, long key) => path switch
    {
        "/v1/embeddings" => $$"""{"object":"list","data":[{"object":"embedding","index":0,"embedding":[{{question}},-0.009327292,0.015797347,-0.007780322]}],"model":"soak","usage":{{Usage(key, 0)}}}""",
        "/v1/rerank" => $$"""{"id":"rerank-1","model":"soak","results":[{"index":1,"document":{"text":"{{SoakTexts.Whole(question, key)}}"},"relevance_score":0.9},{"index":0,"relevance_score":0.1}],"usage":{{Usage(key, 0)}}}""",
        "/v1/completions" => $$"""{"id":"cmpl-1","object":"text_completion","created":1,"model":"soak","choices":[{"index":0,"text":"{{SoakTexts.Whole(question, key)}}","finish_reason":"stop","logprobs":null}],"usage":{{Usage(key, SoakTokens.Answer(key))}}}""",
        "/v1/chat/completions" => $$"""{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"soak","choices":[{"index":0,"message":{"role":"assistant","content":"{{SoakTexts.Whole(question, key)}}"},"finish_reason":"stop"}],"usage":{{Usage(key, SoakTokens.Answer(key))}}}""",
        _ => $$"""{"model_name":"soak","outputs":[{"name":"text_output","datatype":"BYTES","shape":[1],"data":["{{SoakTexts.Whole(question, key)}}"]}]}""",
    };

    private static string Usage(long key, int answer)
    {
        var prompt = SoakTokens.Prompt(key);
        return answer == 0
            ? string.Create(CultureInfo.InvariantCulture, $$"""{"prompt_tokens":{{prompt}},"total_tokens":{{prompt}}}""")
            : string.Create(CultureInfo.InvariantCulture, $$"""{"prompt_tokens":{{prompt}},"completion_tokens":{{answer}},"total_tokens":{{prompt + answer}}}""");
    }
}
