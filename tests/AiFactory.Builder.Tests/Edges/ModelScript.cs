using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Builder.Tests.Edges;

/// <summary>What a played model says, one entry for each time that it is asked; the last entry answers all further ones.</summary>
internal sealed class ModelScript(params object[] turns)
{
    private int _turn;

    /// <summary>A turn that calls tools.</summary>
    internal static Calls Call(params (string Name, string Arguments)[] calls) => new("", calls);

    internal static BuilderUnderTest Play(BuilderUnderTest builder, params object[] turns)
    {
        var script = new ModelScript(turns);
        builder.Gateway.Script = script.AnswerAsync;
        return builder;
    }

    internal async Task AnswerAsync(HttpContext context, JsonNode body)
    {
        var turn = turns[Math.Min(Interlocked.Increment(ref _turn) - 1, turns.Length - 1)];
        context.Response.ContentType = "text/event-stream";
        foreach (var letter in turn is Calls { Text: var before } ? before : (string)turn)
        {
            await DeltaAsync(context, new { content = letter.ToString() });
        }

        if (turn is Calls { All: var calls })
        {
            // As models do: the name first, then the arguments in pieces.
            for (var i = 0; i < calls.Length; i++)
            {
                var half = calls[i].Arguments.Length / 2;
                await DeltaAsync(context, new { tool_calls = new[] { new { index = i, id = $"call_{i + 1}", type = "function", function = new { name = calls[i].Name, arguments = "" } } } });
                await DeltaAsync(context, new { tool_calls = new[] { new { index = i, function = new { arguments = calls[i].Arguments[..half] } } } });
                await DeltaAsync(context, new { tool_calls = new[] { new { index = i, function = new { arguments = calls[i].Arguments[half..] } } } });
            }
        }

        await FakeGateway.WriteAsync(context, new { id = "c", @object = "chat.completion.chunk", created = 1, model = "m", choices = Array.Empty<object>(), usage = new { prompt_tokens = 7, completion_tokens = 3, total_tokens = 10 } });
        await context.Response.WriteAsync("data: [DONE]\n\n");
    }

    private static Task DeltaAsync(HttpContext context, object delta) => FakeGateway.WriteAsync(
        context, new { id = "c", @object = "chat.completion.chunk", created = 1, model = "m", choices = new[] { new { index = 0, delta, finish_reason = (string?)null } } });

    /// <param name="Text">What the model says before it calls.</param>
    internal sealed record Calls(string Text, (string Name, string Arguments)[] All);
}
