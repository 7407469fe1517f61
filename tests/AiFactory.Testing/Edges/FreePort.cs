using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace AiFactory.Testing.Edges;

/// <summary>
/// A port for a server that is started in a moment, or that goes away and comes back: nobody else gets it meanwhile. One that the system chose and that was let go again would be
/// anybody's, an outgoing connection's or another test's.
/// </summary>
public static class FreePort
{
    // Below 32,768, where Linux begins to take the ports of outgoing connections, and above those that the AppHost gives its replicas.
    private const int First = 30_000;
    private const int Last = 32_767;

    private static readonly string TakenLast = Path.Combine(Path.GetTempPath(), "aifactory-test-port");

    /// <summary>The next in turn, of all test processes on this machine: it is some thousand ports until one comes again.</summary>
    public static int Take()
    {
        using var file = Open();
        Span<byte> number = stackalloc byte[sizeof(int)];
        var port = file.Read(number) == number.Length ? BinaryPrimitives.ReadInt32LittleEndian(number) : Last;
        do
        {
            port = port is >= First and < Last ? port + 1 : First;
        }
        while (!IsFree(port));

        BinaryPrimitives.WriteInt32LittleEndian(number, port);
        file.Position = 0;
        file.Write(number);
        return port;
    }

    /// <summary>Nobody else holds the file meanwhile. They do for some microseconds.</summary>
    private static FileStream Open()
    {
        while (true)
        {
            try
            {
                return new FileStream(TakenLast, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(TakenLast))
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>On every address: a server may choose which.</summary>
    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Any, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
