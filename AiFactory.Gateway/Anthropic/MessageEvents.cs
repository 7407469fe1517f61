using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Anthropic;

/// <summary>
/// Makes Anthropic's events from the chunks of a chat completion (https://docs.anthropic.com/en/docs/build-with-claude/streaming):
/// message_start; for each block its start, deltas and stop; message_delta with the stop reason and the usage; message_stop.
/// </summary>
internal sealed class MessageEvents(string model, string requestId) : IDisposable
{
    private readonly Queue<(string Name, ArrayBufferWriter<byte> Data)> _ready = new();
    private readonly Utf8JsonWriter _json = new(new ArrayBufferWriter<byte>(), RelaxedJson.Options);
    private bool _started;
    private string _open = "";
    private int _block = -1;
    private int _call = -1;
    private string? _finish;
    private string? _stopped;
    private JsonElement _usage;

    /// <summary>Whether the model has said why it ended.</summary>
    public bool IsFinished => _finish is not null;

    public bool TryTake(out string name, out ReadOnlyMemory<byte> data)
    {
        var has = _ready.TryDequeue(out var next);
        (name, data) = has ? (next.Name, next.Data.WrittenMemory) : ("", default);
        return has;
    }

    /// <returns>Why it cannot go on.</returns>
    public OpenAIError? Take(JsonElement chunk)
    {
        if (chunk.TryGet("usage"u8, out var usage) && usage.ValueKind == JsonValueKind.Object)
        {
            _usage = usage.Clone();
        }

        if (!_started)
        {
            Start(chunk);
        }

        var choice = MessageAnswer.FirstChoice(chunk);
        if (choice.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (choice.TryGet("delta"u8, out var delta) && delta.ValueKind == JsonValueKind.Object && TakeDelta(delta) is { } error)
        {
            return error;
        }

        _finish = choice.Text("finish_reason"u8) ?? _finish;
        _stopped = choice.Text("stop_reason"u8) ?? _stopped;
        return null;
    }

    public void End()
    {
        if (!_started)
        {
            Start(default);
        }

        Close();
        Begin("message_delta");
        _json.WriteStartObject("delta"u8);
        MessageAnswer.WriteStop(_json, MessageAnswer.StopOf(_finish, _stopped));
        _json.WriteEndObject();
        MessageAnswer.WriteUsage(_json, _usage);
        Finish();
        Begin("message_stop");
        Finish();
    }

    public void Dispose() => _json.Dispose();

    private OpenAIError? TakeDelta(JsonElement delta)
    {
        if (MessageAnswer.Thought(delta) is { Length: > 0 } thought)
        {
            Text("thinking", "thinking_delta", thought);
        }

        if (delta.Text("content"u8) is { Length: > 0 } text)
        {
            Text("text", "text_delta", text);
        }

        if (delta.TryGet("tool_calls"u8, out var calls) && calls.ValueKind == JsonValueKind.Array)
        {
            foreach (var call in calls.EnumerateArray())
            {
                if (Call(call) is { } error)
                {
                    return error;
                }
            }
        }

        return null;
    }

    private void Text(string type, string deltaType, string text)
    {
        if (_open != type)
        {
            Open(type);
            _json.WriteString(type, ""u8);
            if (type == "thinking")
            {
                _json.WriteString("signature"u8, ""u8);
            }

            _json.WriteEndObject();
            Finish();
        }

        Delta(deltaType, type, text);
    }

    /// <summary>Calls come one after the other: what still belongs to one that is closed cannot be said any more.</summary>
    private OpenAIError? Call(JsonElement call)
    {
        if (call.ValueKind != JsonValueKind.Object || !call.TryGetProperty("function"u8, out var function))
        {
            return MessageAnswer.Unreadable;
        }

        var index = call.TryGet("index"u8, out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var place) ? place : 0;
        if (_open != "tool_use" || index != _call)
        {
            if (index <= _call || function.Text("name"u8) is not { Length: > 0 } name)
            {
                return MessageAnswer.Unreadable;
            }

            _call = index;
            Open("tool_use");
            _json.WriteString("id"u8, MessageAnswer.CallId(call.Text("id"u8)));
            _json.WriteString("name"u8, name);
            _json.WriteStartObject("input"u8);
            _json.WriteEndObject();
            _json.WriteEndObject();
            Finish();
        }

        if (function.Text("arguments"u8) is { Length: > 0 } arguments)
        {
            Delta("input_json_delta", "partial_json", arguments);
        }

        return null;
    }

    private void Start(JsonElement chunk)
    {
        _started = true;
        Begin("message_start");
        _json.WriteStartObject("message"u8);
        _json.WriteString("id"u8, MessageAnswer.IdOf(chunk, requestId));
        _json.WriteString("type"u8, "message"u8);
        _json.WriteString("role"u8, "assistant"u8);
        _json.WriteString("model"u8, model);
        _json.WriteStartArray("content"u8);
        _json.WriteEndArray();
        MessageAnswer.WriteStop(_json, default);
        MessageAnswer.WriteUsage(_json, _usage);
        _json.WriteEndObject();
        Finish();
    }

    /// <summary>Leaves the block's object open.</summary>
    private void Open(string type)
    {
        Close();
        (_open, _block) = (type, _block + 1);
        Begin("content_block_start");
        _json.WriteNumber("index"u8, _block);
        _json.WriteStartObject("content_block"u8);
        _json.WriteString("type"u8, type);
    }

    private void Close()
    {
        if (_open.Length > 0)
        {
            _open = "";
            Begin("content_block_stop");
            _json.WriteNumber("index"u8, _block);
            Finish();
        }
    }

    private void Delta(string type, string member, string text)
    {
        Begin("content_block_delta");
        _json.WriteNumber("index"u8, _block);
        _json.WriteStartObject("delta"u8);
        _json.WriteString("type"u8, type);
        _json.WriteString(member, text);
        _json.WriteEndObject();
        Finish();
    }

    private void Begin(string name)
    {
        var data = new ArrayBufferWriter<byte>(256);
        _ready.Enqueue((name, data));
        _json.Reset(data);
        _json.WriteStartObject();
        _json.WriteString("type"u8, name);
    }

    private void Finish()
    {
        _json.WriteEndObject();
        _json.Flush();
    }
}
