using System.Text;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Chat;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Generations;
using AiFactory.Inference.Reasoning;
using AiFactory.ServiceDefaults.Streaming;

namespace AiFactory.Inference.Tools;

/// <summary>A chat's answers in which the model may think, or call tools. One for each request: it follows the answers.</summary>
/// <param name="reasoning">How thoughts are told from the answers; null for a model that marks none.</param>
/// <param name="newCallId">Makes a call's id.</param>
internal sealed class ToolChatFormat(ToolUse tools, ReasoningUse? reasoning, Func<string> newCallId) : IAnswerFormat
{
    private const string Function = "function";

    private readonly Dictionary<int, Answer> _answers = [];

    public string Operation => ChatFormat.Instance.Operation;

    public string IdPrefix => ChatFormat.Instance.IdPrefix;

    public IResult Whole(AnswerHeader header, IReadOnlyList<AnswerChoice> choices, Usage usage) =>
        ChatFormat.Whole(header, [.. choices.Select((choice, index) => ToChoice(index, choice))], usage);

    public async ValueTask<bool> WriteFirstAsync(SseWriter writer, AnswerHeader header, int index, CancellationToken cancellationToken) =>
        await ChatFormat.Instance.WriteFirstAsync(writer, header, index, cancellationToken)
        && await WriteAsync(writer, header, index, Find(index).Parser.Append(tools.Opening), [], cancellationToken);

    public ValueTask<bool> WriteTextAsync(SseWriter writer, AnswerHeader header, int index, GenerationEvent.Text text, CancellationToken cancellationToken) =>
        WriteAsync(writer, header, index, Find(index).Parser.Append(text.Value), Find(index).Tokens.Of(text.Tokens), cancellationToken);

    public async ValueTask<bool> WriteLastAsync(SseWriter writer, AnswerHeader header, int index, string finishReason, CancellationToken cancellationToken) =>
        await WriteAsync(writer, header, index, Find(index).Parser.Finish(), [], cancellationToken)
        && await ChatFormat.Instance.WriteLastAsync(writer, header, index, Find(index).Reason(finishReason), cancellationToken);

    public ValueTask<bool> WriteUsageAsync(SseWriter writer, AnswerHeader header, Usage usage, CancellationToken cancellationToken) =>
        ChatFormat.Instance.WriteUsageAsync(writer, header, usage, cancellationToken);

    /// <summary>Calls that are whole; one that is not is given back as text. Its content is null when the model only calls.</summary>
    private ChatChoice ToChoice(int index, AnswerChoice choice)
    {
        var answer = Find(index);
        var (thoughts, content, calls) = (new StringBuilder(), new StringBuilder(), new List<(string Name, StringBuilder Arguments)>());
        foreach (var found in answer.UntilOver([.. answer.Parser.Append(tools.Opening), .. answer.Parser.Append(choice.Text), .. answer.Parser.Finish()]))
        {
            switch (found)
            {
                case ToolCallEvent.Text part:
                    content.Append(part.Value);
                    break;
                case ToolCallEvent.Thought thought:
                    thoughts.Append(thought.Value);
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
                ToolCalls: [.. calls.Select(call => new ToolCall(tools.ToCallId(newCallId()), Function, new ToolCallFunction(call.Name, call.Arguments.ToString())))]);
        message = thoughts.Length == 0 ? message : message with { ReasoningContent = thoughts.ToString() };
        return new ChatChoice(index, message, answer.Reason(choice.FinishReason), Logprobs.ForChat(choice.Tokens is null ? null : answer.Tokens.Of(choice.Tokens)));
    }

    /// <param name="tokens">Those that came with the events, where their probabilities were asked for.</param>
    private async ValueTask<bool> WriteAsync(
        SseWriter writer, AnswerHeader header, int index, IReadOnlyList<ToolCallEvent> events, IReadOnlyList<TokenLogprob> tokens, CancellationToken cancellationToken)
    {
        var answer = Find(index);
        foreach (var found in answer.UntilOver(events))
        {
            answer.HasStreamedBroken |= found is ToolCallEvent.Broken { Index: not null };
            if (ToDelta(found) is { } delta)
            {
                if (!await ChatFormat.WriteAsync(writer, header, new ChatChunkChoice(index, delta, null, tokens.Count == 0 ? null : Logprobs.ForChat(tokens)), cancellationToken))
                {
                    return false;
                }

                tokens = [];
            }
        }

        return tokens.Count == 0 || await ChatFormat.WriteAsync(writer, header, new ChatChunkChoice(index, new ChatDelta(), null, Logprobs.ForChat(tokens)), cancellationToken);
    }

    private Answer Find(int index)
    {
        if (!_answers.TryGetValue(index, out var answer))
        {
            _answers[index] = answer = new Answer(tools, reasoning);
            answer.Tokens.Open(tools.Opening);
        }

        return answer;
    }

    private ChatDelta? ToDelta(ToolCallEvent found) => found switch
    {
        ToolCallEvent.Text text => new ChatDelta(Content: text.Value),
        ToolCallEvent.Thought thought => new ChatDelta { ReasoningContent = thought.Value },
        ToolCallEvent.Begun begun => new ChatDelta(ToolCalls: [new ToolCallDelta(begun.Index, new ToolCallFunctionDelta(begun.Name, ""), tools.ToCallId(newCallId()), Function)]),
        ToolCallEvent.Arguments arguments => new ChatDelta(ToolCalls: [new ToolCallDelta(arguments.Index, new ToolCallFunctionDelta(Arguments: arguments.Piece))]),
        ToolCallEvent.Broken { Rest.Length: > 0 } broken => new ChatDelta(Content: broken.Rest),
        _ => null,
    };

    /// <summary>How far one of the answers has come.</summary>
    private sealed class Answer(ToolUse tools, ReasoningUse? reasoning)
    {
        private bool _isOver;

        public AnswerParser Parser { get; } = AnswerParser.For(tools, reasoning) ?? throw new InvalidOperationException("The answer is text.");

        public AnswerTokens Tokens { get; } = new(reasoning is { IsRaw: false } ? reasoning.NewReader() : null);

        /// <summary>A client has taken a broken call for one that it shall run; only another reason than tool_calls keeps it from that.</summary>
        public bool HasStreamedBroken { get; set; }

        public string Reason(string finishReason) =>
            !HasStreamedBroken && (_isOver || (finishReason == FinishReasons.Stop && Parser.Ended > 0)) ? FinishReasons.ToolCalls : finishReason;

        public IEnumerable<ToolCallEvent> UntilOver(IReadOnlyList<ToolCallEvent> events)
        {
            foreach (var found in events)
            {
                if (_isOver)
                {
                    yield break;
                }

                _isOver = tools.IsSingle && found is ToolCallEvent.Ended;
                yield return found;
            }
        }
    }
}
