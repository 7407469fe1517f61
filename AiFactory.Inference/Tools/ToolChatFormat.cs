using System.Text;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Chat;
using AiFactory.Inference.Generations;
using AiFactory.ServiceDefaults.Streaming;

namespace AiFactory.Inference.Tools;

/// <summary>A chat's answer in which the model may call tools. One for each request: it follows the answer.</summary>
/// <param name="opening">What the prompt began the answer with.</param>
/// <param name="isSingle">The answer ends behind its first whole call, whatever the model goes on with.</param>
/// <param name="newCallId">Makes a call's id.</param>
internal sealed class ToolChatFormat(string opening, bool isSingle, Func<string> newCallId) : IAnswerFormat
{
    private const string Function = "function";

    private readonly ToolCallParser _parser = new();
    private bool _isOver;
    private bool _hasStreamedBroken;

    public string Operation => ChatFormat.Instance.Operation;

    public string IdPrefix => ChatFormat.Instance.IdPrefix;

    /// <summary>Calls that are whole; one that is not is given back as text. Its content is null when the model only calls.</summary>
    public IResult Whole(AnswerHeader header, string text, string finishReason, Usage usage)
    {
        var (content, calls) = (new StringBuilder(), new List<(string Name, StringBuilder Arguments)>());
        foreach (var found in UntilOver([.. _parser.Append(opening), .. _parser.Append(text), .. _parser.Finish()]))
        {
            switch (found)
            {
                case ToolCallEvent.Text part:
                    content.Append(part.Value);
                    break;
                case ToolCallEvent.Begun begun:
                    calls.Add((begun.Name, new StringBuilder()));
                    break;
                case ToolCallEvent.Arguments arguments:
                    calls[^1].Arguments.Append(arguments.Piece);
                    break;
                case ToolCallEvent.Broken broken:
                    content.Append(broken.Raw);
                    if (broken.Index is not null)
                    {
                        calls.RemoveAt(calls.Count - 1);
                    }

                    break;
            }
        }

        var message = calls.Count == 0
            ? new ChatMessage(ChatFormat.Assistant, content.ToString())
            : new ChatMessage(
                ChatFormat.Assistant,
                content.Length == 0 ? null : content.ToString(),
                ToolCalls: [.. calls.Select(call => new ToolCall(newCallId(), Function, new ToolCallFunction(call.Name, call.Arguments.ToString())))]);
        return ChatFormat.Whole(header, message, Reason(finishReason), usage);
    }

    public async ValueTask<bool> WriteFirstAsync(SseWriter writer, AnswerHeader header, CancellationToken cancellationToken) =>
        await ChatFormat.Instance.WriteFirstAsync(writer, header, cancellationToken) && await WriteAsync(writer, header, _parser.Append(opening), cancellationToken);

    public ValueTask<bool> WriteTextAsync(SseWriter writer, AnswerHeader header, string text, CancellationToken cancellationToken) =>
        WriteAsync(writer, header, _parser.Append(text), cancellationToken);

    public async ValueTask<bool> WriteLastAsync(SseWriter writer, AnswerHeader header, string finishReason, CancellationToken cancellationToken) =>
        await WriteAsync(writer, header, _parser.Finish(), cancellationToken)
        && await ChatFormat.Instance.WriteLastAsync(writer, header, Reason(finishReason), cancellationToken);

    public ValueTask<bool> WriteUsageAsync(SseWriter writer, AnswerHeader header, Usage usage, CancellationToken cancellationToken) =>
        ChatFormat.Instance.WriteUsageAsync(writer, header, usage, cancellationToken);

    /// <summary>A client has taken a broken call for one that it shall run; only another reason than tool_calls keeps it from that.</summary>
    private string Reason(string finishReason) =>
        !_hasStreamedBroken && (_isOver || (finishReason == FinishReasons.Stop && _parser.Ended > 0)) ? FinishReasons.ToolCalls : finishReason;

    private IEnumerable<ToolCallEvent> UntilOver(IReadOnlyList<ToolCallEvent> events)
    {
        foreach (var found in events)
        {
            if (_isOver)
            {
                yield break;
            }

            _isOver = isSingle && found is ToolCallEvent.Ended;
            yield return found;
        }
    }

    private async ValueTask<bool> WriteAsync(SseWriter writer, AnswerHeader header, IReadOnlyList<ToolCallEvent> events, CancellationToken cancellationToken)
    {
        foreach (var found in UntilOver(events))
        {
            _hasStreamedBroken |= found is ToolCallEvent.Broken { Index: not null };
            if (ToDelta(found) is { } delta && !await ChatFormat.WriteAsync(writer, header, delta, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private ChatDelta? ToDelta(ToolCallEvent found) => found switch
    {
        ToolCallEvent.Text text => new ChatDelta(Content: text.Value),
        ToolCallEvent.Begun begun => new ChatDelta(ToolCalls: [new ToolCallDelta(begun.Index, new ToolCallFunctionDelta(begun.Name, ""), newCallId(), Function)]),
        ToolCallEvent.Arguments arguments => new ChatDelta(ToolCalls: [new ToolCallDelta(arguments.Index, new ToolCallFunctionDelta(Arguments: arguments.Piece))]),
        ToolCallEvent.Broken { Rest.Length: > 0 } broken => new ChatDelta(Content: broken.Rest),
        _ => null,
    };
}
