using System.Buffers.Binary;
using System.Text;

namespace AiFactory.ModelLibrary.Tests.Edges;

/// <summary>
/// Writes small GGUF files, whole ones and, on demand, ones that are wrong in a single place. Entries and tensors are kept in the order in which
/// they were added; a lambda given to <see cref="Raw"/> writes whatever bytes a test wants in an entry's stead.
/// </summary>
internal sealed class TinyGguf
{
    private readonly List<(string Key, Action<BinaryWriter> Write)> _entries = [];
    private readonly List<(string Name, ulong[] Dimensions, uint Type, ulong? Offset, int Bytes)> _tensors = [];

    internal uint Magic { get; set; } = 0x46554747;

    internal uint Version { get; set; } = 3;

    internal ulong? TensorCount { get; set; }

    internal ulong? EntryCount { get; set; }

    internal int Alignment { get; set; } = 32;

    /// <summary>Fills the tensors' data: other seeds make other bytes of the same model.</summary>
    internal byte Seed { get; set; } = 1;

    /// <summary>A whole llama of 8 dimensions, one block and 4 tokens.</summary>
    internal static TinyGguf Chat(string? template = "{% for m in messages %}{{ m['content'] }}{% endfor %}")
    {
        var file = Model("llama", "attention.layer_norm_rms_epsilon");
        if (template is not null)
        {
            file.Text("tokenizer.chat_template", template);
        }

        return file;
    }

    /// <summary>A whole BERT.</summary>
    internal static TinyGguf Embedding() => Model("bert", "attention.layer_norm_epsilon");

    internal TinyGguf Text(string key, string value) => Raw(key, writer =>
    {
        writer.Write(8u);
        WriteString(writer, value);
    });

    internal TinyGguf UInt32(string key, uint value) => Raw(key, writer =>
    {
        writer.Write(4u);
        writer.Write(value);
    });

    internal TinyGguf Float(string key, float value) => Raw(key, writer =>
    {
        writer.Write(6u);
        writer.Write(value);
    });

    internal TinyGguf Texts(string key, params string[] values) => Raw(key, writer =>
    {
        writer.Write(9u);
        writer.Write(8u);
        writer.Write((ulong)values.Length);
        foreach (var value in values)
        {
            WriteString(writer, value);
        }
    });

    internal TinyGguf Floats(string key, params float[] values) => Raw(key, writer =>
    {
        writer.Write(9u);
        writer.Write(6u);
        writer.Write((ulong)values.Length);
        foreach (var value in values)
        {
            writer.Write(value);
        }
    });

    /// <summary>Type and value, as the test likes.</summary>
    internal TinyGguf Raw(string key, Action<BinaryWriter> write)
    {
        _entries.Add((key, write));
        return this;
    }

    internal TinyGguf Remove(string key)
    {
        _entries.RemoveAll(entry => entry.Key == key);
        return this;
    }

    /// <summary>A tensor of F32 unless said; its offset is the next free one unless said.</summary>
    internal TinyGguf Tensor(string name, ulong[] dimensions, uint type = 0, ulong? offset = null, int? bytes = null)
    {
        _tensors.Add((name, dimensions, type, offset, bytes ?? (int)dimensions.Aggregate((one, other) => one * other) * 4));
        return this;
    }

    internal TinyGguf RemoveTensor(string name)
    {
        _tensors.RemoveAll(tensor => tensor.Name == name);
        return this;
    }

    internal byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(TensorCount ?? (ulong)_tensors.Count);
        writer.Write(EntryCount ?? (ulong)_entries.Count);
        foreach (var (key, write) in _entries)
        {
            WriteString(writer, key);
            write(writer);
        }

        ulong next = 0;
        foreach (var (name, dimensions, type, offset, bytes) in _tensors)
        {
            WriteString(writer, name);
            writer.Write((uint)dimensions.Length);
            foreach (var dimension in dimensions)
            {
                writer.Write(dimension);
            }

            writer.Write(type);
            writer.Write(offset ?? next);
            next += (ulong)Padded(bytes);
        }

        Pad(writer, stream);
        foreach (var tensor in _tensors)
        {
            writer.Write(Enumerable.Repeat(Seed, tensor.Bytes).ToArray());
            Pad(writer, stream);
        }

        return stream.ToArray();
    }

    internal static void WriteString(BinaryWriter writer, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    /// <summary>Where a run of bytes first stands.</summary>
    internal static int Find(byte[] file, string text) => file.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));

    internal static byte[] Patch(byte[] file, int at, ulong value)
    {
        var copy = (byte[])file.Clone();
        BinaryPrimitives.WriteUInt64LittleEndian(copy.AsSpan(at), value);
        return copy;
    }

    private static TinyGguf Model(string architecture, string epsilon) => new TinyGguf()
        .Text("general.architecture", architecture)
        .Text("general.license", "apache-2.0")
        .UInt32($"{architecture}.context_length", 128)
        .UInt32($"{architecture}.embedding_length", 8)
        .UInt32($"{architecture}.block_count", 1)
        .UInt32($"{architecture}.feed_forward_length", 16)
        .UInt32($"{architecture}.attention.head_count", 2)
        .Float($"{architecture}.{epsilon}", 1e-5f)
        .Text("tokenizer.ggml.model", "llama")
        .Texts("tokenizer.ggml.tokens", "<s>", "</s>", "a", "b")
        .Floats("tokenizer.ggml.scores", 0, 0, -1, -2)
        .UInt32("tokenizer.ggml.bos_token_id", 0)
        .Tensor("token_embd.weight", [8, 4])
        .Tensor("blk.0.attn_norm.weight", [8])
        .Tensor("output_norm.weight", [8]);

    private int Padded(int bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private void Pad(BinaryWriter writer, MemoryStream stream)
    {
        writer.Flush();
        writer.Write(new byte[Padded((int)stream.Length) - (int)stream.Length]);
        writer.Flush();
    }
}
