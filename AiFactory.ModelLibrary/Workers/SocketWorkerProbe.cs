using System.Net.Sockets;

namespace AiFactory.ModelLibrary.Workers;

/// <summary>Opens a connection and closes it again.</summary>
internal sealed class SocketWorkerProbe(TimeProvider time) : IWorkerProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    public async Task<bool> IsGoneAsync(string baseUrl, CancellationToken cancellationToken)
    {
        var url = new Uri(baseUrl);
        using var timeout = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(url.Host, url.Port, either.Token);
            return false;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
