using System.Text;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Agents;

/// <summary>One answer of the model, put together from the pieces of its stream.</summary>
internal sealed class ModelTurn
{
    private readonly StringBuilder _text = new();
    private readonly SortedDictionary<int, Call> _calls = [];

    internal string Text => _text.ToString();

    internal bool HasText => _text.Length > 0;

    internal Usage? Usage { get; private set; }

    /// <summary>In the order in which the model made them.</summary>
    internal IReadOnlyList<ToolCall> Calls(int turn) =>
        [.. _calls.Select(call => new ToolCall(call.Value.Id ?? $"call_{turn}_{call.Key}", "function", new ToolCallFunction(call.Value.Name, call.Value.Arguments.ToString())))];

    /// <summary>Takes a piece in; returns the text that it adds, if any.</summary>
    internal string? Add(ChatCompletionChunk chunk)
    {
        Usage = chunk.Usage ?? Usage;
        if (chunk.Choices is not [{ Delta: { } delta }, ..])
        {
            return null;
        }

        foreach (var piece in delta.ToolCalls ?? [])
        {
            if (!_calls.TryGetValue(piece.Index, out var call))
            {
                _calls[piece.Index] = call = new Call();
            }

            call.Id ??= piece.Id;
            call.Name += piece.Function.Name;
            call.Arguments.Append(piece.Function.Arguments);
        }

        _text.Append(delta.Content);
        return string.IsNullOrEmpty(delta.Content) ? null : delta.Content;
    }

    private sealed class Call
    {
        internal string? Id { get; set; }

        internal string Name { get; set; } = "";

        internal StringBuilder Arguments { get; } = new();
    }
}
