using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>
/// Has another .NET process collect all garbage, so that what its heap holds then is in use: a trace whose keyword asks for that is begun and ended, by the
/// runtime's own protocol (https://github.com/dotnet/diagnostics/blob/main/documentation/design-docs/ipc-protocol.md).
/// </summary>
internal static class FullCollection
{
    private const byte EventPipe = 2;
    private const byte StopTracing = 1;
    private const byte CollectTracing = 3;
    private const byte Succeeded = 0;
    private const int HeaderLength = 20;

    /// <summary>GCHeapCollect of Microsoft-Windows-DotNETRuntime.</summary>
    private const ulong Keyword = 0x800000;

    private static readonly TimeSpan Traced = TimeSpan.FromSeconds(2);

    public static async Task InduceAsync(int process, CancellationToken cancellationToken)
    {
        await using var trace = await OpenAsync(process, cancellationToken);
        var session = await AskAsync(trace, CollectTracing, Session(), cancellationToken);
        var read = trace.CopyToAsync(Stream.Null, cancellationToken);
        await Task.Delay(Traced, cancellationToken);
        var id = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(id, session);
        await using (var control = await OpenAsync(process, cancellationToken))
        {
            await AskAsync(control, StopTracing, id, cancellationToken);
        }

        await read; // the trace ends with its session
    }

    private static async Task<NetworkStream> OpenAsync(int process, CancellationToken cancellationToken)
    {
        var path = Directory.EnumerateFiles(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"dotnet-diagnostic-{process}-*-socket")).FirstOrDefault()
            ?? throw new InvalidOperationException($"The process {process} has no diagnostic port.");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <returns>The session that the answer names.</returns>
    private static async Task<ulong> AskAsync(NetworkStream stream, byte command, byte[] payload, CancellationToken cancellationToken)
    {
        var message = new byte[HeaderLength + payload.Length];
        "DOTNET_IPC_V1\0"u8.CopyTo(message);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(14), (ushort)message.Length);
        (message[16], message[17]) = (EventPipe, command);
        payload.CopyTo(message, HeaderLength);
        await stream.WriteAsync(message, cancellationToken);
        var answer = new byte[HeaderLength + sizeof(ulong)];
        await stream.ReadExactlyAsync(answer, cancellationToken);
        return answer[17] == Succeeded ? BinaryPrimitives.ReadUInt64LittleEndian(answer.AsSpan(HeaderLength)) : throw new InvalidOperationException("The runtime refused the trace.");
    }

    /// <summary>Megabytes of buffer, the format, no rundown, and one provider: its keywords, level, name and no filter.</summary>
    private static byte[] Session()
    {
        const string provider = "Microsoft-Windows-DotNETRuntime\0";
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(1u);
        writer.Write(1u);
        writer.Write(false);
        writer.Write(1u);
        writer.Write(Keyword);
        writer.Write(4u);
        writer.Write((uint)provider.Length);
        writer.Write(Encoding.Unicode.GetBytes(provider));
        writer.Write(0u);
        return bytes.ToArray();
    }
}
