using System.Text;

namespace AiFactory.ModelGenerator.Gguf;

/// <summary>
/// Writes one GGUF file, version 3, little-endian:
/// <c>"GGUF" version tensor-count metadata-count | metadata | tensor infos | padding | tensor data</c>.
/// Specification: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
/// </summary>
public sealed class GgufWriter
{
    private const uint Version = 3;
    private const int Alignment = 32;

    private readonly List<(string Key, Action<BinaryWriter> Write)> _metadata = [];
    private readonly List<GgufTensor> _tensors = [];

    public GgufWriter Add(string key, uint value) => AddTyped(key, ValueType.UInt32, w => w.Write(value));

    public GgufWriter Add(string key, float value) => AddTyped(key, ValueType.Float32, w => w.Write(value));

    public GgufWriter Add(string key, bool value) => AddTyped(key, ValueType.Bool, w => w.Write(value));

    public GgufWriter Add(string key, string value) => AddTyped(key, ValueType.String, w => WriteString(w, value));

    public GgufWriter Add(string key, IReadOnlyList<string> values) => AddArray(key, ValueType.String, values, WriteString);

    public GgufWriter Add(string key, IReadOnlyList<int> values) => AddArray(key, ValueType.Int32, values, (w, v) => w.Write(v));

    public GgufWriter Add(string key, IReadOnlyList<float> values) => AddArray(key, ValueType.Float32, values, (w, v) => w.Write(v));

    public GgufWriter Add(GgufTensor tensor)
    {
        _tensors.Add(tensor);
        return this;
    }

    public void WriteTo(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(Version);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_metadata.Count);
        foreach (var (key, write) in _metadata)
        {
            WriteString(writer, key);
            write(writer);
        }

        long offset = 0;
        foreach (var tensor in _tensors)
        {
            WriteString(writer, tensor.Name);
            writer.Write((uint)tensor.Dimensions.Count);
            foreach (var dimension in tensor.Dimensions)
            {
                writer.Write((ulong)dimension);
            }

            writer.Write((uint)tensor.Type);
            writer.Write((ulong)offset);
            offset = Align(offset + tensor.SizeBytes);
        }

        foreach (var tensor in _tensors)
        {
            Pad(writer);
            WriteValues(writer, tensor);
        }

        Pad(writer);
    }

    private GgufWriter AddTyped(string key, ValueType type, Action<BinaryWriter> write)
    {
        _metadata.Add((key, w =>
        {
            w.Write((uint)type);
            write(w);
        }));
        return this;
    }

    private GgufWriter AddArray<T>(string key, ValueType type, IReadOnlyList<T> values, Action<BinaryWriter, T> write) =>
        AddTyped(key, ValueType.Array, w =>
        {
            w.Write((uint)type);
            w.Write((ulong)values.Count);
            foreach (var value in values)
            {
                write(w, value);
            }
        });

    private static void WriteString(BinaryWriter writer, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void WriteValues(BinaryWriter writer, GgufTensor tensor)
    {
        var bytes = new byte[GgufRow.SizeBytes(tensor.Type, tensor.RowLength)];
        var rows = 0L;
        foreach (var row in tensor.Rows)
        {
            if (row.Length != tensor.RowLength || ++rows > tensor.RowCount)
            {
                throw new InvalidOperationException($"{tensor.Name}: row {rows} has {row.Length} values, its dimensions are {string.Join(" x ", tensor.Dimensions)}.");
            }

            GgufRow.Write(tensor.Type, row.Span, bytes);
            writer.Write(bytes);
        }

        if (rows != tensor.RowCount)
        {
            throw new InvalidOperationException($"{tensor.Name}: {rows} rows, its dimensions are {string.Join(" x ", tensor.Dimensions)}.");
        }
    }

    private static void Pad(BinaryWriter writer)
    {
        writer.Flush();
        for (var position = writer.BaseStream.Position; position < Align(position); position++)
        {
            writer.Write((byte)0);
        }
    }

    private static long Align(long offset) => (offset + Alignment - 1) / Alignment * Alignment;

    private enum ValueType : uint
    {
        UInt32 = 4,
        Int32 = 5,
        Float32 = 6,
        Bool = 7,
        String = 8,
        Array = 9,
    }
}
