using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Guardrails.Answers;

/// <summary>
/// A streamed answer under its rules, event by event: of each text what no rule could still object to goes on, masked, and the rest comes with the next event or with the text's end.
/// An event of which nothing is kept back and nothing masked passes byte for byte.
/// </summary>
internal abstract class AnswerStream(Guarding guarding) : IDisposable
{
    /// <summary>Texts of one answer: of so many choices and calls none has been seen.</summary>
    private const int MostChannels = 512;

    private readonly EventFrames _frames = new();
    private readonly ArrayBufferWriter<char> _released = new();
    private readonly List<(int At, int Length, byte[] Text)> _edits = [];
    private readonly AnswerScans _whole = new(guarding);
    private char[] _piece = [];

    /// <summary>Why nothing more of it passes; null while it goes on.</summary>
    public OpenAIError? Error { get; private set; }

    /// <summary>Null where no rule judges what the texts are about, or what form they have.</summary>
    public HeardAnswer? Heard { get; } = HeardAnswer.Of(guarding);

    /// <summary>Whether a text may be looked at whole that is long.</summary>
    public bool IsLong => Heard is { HoldsToForm: true } heard && (heard.IsLong || _frames.Waiting >= LongTexts.Shortest);

    protected List<AnswerChannel> Channels { get; } = [];

    protected ArrayBufferWriter<byte> Output { get; } = new(4096);

    public static AnswerStream Of(Operation operation, Guarding guarding) =>
        operation == Operation.Response ? new ResponseStream(guarding) : new ChunkStream(guarding, isChat: operation != Operation.Completion);

    /// <summary>What of this piece, and of those before it, goes to the client now: whole events. It is valid until the next call.</summary>
    /// <exception cref="IOException">An event has no end.</exception>
    public ReadOnlyMemory<byte> Pass(ReadOnlySpan<byte> piece)
    {
        Output.ResetWrittenCount();
        _frames.Append(piece);
        while (Error is null && _frames.TryRead(out var one))
        {
            Take(one);
        }

        return Output.WrittenMemory;
    }

    /// <summary>What is left of it when the stream has ended; an event whose blank line is missing counts, if it is whole.</summary>
    public ReadOnlyMemory<byte> End()
    {
        Output.ResetWrittenCount();
        if (Error is null && _frames.Rest() is { IsEmpty: false } rest)
        {
            Take([.. rest, .. "\n\n"u8]);
        }

        if (Error is null)
        {
            Guard(() => _ = Flush(_ => true) && EndTexts(_ => true));
            Heard?.EndEvent(Output.WrittenCount);
        }

        return Output.WrittenMemory;
    }

    /// <summary>No more passes than what says so.</summary>
    public ReadOnlyMemory<byte> StopWith(OpenAIError error)
    {
        Output.ResetWrittenCount();
        if (error.Body.Code == GuardrailError.Code)
        {
            WriteStop();
        }

        Error = error;
        return Output.WrittenMemory;
    }

    public void Dispose()
    {
        _frames.Dispose();
        _whole.Dispose();
        Channels.ForEach(channel => channel.Scan.Dispose());
        Channels.Clear();
        Return();
        _piece = [];
    }

    /// <exception cref="JsonException">It is none that can be looked into.</exception>
    protected abstract void Take(in AnswerEvent one);

    /// <summary>The end of choices that were going on.</summary>
    protected abstract void WriteStop();

    /// <summary>An event of our own, with what was kept back of a text.</summary>
    protected abstract void WriteRest(AnswerChannel channel, ReadOnlySpan<char> text);

    /// <param name="isJson">Whether its text is JSON itself.</param>
    protected AnswerChannel Channel(int choice, ReadOnlySpan<char> path, bool isJson)
    {
        foreach (var channel in Channels)
        {
            if (channel.Choice == choice && path.SequenceEqual(channel.Path))
            {
                return channel;
            }
        }

        if (Channels.Count == MostChannels)
        {
            throw new JsonException("An answer has more texts than any that is known.");
        }

        var another = new AnswerChannel(choice, path.ToString(), new TextScan(guarding.Policy.Output, guarding.Findings, isJson));
        Channels.Add(another);
        return another;
    }

    /// <summary>A piece of a text: what may pass of it, and of what was kept back before, is put in its place.</summary>
    /// <returns>False when nothing more passes.</returns>
    protected bool Put(in AnswerEvent one, AnswerChannel channel, int at, int length, bool isEnd)
    {
        var raw = one.Data.Slice(at + 1, length - 2);
        if (raw.Length > _piece.Length)
        {
            Return();
            _piece = ArrayPool<char>.Shared.Rent(raw.Length);
        }

        var piece = _piece.AsSpan(0, JsonText.Decode(raw, _piece));
        channel.Scan.Append(piece);
        if (!Release(channel.Scan, isEnd))
        {
            return false;
        }

        if (!_released.WrittenSpan.SequenceEqual(piece))
        {
            Edit(at, length, JsonText.Encode(_released.WrittenSpan));
        }

        return Hear(channel);
    }

    /// <summary>A text that is there whole.</summary>
    protected bool PutWhole(in AnswerEvent one, TextPlace place)
    {
        var scan = _whole.Of(place.Kind);
        scan.Append(place.Raw(one.Data));
        if (scan.Advance(isEnd: true) is { } rule)
        {
            Stop(rule);
            return false;
        }

        var isMasked = scan.HasMasked;
        if (isMasked || Heard is not null)
        {
            _released.ResetWrittenCount();
            scan.Release(_released);
            Heard?.HearWhole(_released.WrittenSpan);
        }

        if (isMasked)
        {
            Edit(place.At, place.Length, JsonText.Encode(_released.WrittenSpan));
        }

        return true;
    }

    protected void Edit(int at, int length, byte[] text) => _edits.Add((at, length, text));

    /// <summary>The event with what was put into it.</summary>
    protected void Write(in AnswerEvent one)
    {
        if (_edits.Count == 0)
        {
            Output.Write(one.Raw);
            return;
        }

        one.Write(Output, Edited(one));
    }

    /// <summary>The event's data, as the client will get it.</summary>
    protected byte[] Edited(in AnswerEvent one)
    {
        var edits = new JsonEdits();
        foreach (var (at, length, text) in _edits)
        {
            edits.Add(at, length, text);
        }

        return edits.Apply(one.Data);
    }

    /// <summary>What is kept back of these texts, which have ended, in events of its own.</summary>
    /// <returns>False when nothing more passes.</returns>
    protected bool Flush(Func<AnswerChannel, bool> which)
    {
        foreach (var channel in Channels.Where(channel => !channel.Scan.IsEmpty && which(channel)))
        {
            if (!Release(channel.Scan, isEnd: true))
            {
                return false;
            }

            if (_released.WrittenCount > 0)
            {
                if (!Hear(channel))
                {
                    return false;
                }

                WriteRest(channel, _released.WrittenSpan);
            }
        }

        return true;
    }

    /// <summary>Nothing more comes of these texts.</summary>
    /// <returns>False when nothing more passes.</returns>
    protected bool EndTexts(Func<AnswerChannel, bool> which) => Heard is null || Continue(Heard.End(Channels.Where(which)));

    /// <summary>What has come is to go to the client.</summary>
    private bool Hear(AnswerChannel channel) => Heard is null || Continue(Heard.Hear(channel, _released.WrittenSpan));

    /// <param name="error">Null to go on.</param>
    protected bool Continue(OpenAIError? error)
    {
        if (error is not null)
        {
            Heard?.Forget(Output.WrittenCount);
            WriteStop();
            Error = error;
        }

        return error is null;
    }

    private void Take(ReadOnlySpan<byte> raw)
    {
        var one = AnswerEvent.Read(raw);
        _edits.Clear();
        try
        {
            if (one.Data.IsEmpty)
            {
                Output.Write(raw);
            }
            else if (!one.IsDone)
            {
                Take(one);
            }
            else if (Flush(_ => true) && EndTexts(_ => true))
            {
                Output.Write(raw);
            }

            Heard?.EndEvent(Output.WrittenCount);
        }
        catch (JsonException)
        {
            Error = GuardrailError.Unreadable;
        }
        catch (GuardrailException fault)
        {
            Error = GuardrailError.Unusable(fault.Rule);
        }
    }

    private void Return()
    {
        if (_piece.Length > 0)
        {
            ArrayPool<char>.Shared.Return(_piece);
        }
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (GuardrailException fault)
        {
            Error = GuardrailError.Unusable(fault.Rule);
        }
    }

    private bool Release(TextScan scan, bool isEnd)
    {
        _released.ResetWrittenCount();
        if (scan.Advance(isEnd) is { } rule)
        {
            Stop(rule);
            return false;
        }

        scan.Release(_released);
        return true;
    }

    private void Stop(RuleIdentity rule) => Continue(guarding.Stop(rule, GuardrailError.OfAnswer(rule)));
}
