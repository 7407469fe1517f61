using System.Text;

namespace AiFactory.ModelGenerator.Gguf;

/// <summary>
/// Cuts a finished GGUF file into several, as llama.cpp's own tool does: <c>name-00001-of-00003.gguf</c>. The first has the metadata; each has its share of the tensors and the keys
/// <c>split.no</c> (from 0), <c>split.count</c> and <c>split.tensors.count</c>.
/// </summary>
public static class GgufSplitter
{
    private const int Alignment = 32;
    private const uint UInt16Type = 2;
    private const uint Int32Type = 5;

    /// <returns>The files, in their order.</returns>
    public static IReadOnlyList<byte[]> Split(byte[] file, int parts)
    {
        using var reader = new BinaryReader(new MemoryStream(file), Encoding.UTF8);
        reader.ReadUInt64();
        var tensorCount = (int)reader.ReadUInt64();
        var entryCount = reader.ReadUInt64();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts, tensorCount);
        var metadataStart = (int)reader.BaseStream.Position;
        for (var entry = 0ul; entry < entryCount; entry++)
        {
            Skip(reader, 8);
            Skip(reader, reader.ReadUInt32());
        }

        var metadata = file.AsMemory(metadataStart, (int)reader.BaseStream.Position - metadataStart);
        var tensors = new List<(byte[] Info, long Offset)>();
        for (var index = 0; index < tensorCount; index++)
        {
            var start = (int)reader.BaseStream.Position;
            Skip(reader, 8);
            reader.BaseStream.Seek((8 * reader.ReadUInt32()) + 4, SeekOrigin.Current);
            tensors.Add((file[start..(int)reader.BaseStream.Position], reader.ReadInt64()));
        }

        var data = Align(reader.BaseStream.Position);
        return [.. Enumerable.Range(0, parts).Select(part =>
        {
            // The last tensors of a part end where the next part's begin.
            var (from, to) = (tensorCount * part / parts, tensorCount * (part + 1) / parts);
            var begin = tensors[from].Offset;
            var end = to < tensorCount ? tensors[to].Offset : file.Length - data;
            return Write(part, parts, tensorCount, part == 0 ? entryCount : 0, part == 0 ? metadata : default, [.. tensors[from..to].Select(tensor => (tensor.Info, tensor.Offset - begin))], file.AsMemory((int)(data + begin), (int)(end - begin)));
        })];
    }

    /// <summary>Writes the parts of a file beside it.</summary>
    /// <returns>Their paths.</returns>
    public static IReadOnlyList<string> SplitFile(string path, int parts)
    {
        var prefix = Path.Combine(Path.GetDirectoryName(path) ?? "", Path.GetFileNameWithoutExtension(path));
        return [.. Split(File.ReadAllBytes(path), parts).Select((bytes, part) =>
        {
            var name = FormattableString.Invariant($"{prefix}-{part + 1:00000}-of-{parts:00000}.gguf");
            File.WriteAllBytes(name, bytes);
            return name;
        })];
    }

    private static byte[] Write(int part, int parts, int tensorCount, ulong entryCount, ReadOnlyMemory<byte> metadata, IReadOnlyList<(byte[] Info, long Offset)> tensors, ReadOnlyMemory<byte> data)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)tensors.Count);
        writer.Write(entryCount + 3);
        writer.Write(metadata.Span);
        WriteKey("split.no", UInt16Type);
        writer.Write((ushort)part);
        WriteKey("split.count", UInt16Type);
        writer.Write((ushort)parts);
        WriteKey("split.tensors.count", Int32Type);
        writer.Write(tensorCount);
        foreach (var (info, offset) in tensors)
        {
            writer.Write(info);
            writer.Write(offset);
        }

        writer.Flush();
        while (stream.Position < Align(stream.Position))
        {
            stream.WriteByte(0);
        }

        stream.Write(data.Span);
        return stream.ToArray();

        void WriteKey(string key, uint type)
        {
            writer.Write((ulong)key.Length);
            writer.Write(Encoding.ASCII.GetBytes(key));
            writer.Write(type);
        }
    }

    /// <param name="type">As numbered in a file; 8 is a text, 9 an array.</param>
    private static void Skip(BinaryReader reader, uint type)
    {
        if (type == 9)
        {
            var element = reader.ReadUInt32();
            for (var left = reader.ReadUInt64(); left > 0; left--)
            {
                Skip(reader, element);
            }
        }
        else
        {
            reader.BaseStream.Seek(type switch { 0 or 1 or 7 => 1, 2 or 3 => 2, 4 or 5 or 6 => 4, 8 => (long)reader.ReadUInt64(), _ => 8 }, SeekOrigin.Current);
        }
    }

    private static long Align(long position) => (position + Alignment - 1) / Alignment * Alignment;
}
