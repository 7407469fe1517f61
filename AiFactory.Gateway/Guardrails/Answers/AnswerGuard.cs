using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.Guardrails.Judging;
using AiFactory.Gateway.Guardrails.Schemas;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Guardrails.Answers;

/// <summary>Holds an answer against its rules: whole where it comes whole, else as it streams.</summary>
/// <param name="places">Null for an answer that is in memory already.</param>
internal sealed class AnswerGuard(Operation operation, TextShape shape, Guarding guarding, AnswerPlaces? places = null) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _whole = new();
    private AnswerStream? _stream;
    private bool _hasPlace;

    /// <summary>For an answer in events.</summary>
    public AnswerStream Stream => _stream ??= AnswerStream.Of(operation, guarding);

    /// <summary>Whether it has grown so large that it took a place among few.</summary>
    public bool IsLarge { get; private set; }

    /// <summary>Whether <see cref="GrowAsync"/> is owed before so much more of it is taken.</summary>
    public bool Grows(int more) => !IsLarge && places is not null && _whole.WrittenCount + (long)more > AnswerPlaces.Small;

    /// <summary>Until there is a place for it, its model waits: nobody reads from it meanwhile.</summary>
    public async Task GrowAsync(CancellationToken left)
    {
        if (places is not null)
        {
            await places.EnterAsync(left);
            (IsLarge, _hasPlace) = (true, true);
        }
    }

    /// <returns>Why no more of it is taken; null where it was.</returns>
    public OpenAIError? Take(ReadOnlySpan<byte> piece)
    {
        if (places is not null && _whole.WrittenCount + (long)piece.Length > places.Most)
        {
            return GuardrailError.AnswerTooLong(places.Most);
        }

        _whole.Write(piece);
        return null;
    }

    /// <summary>The same as <see cref="Make"/>, when it is the turn of an answer of this length.</summary>
    public async ValueTask<(ReadOnlyMemory<byte> Answer, OpenAIError? Error)> MakeAsync(CancellationToken left)
    {
        if (places is null || _whole.WrittenCount < LongTexts.Shortest)
        {
            return Make();
        }

        await places.LongTexts.EnterWithAnswerAsync(left);
        try
        {
            return Make();
        }
        finally
        {
            places.LongTexts.Leave();
        }
    }

    /// <summary>What of a stream's next piece goes to the client now; where its texts have grown long, when it is its turn, for with any piece they may be looked at whole.</summary>
    /// <param name="piece">Null where no more comes.</param>
    /// <returns>It is valid until the next call.</returns>
    /// <exception cref="IOException">An event has no end.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> PassAsync(ReadOnlyMemory<byte>? piece, CancellationToken left)
    {
        if (places is null || !Stream.IsLong)
        {
            return Pass(piece);
        }

        await places.LongTexts.EnterWithAnswerAsync(left);
        try
        {
            return Pass(piece);
        }
        finally
        {
            places.LongTexts.Leave();
        }
    }

    /// <summary>What the client gets of the answer that was taken; or what it is told in its place.</summary>
    public (ReadOnlyMemory<byte> Answer, OpenAIError? Error) Make()
    {
        try
        {
            var (answer, error) = Look(_whole.WrittenMemory);
            error ??= SchemaRule.LookAtAnswer(answer, guarding);
            return error is null ? (answer, null) : (default, error);
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

    public void Dispose()
    {
        _stream?.Dispose();
        LeavePlace();
    }

    /// <summary>What is left to be said of an answer that passed, as the client would get it: what it is about.</summary>
    /// <returns>Null where it passes.</returns>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public async ValueTask<OpenAIError?> JudgeAsync(ReadOnlyMemory<byte> answer)
    {
        try
        {
            if (guarding.Policy.OutputTopics is not { Length: > 0 } rules)
            {
                return null;
            }

            // One window more than any that is judged tells that there are more. A model is not waited for in a place among few: what that bounds, making the answer, is done.
            List<string> windows = [.. JudgedTexts.OfAnswer(answer, JsonTexts.Read(answer.Span, shape)).Take(guarding.MostWindows + 1)];
            LeavePlace();
            return await guarding.JudgeAnswerAsync(rules, windows);
        }
        catch (JsonException)
        {
            return GuardrailError.Unreadable;
        }
    }

    private ReadOnlyMemory<byte> Pass(ReadOnlyMemory<byte>? piece) => piece is { } more ? Stream.Pass(more.Span) : Stream.End();

    private void LeavePlace()
    {
        if (_hasPlace)
        {
            _hasPlace = false;
            places?.Leave();
        }
    }

    private (ReadOnlyMemory<byte> Answer, OpenAIError? Error) Look(ReadOnlyMemory<byte> answer)
    {
        var texts = JsonTexts.Read(answer.Span, shape);
        using var scans = new AnswerScans(guarding);
        var masked = new ArrayBufferWriter<char>();
        var changes = new List<(int At, int Length, byte[] Text)>();
        foreach (var place in texts.Places)
        {
            var scan = scans.Of(place.Kind);
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
