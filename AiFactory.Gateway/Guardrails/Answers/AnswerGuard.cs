using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Guardrails.Answers;

/// <summary>Holds an answer against its rules: whole where it comes whole, else as it streams.</summary>
internal sealed class AnswerGuard(Operation operation, TextShape shape, Guarding guarding) : IDisposable
{
    /// <summary>Bytes of an answer that is looked at whole.</summary>
    private const int Largest = 64 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _whole = new();
    private AnswerStream? _stream;

    /// <summary>For an answer in events.</summary>
    public AnswerStream Stream => _stream ??= AnswerStream.Of(operation, guarding);

    public void Take(ReadOnlySpan<byte> piece)
    {
        if (_whole.WrittenCount + (long)piece.Length > Largest)
        {
            throw new IOException("The answer is larger than any that rules are held against.");
        }

        _whole.Write(piece);
    }

    /// <summary>What the client gets of the answer that was taken; or what it is told in its place.</summary>
    public (ReadOnlyMemory<byte> Answer, OpenAIError? Error) Make()
    {
        try
        {
            return Look(_whole.WrittenMemory);
        }
        catch (JsonException)
        {
            return (default, GuardrailError.Unreadable);
        }
        catch (GuardrailException fault)
        {
            return (default, GuardrailError.Unusable(fault.Rule));
        }
    }

    public void Dispose() => _stream?.Dispose();

    private (ReadOnlyMemory<byte> Answer, OpenAIError? Error) Look(ReadOnlyMemory<byte> answer)
    {
        var texts = JsonTexts.Read(answer.Span, shape);
        using var scan = new TextScan(guarding.Policy.Output, guarding.Findings);
        var masked = new ArrayBufferWriter<char>();
        var changes = new List<(int At, int Length, byte[] Text)>();
        foreach (var place in texts.Places)
        {
            scan.Reset();
            scan.Append(place.Raw(answer.Span));
            if (scan.Advance(isEnd: true) is { } rule)
            {
                return (default, guarding.Stop(rule, GuardrailError.OfAnswer(rule)));
            }

            if (scan.HasMasked)
            {
                masked.ResetWrittenCount();
                scan.Release(masked);
                changes.Add((place.At, place.Length, JsonText.Encode(masked.WrittenSpan)));
            }
        }

        if (changes.Count == 0)
        {
            return (answer, null);
        }

        // What repeats the texts as tokens would tell what was masked.
        changes.AddRange(texts.Repeated.Select(repeated => (repeated.At, repeated.Length, repeated.IsList ? "[]"u8.ToArray() : "null"u8.ToArray())));
        var edits = new JsonEdits();
        foreach (var (at, length, text) in changes)
        {
            edits.Add(at, length, text);
        }

        return (edits.Apply(answer.Span), null);
    }
}
