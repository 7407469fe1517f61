using System.Buffers;
using System.Net.Sockets;

namespace AiFactory.Hosting.Orchestration.Endpoints;

/// <summary>Carries bytes between two sockets until both have said that they are done. An idle connection holds no buffer.</summary>
internal static class SocketRelay
{
    private const int BufferSize = 32 * 1024;

    public static async Task RunAsync(Socket client, Socket server)
    {
        var up = CopyAsync(client, server);
        var down = CopyAsync(server, client);

        // A direction that ended well leaves the other open (half-close). A broken one breaks both.
        var first = await Task.WhenAny(up, down);
        if (!first.IsCompletedSuccessfully)
        {
            client.Dispose();
            server.Dispose();
        }

        await Task.WhenAll(up, down);
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        while (true)
        {
            // Reading nothing waits until there is something.
            await from.ReceiveAsync(Memory<byte>.Empty);
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                do
                {
                    var read = await from.ReceiveAsync(buffer.AsMemory());
                    if (read == 0)
                    {
                        to.Shutdown(SocketShutdown.Send);
                        return;
                    }

                    for (var sent = 0; sent < read;)
                    {
                        sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
                    }
                }
                while (from.Available > 0);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
