using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace AiFactory.Builder.Streaming;

/// <summary>Reads a channel for a stream that must not fall silent: proxies and clients give up on one that does.</summary>
internal static class QuietPauses
{
    /// <summary>What the channel brings, and null each time that it brought nothing for so long.</summary>
    internal static async IAsyncEnumerable<T?> ReadAllWithPausesAsync<T>(
        this ChannelReader<T> reader, TimeSpan pause, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            var waiting = reader.WaitToReadAsync(cancellationToken).AsTask();
            while (!await IsDoneAsync(waiting, pause, time, cancellationToken))
            {
                yield return null;
            }

            if (!await waiting)
            {
                yield break;
            }

            while (reader.TryRead(out var item))
            {
                yield return item;
            }
        }
    }

    private static async Task<bool> IsDoneAsync(Task<bool> waiting, TimeSpan pause, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await waiting.WaitAsync(pause, time, cancellationToken);
            return true;
        }
        catch (TimeoutException) when (!waiting.IsFaulted)
        {
            return false;
        }
    }
}
