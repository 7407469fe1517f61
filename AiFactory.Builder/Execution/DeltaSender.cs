using System.Text;
using System.Text.Json;
using AiFactory.Builder.Runs;
using AiFactory.ServiceDefaults.Loops;

namespace AiFactory.Builder.Execution;

/// <summary>
/// Sends a step's text to who watches its run: at once within this process, gathered for a moment to others. A piece that is lost is no harm: the finished
/// step has the whole text.
/// </summary>
internal sealed class DeltaSender(ClaimedStep claim, bool isAnswer, RunFeed feed, ClaimStore claims, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    /// <summary>A notification holds under 8000 bytes, and a character takes up to 6 as JSON.</summary>
    private const int LongestPiece = 1000;

    private readonly StringBuilder _waiting = new();
    private int _sent;
    private int _length;
    private long _since = time.GetTimestamp();

    internal async ValueTask SendAsync(string text)
    {
        feed.Publish(Delta(text, _length));
        _length += text.Length;
        _waiting.Append(text);
        if (time.GetElapsedTime(_since) >= Gathering)
        {
            await FlushAsync();
        }
    }

    public ValueTask DisposeAsync() => FlushAsync();

    private async ValueTask FlushAsync()
    {
        var text = _waiting.ToString();
        _waiting.Clear();
        _since = time.GetTimestamp();
        try
        {
            while (text.Length > 0)
            {
                var piece = text[..Length(text)];
                text = text[piece.Length..];
                await claims.NotifyAsync($"delta:{JsonSerializer.Serialize(Delta(piece, _sent), RunJson.Default.RunDelta)}", CancellationToken.None);
                _sent += piece.Length;
            }
        }
        catch (Exception error) when (Loop.IsInfrastructure(error))
        {
            // Watchers in other processes see a gap, and fill it: what follows keeps its place.
            _sent = _length;
        }
    }

    /// <summary>Of the next piece: a character of two code units is not taken apart.</summary>
    private static int Length(string text) =>
        text.Length <= LongestPiece ? text.Length : char.IsHighSurrogate(text[LongestPiece - 1]) ? LongestPiece - 1 : LongestPiece;

    private RunDelta Delta(string text, int offset) => new(feed.Process, claim.RunId, claim.Node, claim.Attempt, text, offset, isAnswer);
}
