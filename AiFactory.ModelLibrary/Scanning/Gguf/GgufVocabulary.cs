using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using static AiFactory.ModelLibrary.Scanning.Gguf.GgufByteReader;

namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>
/// Reads past the vocabulary and refuses one that has a text twice: llama.cpp asserts that its tokens are as many as their different texts and ends the
/// process when they are not (https://github.com/ggml-org/llama.cpp/blob/master/src/llama-vocab.cpp, <c>llama_vocab::impl::load</c>).
/// </summary>
internal static class GgufVocabulary
{
    internal const string Key = "tokenizer.ggml.tokens";

    /// <param name="countAt">Where the count stands.</param>
    internal static async ValueTask ReadAsync(GgufByteReader reader, GgufLimits limits, long countAt, long count, CancellationToken cancellationToken)
    {
        if (count > limits.VocabularyTokens)
        {
            throw new GgufFormatException(countAt, $"'{Key}' has {Number(count)} texts; the limit is {Number(limits.VocabularyTokens)}");
        }

        // It grows with what was read, never with what the file promises.
        var seen = new HashSet<UInt128>();
        for (long index = 0; index < count; index++)
        {
            var at = reader.Position;
            var text = await reader.ReadStringBytesAsync($"'{Key}'", limits.ElementTextBytes, cancellationToken);
            if (!seen.Add(Hash(AsEngineReads(text, index))))
            {
                throw new GgufFormatException(at, $"text {Number(index)} of '{Key}' was there before; each token needs a text of its own");
            }
        }
    }

    /// <summary>llama.cpp ends a text at its first zero, and gives an empty one a name.</summary>
    private static ReadOnlySpan<byte> AsEngineReads(byte[] text, long index)
    {
        var zero = Array.IndexOf(text, (byte)0);
        var read = zero < 0 ? text : text.AsSpan(0, zero);
        return read.IsEmpty ? Encoding.UTF8.GetBytes($"[EMPTY_{index}]") : read;
    }

    /// <summary>128 bits of SHA-256: nobody makes two texts that collide, so no whole vocabulary is refused by mistake.</summary>
    private static UInt128 Hash(ReadOnlySpan<byte> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
