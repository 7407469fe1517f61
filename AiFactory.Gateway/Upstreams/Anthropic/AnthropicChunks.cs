using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.Anthropic;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Upstreams.Anthropic;

/// <summary>
/// Makes the chunks of a chat completion from Anthropic's events (https://docs.anthropic.com/en/docs/build-with-claude/streaming), the inverse of <see cref="MessageEvents"/>:
/// <code>
/// {"type":"message_start","message":{"id":"msg_1","model":"claude","usage":{"input_tokens":9}}}                 the chunk that opens the stream
/// {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"c1","name":"weather"}}        a call with its name
/// {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}                            a chunk; also thinking_delta, input_json_delta
/// {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}                        finish_reason
/// {"type":"message_stop"}                                                                                        the usage, and [DONE]
/// </code>
/// </summary>
internal sealed class AnthropicChunks(bool tellsUsage, long created) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(new ArrayBufferWriter<byte>(), RelaxedJson.Options);
    private AnthropicUsage _usage;
    private JsonElement _message;
    private int _calls;
    private bool _inCall;
    private bool _hasArguments;

    /// <summary>Whether it has told its end, or why it cannot go on.</summary>
    public bool IsEnded { get; private set; }

    /// <param name="data">One event's.</param>
    /// <param name="to">Takes OpenAI's events.</param>
    public void Take(ReadOnlyMemory<byte> data, IBufferWriter<byte> to)
    {
        try
        {
            using var document = JsonDocument.Parse(data);
            Take(document.RootElement, to);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // No JSON, or a text in it that is no Unicode.
            Fail(default, to);
        }
    }

    public void Dispose() => _json.Dispose();

    private void Take(JsonElement one, IBufferWriter<byte> to)
    {
        switch (one.Text("type"u8))
        {
            case "message_start" when one.TryGet("message"u8, out var message):
                _message = message.Clone();
                _usage.Take(message);
                Begin(to);
                _json.WriteString("role"u8, "assistant"u8);
                _json.WriteString("content"u8, ""u8);
                End(to);
                break;
            case "content_block_start" when one.TryGet("content_block"u8, out var block):
                Start(block, to);
                break;
            case "content_block_delta" when one.TryGet("delta"u8, out var delta):
                Delta(delta, to);
                break;
            case "content_block_stop":
                Stop(to);
                break;
            case "message_delta":
                _usage.Take(one);
                if (one.TryGet("delta"u8, out var last) && last.Text("stop_reason"u8) is not null)
                {
                    Begin(to);
                    End(to, last);
                }

                break;
            case "message_stop":
                Finish(to);
                break;
            case "error":
                Fail(one.TryGet("error"u8, out var error) ? error : default, to);
                break;
            case "ping":
                // Nothing to say, and alive: the time for a silence begins anew.
                to.Write(": ping\n\n"u8);
                break;
        }
    }

    private void Start(JsonElement block, IBufferWriter<byte> to)
    {
        switch (block.Text("type"u8))
        {
            case "tool_use":
                (_inCall, _hasArguments) = (true, false);
                Begin(to);
                BeginCall();
                _json.WriteString("id"u8, block.Text("id"u8));
                _json.WriteString("type"u8, "function"u8);
                _json.WriteStartObject("function"u8);
                _json.WriteString("name"u8, block.Text("name"u8));
                _json.WriteString("arguments"u8, ""u8);
                EndCall(to);
                break;
            case "text" when block.Text("text"u8) is { Length: > 0 } text:
                Text("content", text, to);
                break;
        }
    }

    private void Delta(JsonElement delta, IBufferWriter<byte> to)
    {
        if (delta.Text("text"u8) is { Length: > 0 } text)
        {
            Text("content", text, to);
        }
        else if (delta.Text("thinking"u8) is { Length: > 0 } thought)
        {
            Text("reasoning_content", thought, to);
        }
        else if (_inCall && delta.Text("partial_json"u8) is { Length: > 0 } part)
        {
            Arguments(part, to);
        }
    }

    /// <summary>A call without arguments has the empty object, which OpenAI's clients parse.</summary>
    private void Stop(IBufferWriter<byte> to)
    {
        if (!_inCall)
        {
            return;
        }

        if (!_hasArguments)
        {
            Arguments("{}", to);
        }

        _inCall = false;
        _calls++;
    }

    private void Finish(IBufferWriter<byte> to)
    {
        IsEnded = true;
        if (tellsUsage && _usage.IsKnown)
        {
            to.Write("data: "u8);
            _json.Reset(to);
            _json.WriteStartObject();
            AnthropicAnswer.WriteHead(_json, "chat.completion.chunk", _message, created);
            _json.WriteStartArray("choices"u8);
            _json.WriteEndArray();
            _usage.Write(_json);
            _json.WriteEndObject();
            _json.Flush();
            to.Write("\n\n"u8);
        }

        to.Write("data: [DONE]\n\n"u8);
    }

    private void Fail(JsonElement error, IBufferWriter<byte> to)
    {
        IsEnded = true;
        var body = AnthropicAnswer.ErrorOf(error, "The upstream's stream cannot be read.");
        OpenAIErrorWriter.WriteEvent(to, new OpenAIError(StatusCodes.Status502BadGateway, body), betweenEvents: true);
    }

    private void Text(string member, string text, IBufferWriter<byte> to)
    {
        Begin(to);
        _json.WriteString(member, text);
        End(to);
    }

    private void Arguments(string part, IBufferWriter<byte> to)
    {
        _hasArguments = true;
        Begin(to);
        BeginCall();
        _json.WriteStartObject("function"u8);
        _json.WriteString("arguments"u8, part);
        EndCall(to);
    }

    private void BeginCall()
    {
        _json.WriteStartArray("tool_calls"u8);
        _json.WriteStartObject();
        _json.WriteNumber("index"u8, _calls);
    }

    private void EndCall(IBufferWriter<byte> to)
    {
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.WriteEndArray();
        End(to);
    }

    /// <summary>Leaves the delta open.</summary>
    private void Begin(IBufferWriter<byte> to)
    {
        to.Write("data: "u8);
        _json.Reset(to);
        _json.WriteStartObject();
        AnthropicAnswer.WriteHead(_json, "chat.completion.chunk", _message, created);
        _json.WriteStartArray("choices"u8);
        _json.WriteStartObject();
        _json.WriteNumber("index"u8, 0);
        _json.WriteStartObject("delta"u8);
    }

    /// <param name="stop">Why it ended; undefined while it goes on.</param>
    private void End(IBufferWriter<byte> to, JsonElement stop = default)
    {
        _json.WriteEndObject();
        if (stop.ValueKind == JsonValueKind.Object)
        {
            AnthropicAnswer.WriteStop(_json, stop);
        }
        else
        {
            _json.WriteNull("finish_reason"u8);
        }

        _json.WriteEndObject();
        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
        to.Write("\n\n"u8);
    }
}
