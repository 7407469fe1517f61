using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AiFactory.Gateway.Guardrails.Judging;
using AiFactory.Gateway.Guardrails.Schemas;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Guardrails.Answers;

/// <summary>
/// The texts of a streamed answer under the rules that search for nothing. One that has to be JSON is read along, and looked at when it ends. What a model judges is judged by windows of a few
/// sentences, and until then the events that brought it are held back: no more than a window of each text; where its rules only flag, nothing is, and it is judged at the end.
/// </summary>
internal sealed class HeardAnswer
{
    /// <summary>Bytes of events that wait: where texts of several choices wait for one another, all are judged as far as they have come.</summary>
    private const int MostHeld = 256 * 1024;

    private readonly Guarding _guarding;

    /// <summary>Those that can stop the stream. One whose judge gave no verdict, and that lets pass what is not judged, asks no more in this stream: each window would wait for it again.</summary>
    private TopicRule[] _holding;

    /// <summary>Those that only flag: they hold nothing back, and are asked when the stream is over.</summary>
    private readonly TopicRule[] _flagging;

    /// <summary>For those, as many windows as are judged.</summary>
    private readonly List<string> _later = [];
    private readonly List<HeardText> _texts = [];

    /// <summary>What has to be JSON, by its choice and by what <see cref="AnswerContents"/> calls it: several texts may be parts of one.</summary>
    private readonly Dictionary<(int Choice, string Document), StreamedJson> _documents = [];

    /// <summary>Hashes of those that were looked at.</summary>
    private readonly HashSet<UInt128> _looked = [];
    private readonly List<string> _windows = [];

    /// <summary>Hashes of windows that passed: a response says its texts several times.</summary>
    private readonly HashSet<UInt128> _passed = [];

    /// <summary>Of the event that is being read: up to where its texts go.</summary>
    private readonly List<(HeardText Text, long Until)> _marks = [];
    private readonly Queue<(int Bytes, (HeardText Text, long Until)[] Marks)> _events = new();
    private readonly ArrayBufferWriter<byte> _held = new();
    private readonly ArrayBufferWriter<byte> _output = new();

    /// <summary>Where in what the stream gives out now the last event ended.</summary>
    private int _ended;

    /// <summary>Where in that the end begins that a rule made; null where none did.</summary>
    private int? _stop;

    private HeardAnswer(Guarding guarding)
    {
        _guarding = guarding;
        _holding = Array.FindAll(guarding.Policy.OutputTopics, rule => rule.Blocks);
        _flagging = Array.FindAll(guarding.Policy.OutputTopics, rule => !rule.Blocks);
        Judges = _holding.Length > 0;
    }

    /// <summary>Whether <see cref="PassAsync"/> is owed.</summary>
    public bool Judges { get; }

    private bool Flags => _flagging.Length > 0;

    /// <summary>Whether what it says has to be JSON of a form.</summary>
    public bool HoldsToForm => _guarding.Policy.Schemas.Length > 0;

    /// <summary>Whether any of that is long.</summary>
    public bool IsLong { get; private set; }

    /// <returns>Null where no rule is for it.</returns>
    public static HeardAnswer? Of(Guarding guarding) => guarding.Policy is { OutputTopics: [], Schemas: [] } ? null : new HeardAnswer(guarding);

    /// <summary>A piece that is to go to the client with the event that is being read.</summary>
    /// <returns>What the client is told in its place; null where it goes on.</returns>
    /// <exception cref="GuardrailException">A rule could not be followed to its end.</exception>
    public OpenAIError? Hear(AnswerChannel channel, ReadOnlySpan<char> piece)
    {
        var text = channel.Heard ??= Begin(channel);
        if (Judges || Flags)
        {
            text.Windows.Append(piece);
        }

        if (Judges)
        {
            _marks.Add((text, text.Windows.Heard));
        }

        if (text.Json is not { IsBroken: false } json || piece.IsEmpty)
        {
            return null;
        }

        if (json.IsDone)
        {
            // A document has one end, and what a server sends behind it was in no look.
            json.IsBroken = !piece.Trim(" \t\r\n").IsEmpty;
        }
        else
        {
            json.Append(piece);
            IsLong |= json.Text.Length >= LongTexts.Shortest;
        }

        return json.IsBroken ? SchemaRule.LookAtNoJson(_guarding) : null;
    }

    /// <summary>A text that an event says whole.</summary>
    public void HearWhole(ReadOnlySpan<char> text)
    {
        if (Judges || Flags)
        {
            _windows.AddRange(TextWindows.Of(text.ToString()));
        }
    }

    /// <summary>No more comes of these.</summary>
    /// <returns>What the client is told in place of their end; null where it may come.</returns>
    /// <exception cref="GuardrailException">A rule could not be followed to its end.</exception>
    public OpenAIError? End(IEnumerable<AnswerChannel> channels)
    {
        foreach (var text in channels.Select(channel => channel.Heard).OfType<HeardText>())
        {
            text.HasEnded = true;
            if (text.Json is not { IsDone: false } json)
            {
                continue;
            }

            json.IsDone = true;
            if (json is { IsBroken: false, Text.IsEmpty: false } && Look(json.Text) is { } stopped)
            {
                return stopped;
            }
        }

        return null;
    }

    /// <summary>What an event of a response says whole: some texts never come in pieces, and some come in others than are said at last.</summary>
    /// <param name="data">As it is to go to the client.</param>
    /// <exception cref="GuardrailException">A rule could not be followed to its end.</exception>
    public OpenAIError? LookAtWhole(byte[] data)
    {
        using var document = JsonDocument.Parse(data, new JsonDocumentOptions { MaxDepth = 256 });
        foreach (var text in AnswerContents.OfEvent(document.RootElement))
        {
            if (Look(Encoding.UTF8.GetBytes(text)) is { } stopped)
            {
                return stopped;
            }
        }

        return null;
    }

    /// <param name="written">By the stream, of what it gives out now.</param>
    public void EndEvent(int written)
    {
        if (Judges)
        {
            _events.Enqueue((written - _ended, [.. _marks]));
            _marks.Clear();
            _ended = written;
        }
        else if (Flags)
        {
            Cut(isEnd: false);
            Take();
        }
    }

    /// <summary>A rule ends the stream: what waits does not go out any more.</summary>
    public void Forget(int written) => _stop = written;

    /// <param name="passing">What the stream gives out.</param>
    /// <returns>What of it, and of what waited, goes to the client now. It is valid until the next call.</returns>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> PassAsync(ReadOnlyMemory<byte> passing, AnswerStream stream)
    {
        // 1. It has ended by another rule: nothing is told but that.
        if (stream.Error is not null)
        {
            return _stop is { } stop ? passing[stop..] : default;
        }

        // 2. The windows that are full.
        _held.Write(passing.Span);
        _ended = 0;
        Cut(isEnd: _held.WrittenCount > MostHeld);
        if (Take() is { Count: > 0 } windows && _holding.Length > 0)
        {
            var failed = _guarding.Findings.Failed.Count;
            if (await _guarding.JudgeAnswerAsync(_holding, windows) is { } error)
            {
                return stream.StopWith(error);
            }

            if (_guarding.Findings.Failed.Count > failed)
            {
                _holding = Array.FindAll(_holding, rule => !_guarding.Findings.Failed.Skip(failed).Contains(rule.Identity));
            }
        }

        // 3. The events all of whose texts have passed.
        Release();
        return _output.WrittenMemory;
    }

    /// <summary>The stream is over, as it should be or not: what the client has got is held against the rules that only flag.</summary>
    public async Task FlagAsync()
    {
        if (Flags)
        {
            Cut(isEnd: true);
            Take();
            await _guarding.FlagAnswerAsync(_flagging, _later);
        }
    }

    private HeardText Begin(AnswerChannel channel)
    {
        var text = new HeardText(HoldsToForm && AnswerContents.DocumentOf(channel.Path) is { } document ? Document(channel.Choice, document) : null);
        _texts.Add(text);
        return text;
    }

    private StreamedJson Document(int choice, string name)
    {
        if (!_documents.TryGetValue((choice, name), out var document))
        {
            _documents[(choice, name)] = document = new StreamedJson();
        }

        return document;
    }

    private OpenAIError? Look(ReadOnlyMemory<byte> text) => _looked.Add(HashOf(text.Span)) ? SchemaRule.Look(text, _guarding) : null;

    private void Cut(bool isEnd)
    {
        foreach (var text in _texts)
        {
            while (text.Windows.TryCut(isEnd || text.HasEnded, out var window))
            {
                if (window.Length > 0)
                {
                    _windows.Add(window);
                }
            }
        }
    }

    /// <summary>The windows that were cut and are new.</summary>
    private List<string> Take()
    {
        List<string> windows = [.. _windows.Where(window => _passed.Add(HashOf(Encoding.UTF8.GetBytes(window))))];
        _windows.Clear();
        if (Flags && _later.Count < _guarding.MostWindows)
        {
            _later.AddRange(windows.Take(_guarding.MostWindows - _later.Count));
        }

        return windows;
    }

    private void Release()
    {
        var length = 0;
        while (_events.TryPeek(out var one) && (_holding.Length == 0 || Array.TrueForAll(one.Marks, mark => mark.Text.Windows.Cut >= mark.Until)))
        {
            length += one.Bytes;
            _events.Dequeue();
        }

        _output.ResetWrittenCount();
        _output.Write(_held.WrittenSpan[..length]);
        var rest = _held.WrittenSpan[length..].ToArray();
        _held.ResetWrittenCount();
        _held.Write(rest);
    }

    private static UInt128 HashOf(ReadOnlySpan<byte> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
