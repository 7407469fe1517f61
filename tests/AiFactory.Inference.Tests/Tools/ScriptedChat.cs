using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Generations;
using AiFactory.Inference.Reasoning;
using AiFactory.Inference.Responses;
using AiFactory.Inference.Templates.Values;
using AiFactory.Inference.Tools;
using AiFactory.ServiceDefaults.Streaming;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Inference.Tests.Tools;

/// <summary>Answers every chat with a text given beforehand, in the worker's own format: generated models have random weights and call no tools.</summary>
internal sealed class ScriptedChat : IAsyncDisposable
{
    private readonly WebApplication _application;

    private ScriptedChat(WebApplication application) => _application = application;

    public Uri Address => new($"{_application.Urls.First()}/v1");

    /// <param name="tools">What the request lets the model do; <paramref name="isSingle"/> counts without it.</param>
    public static async Task<ScriptedChat> StartAsync(string answer, ToolUse? tools = null, string finishReason = FinishReasons.Stop, bool isSingle = false, ReasoningUse? reasoning = null)
    {
        var use = tools ?? new ToolUse(new ListValue([]), IsSingle: isSingle);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        application.MapPost("/v1/chat/completions", async (HttpContext http) =>
        {
            var request = await http.Request.ReadFromJsonAsync(OpenAIJson.Default.ChatCompletionRequest, http.RequestAborted);
            await WriteAsync(http, new ToolChatFormat(use, reasoning, () => $"call_{Guid.CreateVersion7():N}"), request?.Stream == true);
        });
        application.MapPost("/v1/responses", async (HttpContext http) =>
        {
            var request = await http.Request.ReadFromJsonAsync(ResponsesJson.Default.ResponsesRequest, http.RequestAborted) ?? new ResponsesRequest();
            await WriteAsync(http, new ResponsesFormat(request, use, reasoning, prefix => $"{prefix}{Guid.CreateVersion7():N}"), request.Stream == true);
        });
        await application.StartAsync();
        return new ScriptedChat(application);

        async Task WriteAsync(HttpContext http, IAnswerFormat format, bool stream)
        {
            var (header, usage) = (new AnswerHeader($"{format.IdPrefix}1", 1, "scripted", "fp_1"), new Usage(7, 5, 12));
            if (!stream)
            {
                await format.Whole(header, [new AnswerChoice(answer, finishReason)], usage).ExecuteAsync(http);
                return;
            }

            using var writer = SseWriter.Start(http.Response);
            await format.WriteFirstAsync(writer, header, 0, http.RequestAborted);
            foreach (var piece in answer.Chunk(3))
            {
                await format.WriteTextAsync(writer, header, 0, new GenerationEvent.Text(new string(piece)), http.RequestAborted);
            }

            await format.WriteLastAsync(writer, header, 0, finishReason, http.RequestAborted);
            await format.WriteUsageAsync(writer, header, usage, http.RequestAborted);
            await format.WriteEndAsync(writer, http.RequestAborted);
        }
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
