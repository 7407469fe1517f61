using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Chat;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Generations;
using AiFactory.Inference.Reasoning;
using AiFactory.Inference.Tools;
using AiFactory.ServiceDefaults.Streaming;

namespace AiFactory.Inference.Responses;

/// <summary>A chat's answer in the shape of OpenAI's responses. One for each request: it follows the answer.</summary>
/// <param name="reasoning">How thoughts are told from the answer; null for a model that marks none.</param>
/// <param name="newId">Makes an id of the prefix.</param>
internal sealed class ResponsesFormat(ResponsesRequest request, ToolUse tools, ReasoningUse? reasoning, Func<string, string> newId) : IAnswerFormat
{
    private static readonly JsonElement Auto = Parse("\"auto\"");
    private static readonly JsonElement EmptyArray = Parse("[]");
    private static readonly JsonElement EmptyObject = Parse("{}");
    private static readonly JsonElement PlainText = Parse("""{"format":{"type":"text"}}""");

    private readonly AnswerParser? _parser = AnswerParser.For(tools, reasoning);
    private readonly ResponseOutput _output = new(newId, () => tools.ToCallId(newId("call_")), request.Stream == true);
    private string _finishReason = FinishReasons.Stop;
    private bool _isOver;

    public string Operation => ChatFormat.Instance.Operation;

    public string IdPrefix => "resp_";

    public IResult Whole(AnswerHeader header, IReadOnlyList<AnswerChoice> choices, Usage usage)
    {
        // Responses have no choices: there is one answer.
        var (text, finishReason) = (choices[0].Text, choices[0].FinishReason);

        // Evaluated one by one: the output grows with them.
        foreach (var _ in Read(tools.Opening).Concat(Read(text)).Concat(Finish(finishReason)))
        {
        }

        return TypedResults.Json(End(header, usage), ResponsesJson.Default.ResponseObject);
    }

    public async ValueTask<bool> WriteFirstAsync(SseWriter writer, AnswerHeader header, int index, CancellationToken cancellationToken) =>
        await WriteAsync(writer, [_output.Event("response.created") with { Response = Describe(header, "in_progress") }, _output.Event("response.in_progress") with { Response = Describe(header, "in_progress") }], cancellationToken)
        && await WriteAsync(writer, Read(tools.Opening), cancellationToken);

    public ValueTask<bool> WriteTextAsync(SseWriter writer, AnswerHeader header, int index, GenerationEvent.Text text, CancellationToken cancellationToken) =>
        WriteAsync(writer, Read(text.Value), cancellationToken);

    public ValueTask<bool> WriteLastAsync(SseWriter writer, AnswerHeader header, int index, string finishReason, CancellationToken cancellationToken) =>
        WriteAsync(writer, Finish(finishReason), cancellationToken);

    /// <summary>The last event has the usage, so it comes here; nothing follows it.</summary>
    public ValueTask<bool> WriteUsageAsync(SseWriter writer, AnswerHeader header, Usage usage, CancellationToken cancellationToken)
    {
        var end = End(header, usage);
        return WriteAsync(writer, [_output.Event($"response.{end.Status}") with { Response = end }], cancellationToken);
    }

    public ValueTask<bool> WriteEndAsync(SseWriter writer, CancellationToken cancellationToken) => ValueTask.FromResult(true);

    public ValueTask<bool> WriteErrorAsync(SseWriter writer, AnswerHeader header, ErrorBody error, CancellationToken cancellationToken) => WriteAsync(
        writer,
        [.. UntilOver(_parser?.Finish() ?? []), .. _output.Finish(isWhole: false), _output.Event("response.failed") with { Response = Describe(header, "failed") with { Output = _output.Items, Error = new ResponseError("server_error", error.Message) } }],
        cancellationToken);

    private IEnumerable<ResponseEvent> Read(string text) => text.Length == 0 ? []
        : _parser is null ? _output.Add(new ToolCallEvent.Text(text))
        : UntilOver(_parser.Append(text));

    private IEnumerable<ResponseEvent> Finish(string finishReason)
    {
        _finishReason = finishReason;
        return UntilOver(_parser?.Finish() ?? []).Concat(Deferred());

        IEnumerable<ResponseEvent> Deferred()
        {
            foreach (var last in _output.Finish(IsWhole))
            {
                yield return last;
            }
        }
    }

    private bool IsWhole => !_output.HasBroken && (_isOver || _finishReason != FinishReasons.Length);

    private IEnumerable<ResponseEvent> UntilOver(IReadOnlyList<ToolCallEvent> events)
    {
        foreach (var found in events)
        {
            if (_isOver)
            {
                yield break;
            }

            _isOver = tools.IsSingle && found is ToolCallEvent.Ended;
            foreach (var next in _output.Add(found))
            {
                yield return next;
            }
        }
    }

    private ResponseObject End(AnswerHeader header, Usage usage) => Describe(header, IsWhole ? "completed" : "incomplete") with
    {
        Output = _output.Items,
        IncompleteDetails = IsWhole ? null : new IncompleteDetails(_finishReason == FinishReasons.Length ? "max_output_tokens" : "malformed_function_call"),
        Usage = ResponseUsage.From(usage),
    };

    private ResponseObject Describe(AnswerHeader header, string status) => new(
        header.Id,
        "response",
        header.Created,
        status,
        header.Model,
        [],
        request.ParallelToolCalls ?? true,
        Given(request.ToolChoice, Auto),
        Given(request.Tools, EmptyArray),
        Given(request.Text, PlainText),
        Given(request.Metadata, EmptyObject),
        "disabled",
        Store: false,
        Background: false)
    {
        Instructions = request.Instructions,
        MaxOutputTokens = request.MaxOutputTokens,
        Temperature = request.Temperature,
        TopP = request.TopP,
        User = request.User,
        SafetyIdentifier = request.SafetyIdentifier,
        PromptCacheKey = request.PromptCacheKey,
    };

    private static JsonElement Given(JsonElement? value, JsonElement otherwise) => value is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } given ? given : otherwise;

    private static async ValueTask<bool> WriteAsync(SseWriter writer, IEnumerable<ResponseEvent> events, CancellationToken cancellationToken)
    {
        foreach (var next in events)
        {
            if (!await writer.WriteJsonAsync(next, ResponsesJson.Default.ResponseEvent, next.Type, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
