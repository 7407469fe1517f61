using System.Buffers;

namespace AiFactory.Inference.Engine.Adapters;

/// <summary>Brings a file into the system's cache: who reads it next waits for memory and not for a disk.</summary>
internal static class FileAhead
{
    private const int BufferSize = 1 << 20;

    public static void Read(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, FileOptions.SequentialScan);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count;
            for (var at = 0L; (count = RandomAccess.Read(file, buffer, at)) > 0; at += count)
            {
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
