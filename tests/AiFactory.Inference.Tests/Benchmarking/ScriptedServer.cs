using System.Collections.Concurrent;
using System.Text.Json;
using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Inference.Tests.Benchmarking;

/// <summary>A server that speaks OpenAI's protocol and counts for itself: a prompt has five tokens and two for each word, an answer as many as the script says.</summary>
internal sealed class ScriptedServer : KestrelEdge
{
    private int _measured;
    private int _underWay;

    /// <summary>Tokens of the answer to the measured request with this number; the two that ask for the length of words have one token each.</summary>
    public Func<int, int> Tokens { get; init; } = _ => 4;

    /// <summary>Runs before a measured request is answered, with its number; true when it has answered.</summary>
    public Func<int, HttpContext, Task<bool>> Before { get; init; } = (_, _) => Task.FromResult(false);

    public bool TellsUsage { get; init; } = true;

    public ConcurrentQueue<JsonElement> Bodies { get; } = [];

    public ConcurrentQueue<string?> Keys { get; } = [];

    public int PromptTokensSent { get; private set; }

    public int OutputTokensSent { get; private set; }

    public int MostUnderWay { get; private set; }

    protected override async Task AnswerAsync(HttpContext context)
    {
        var body = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, cancellationToken: context.RequestAborted);
        var prompt = context.Request.Path == "/v1/completions" ? body.GetProperty("prompt").GetString() : body.GetProperty("messages")[0].GetProperty("content").GetString();
        var promptTokens = 5 + (2 * (prompt ?? "").Split(' ').Length);
        if (body.GetProperty("max_tokens").GetInt32() == 1)
        {
            await StreamAsync(context, promptTokens, 1);
            return;
        }

        Keys.Enqueue(context.Request.Headers.Authorization);
        Bodies.Enqueue(body);
        int number;
        lock (Bodies)
        {
            number = _measured++;
            MostUnderWay = Math.Max(MostUnderWay, ++_underWay);
        }

        try
        {
            if (!await Before(number, context))
            {
                var tokens = Tokens(number);
                await StreamAsync(context, promptTokens, tokens);
                lock (Bodies)
                {
                    PromptTokensSent += promptTokens;
                    OutputTokensSent += tokens;
                }
            }
        }
        finally
        {
            lock (Bodies)
            {
                _underWay--;
            }
        }
    }

    private async Task StreamAsync(HttpContext context, int promptTokens, int tokens)
    {
        context.Response.ContentType = "text/event-stream";
        var isChat = context.Request.Path == "/v1/chat/completions";
        if (isChat)
        {
            await WriteAsync(context, """{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}""");
        }

        for (var i = 0; i < tokens; i++)
        {
            await WriteAsync(context, isChat ? """{"choices":[{"index":0,"delta":{"content":" word"}}]}""" : """{"choices":[{"index":0,"text":" word"}]}""");
        }

        await WriteAsync(context, """{"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}""");
        if (TellsUsage)
        {
            await WriteAsync(context, $$"""{"choices":[],"usage":{"prompt_tokens":{{promptTokens}},"completion_tokens":{{tokens}},"prompt_tokens_details":{"cached_tokens":3} } }""");
        }

        await WriteAsync(context, "[DONE]");
    }

    private static Task WriteAsync(HttpContext context, string data) => context.Response.WriteAsync($"data: {data}\n\n", context.RequestAborted);
}
