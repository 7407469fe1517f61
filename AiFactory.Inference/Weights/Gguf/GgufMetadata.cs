using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using static AiFactory.Inference.Weights.Gguf.GgufBytes;

namespace AiFactory.Inference.Weights.Gguf;

/// <summary>Reads the metadata entries: key, type, value.</summary>
internal static class GgufMetadata
{
    public const string Tokens = "tokenizer.ggml.tokens";

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789ABCDEF"u8);

    public static IReadOnlyDictionary<string, GgufValue> Read(GgufBytes bytes, int count)
    {
        var metadata = new Dictionary<string, GgufValue>(StringComparer.Ordinal);
        for (var index = 0; index < count; index++)
        {
            var key = bytes.Text($"metadata key {index + 1} of {count}", GgufLimits.KeyBytes);
            if (key.Length == 0 || key.Any(char.IsControl))
            {
                throw new GgufException("a metadata key is empty or holds control characters");
            }

            if (!metadata.TryAdd(key, ReadValue(bytes, key, ReadType(bytes, key))))
            {
                throw new GgufException($"the metadata key '{key}' is there twice");
            }
        }

        return metadata;
    }

    private static GgufValueType ReadType(GgufBytes bytes, string key)
    {
        var type = bytes.UInt32($"the type of '{key}'");
        return type <= (uint)GgufValueType.Float64 ? (GgufValueType)type : throw new GgufException($"'{key}' has the type {type}; 0 to 12 are known");
    }

    private static GgufValue ReadValue(GgufBytes bytes, string key, GgufValueType type) => type switch
    {
        GgufValueType.String => new GgufValue.Text(bytes.Text($"'{key}'", GgufLimits.TextBytes)),
        GgufValueType.Array => ReadArray(bytes, key),
        _ => Scalar(key, type, bytes.Scalar(SizeOf(type), $"'{key}'")),
    };

    /// <summary>An array is its element type (uint32), its count (uint64), then the elements. Arrays in arrays are what llama.cpp does not read.</summary>
    private static GgufValue.Sequence ReadArray(GgufBytes bytes, string key)
    {
        var type = ReadType(bytes, key);
        var count = bytes.UInt64($"the length of '{key}'");
        var limit = key == Tokens ? GgufLimits.VocabularyTokens : GgufLimits.ArrayElements;
        if (count > (ulong)limit)
        {
            throw new GgufException($"'{key}' has {count} elements; {Number(limit)} are the most");
        }

        switch (type)
        {
            case GgufValueType.Array:
                throw new GgufException($"'{key}' is an array of arrays");
            case GgufValueType.String when key == Tokens:
                return new GgufValue.Sequence(type, (long)count, null, ReadVocabulary(bytes, (int)count));
            case GgufValueType.String:
                var name = $"'{key}'";
                for (var index = 0ul; index < count; index++)
                {
                    bytes.TextBytes(name, GgufLimits.ElementBytes);
                }

                break;
            case GgufValueType.Float32 or GgufValueType.Float64:
                bytes.Skip((long)count * SizeOf(type), $"'{key}'");
                break;
            default:
                return ReadNumbers(bytes, key, type, (int)count);
        }

        return new GgufValue.Sequence(type, (long)count, null);
    }

    private static GgufValue.Sequence ReadNumbers(GgufBytes bytes, string key, GgufValueType type, int count)
    {
        if (count > GgufLimits.KeptNumbers)
        {
            bytes.Skip((long)count * SizeOf(type), $"'{key}'");
            return new GgufValue.Sequence(type, count, null);
        }

        var numbers = new long[count];
        for (var index = 0; index < count; index++)
        {
            numbers[index] = Scalar(key, type, bytes.Scalar(SizeOf(type), $"'{key}'")) switch
            {
                GgufValue.Integer number => number.Value,
                GgufValue.Flag flag => flag.Value ? 1 : 0,
                _ => 0,
            };
        }

        return new GgufValue.Sequence(type, count, numbers);
    }

    /// <summary>
    /// llama.cpp asserts that its tokens are as many as their different texts, and ends the process when they are not
    /// (https://github.com/ggml-org/llama.cpp/blob/master/src/llama-vocab.cpp, <c>llama_vocab::impl::load</c>); it gives an empty one the name <c>[EMPTY_7]</c>.
    /// </summary>
    /// <returns>How many texts stand for one byte.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int ReadVocabulary(GgufBytes bytes, int count)
    {
        var byteTokens = 0;
        var seen = new HashSet<string>(count, StringComparer.Ordinal);
        for (var index = 0; index < count; index++)
        {
            var text = bytes.TextBytes("token", GgufLimits.ElementBytes, index);
            // A character for each byte, whatever it is.
            if (!seen.Add(text.IsEmpty ? $"[EMPTY_{index}]" : Encoding.Latin1.GetString(text)))
            {
                throw new GgufException($"token {index} of the vocabulary has the text of one before it");
            }

            byteTokens += text is [(byte)'<', (byte)'0', (byte)'x', var high, var low, (byte)'>'] && HexDigits.Contains(high) && HexDigits.Contains(low) ? 1 : 0;
        }

        return byteTokens;
    }

    private static int SizeOf(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        _ => 8,
    };

    private static GgufValue Scalar(string key, GgufValueType type, ulong bits) => type switch
    {
        GgufValueType.Bool => bits <= 1 ? new GgufValue.Flag(bits == 1) : throw new GgufException($"'{key}' is a bool with the value {bits}"),
        GgufValueType.Float32 => new GgufValue.Real(BitConverter.UInt32BitsToSingle((uint)bits), IsSingle: true),
        GgufValueType.Float64 => new GgufValue.Real(BitConverter.UInt64BitsToDouble(bits), IsSingle: false),
        GgufValueType.Int8 => new GgufValue.Integer(type, (sbyte)bits),
        GgufValueType.Int16 => new GgufValue.Integer(type, (short)bits),
        GgufValueType.Int32 => new GgufValue.Integer(type, (int)bits),
        GgufValueType.Int64 => new GgufValue.Integer(type, (long)bits),
        _ => new GgufValue.Integer(type, (long)Math.Min(bits, long.MaxValue)),
    };
}
