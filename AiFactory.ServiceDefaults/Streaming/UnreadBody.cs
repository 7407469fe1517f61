using Microsoft.AspNetCore.Http;

namespace AiFactory.ServiceDefaults.Streaming;

/// <summary>
/// What a client still sends when its request has been refused. Many read an answer only when they have sent all: who closes the connection under them leaves
/// them with a broken pipe in place of the reason. So the rest is read and thrown away, within bounds.
/// </summary>
public static class UnreadBody
{
    private const long MostBytes = 256L << 20;
    private const int MostAtOnce = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);
    private static int s_drains;

    /// <summary>
    /// Ends the answer, and reads the body to its end: up to 256 MiB, for two minutes, while something comes every five seconds. Beyond 32 bodies at once a process
    /// lets the connection close instead. A client that goes meanwhile is no error.
    /// </summary>
    public static async Task DrainAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await context.Response.CompleteAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        try
        {
            if (Interlocked.Increment(ref s_drains) > MostAtOnce)
            {
                return;
            }

            patience.CancelAfter(Patience);
            var reader = context.Request.BodyReader;
            for (long drained = 0; drained < MostBytes;)
            {
                var result = await reader.ReadAsync(patience.Token).AsTask().WaitAsync(Silence, patience.Token);
                drained += result.Buffer.Length;
                reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or TimeoutException or InvalidOperationException)
        {
            // Gone, too slow, or still being read by who gave up on it.
        }
        finally
        {
            Interlocked.Decrement(ref s_drains);
        }
    }
}
