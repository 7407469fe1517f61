using Microsoft.AspNetCore.Http;

namespace AiFactory.ServiceDefaults.Streaming;

/// <summary>
/// What a client still sends when its request has been refused. Many read an answer only when they have sent all: who closes the connection under them leaves
/// them with a broken pipe in place of the reason. So the rest is read and thrown away, within bounds.
/// </summary>
public static class UnreadBody
{
    private const long MostBytes = 1L << 30;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Reads the body to its end, or until it has had a gibibyte or half a minute; a client that goes meanwhile is no error.</summary>
    public static async Task DrainAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(Patience);
        try
        {
            var reader = context.Request.BodyReader;
            for (long drained = 0; drained < MostBytes;)
            {
                var result = await reader.ReadAsync(patience.Token);
                drained += result.Buffer.Length;
                reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Gone, too slow, or still being read by who gave up on it.
        }
    }
}
