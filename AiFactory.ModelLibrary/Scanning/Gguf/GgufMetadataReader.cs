using static AiFactory.ModelLibrary.Scanning.Gguf.GgufByteReader;

namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>Reads the metadata entries: key, type, value.</summary>
internal sealed class GgufMetadataReader(GgufByteReader reader, GgufLimits limits)
{
    private long _keptTextBytes;

    internal async Task<IReadOnlyDictionary<string, GgufValue>> ReadAsync(long count, CancellationToken cancellationToken)
    {
        var metadata = new Dictionary<string, GgufValue>(StringComparer.Ordinal);
        for (long index = 0; index < count; index++)
        {
            var at = reader.Position;
            var key = await reader.ReadStringAsync($"metadata key {index + 1} of {count}", limits.KeyBytes, cancellationToken);
            if (key.Length == 0 || key.Any(char.IsControl))
            {
                throw new GgufFormatException(at, "a metadata key is empty or holds control characters");
            }

            var type = await ReadTypeAsync(key, cancellationToken);
            var value = await ReadValueAsync(key, type, cancellationToken);
            if (!metadata.TryAdd(key, value))
            {
                throw new GgufFormatException(at, $"metadata key '{key}' appears twice");
            }
        }

        return metadata;
    }

    private async ValueTask<GgufValueType> ReadTypeAsync(string key, CancellationToken cancellationToken)
    {
        var at = reader.Position;
        var type = await reader.ReadUInt32Async($"the type of '{key}'", cancellationToken);
        return type <= (uint)GgufValueType.Float64
            ? (GgufValueType)type
            : throw new GgufFormatException(at, $"metadata key '{key}' has type {Number(type)}; types 0 to 12 are known");
    }

    private async ValueTask<GgufValue> ReadValueAsync(string key, GgufValueType type, CancellationToken cancellationToken)
    {
        var at = reader.Position;
        switch (type)
        {
            case GgufValueType.String:
                var text = await reader.ReadStringAsync($"'{key}'", limits.TextBytes, cancellationToken);
                _keptTextBytes += reader.Position - at;
                return _keptTextBytes <= limits.KeptTextBytes
                    ? new GgufValue.Text(at, text)
                    : throw new GgufFormatException(at, $"the texts up to '{key}' exceed the limit of {Number(limits.KeptTextBytes)} bytes together");

            case GgufValueType.Array:
                return await ReadArrayAsync(key, depth: 1, cancellationToken);

            default:
                return Scalar(key, type, at, await reader.ReadScalarAsync(ScalarBytes(type), $"'{key}'", cancellationToken));
        }
    }

    /// <summary>An array is its element type (uint32), its count (uint64), then the elements; elements may be arrays again.</summary>
    private async ValueTask<GgufValue.Sequence> ReadArrayAsync(string key, int depth, CancellationToken cancellationToken)
    {
        var at = reader.Position;
        if (depth > limits.ArrayDepth)
        {
            throw new GgufFormatException(at, $"arrays of '{key}' are nested deeper than {limits.ArrayDepth}");
        }

        var type = await ReadTypeAsync(key, cancellationToken);
        var countAt = reader.Position;
        var count = await reader.ReadUInt64Async($"the length of array '{key}'", cancellationToken);
        if (count > (ulong)limits.ArrayElements)
        {
            throw new GgufFormatException(countAt, $"array '{key}' of {Number(count)} elements exceeds the limit of {Number(limits.ArrayElements)}");
        }

        if (key == GgufVocabulary.Key && depth == 1 && type == GgufValueType.String)
        {
            await GgufVocabulary.ReadAsync(reader, limits, countAt, (long)count, cancellationToken);
        }
        else
        {
            await SkipElementsAsync(key, type, (long)count, depth, cancellationToken);
        }

        return new GgufValue.Sequence(at, type, (long)count);
    }

    private async ValueTask SkipElementsAsync(string key, GgufValueType type, long count, int depth, CancellationToken cancellationToken)
    {
        if (type is not (GgufValueType.String or GgufValueType.Array))
        {
            await reader.SkipAsync(count * ScalarBytes(type), $"array '{key}'", cancellationToken);
            return;
        }

        for (long index = 0; index < count; index++)
        {
            if (type == GgufValueType.String)
            {
                await reader.SkipStringAsync($"'{key}'", limits.ElementTextBytes, cancellationToken);
            }
            else
            {
                await ReadArrayAsync(key, depth + 1, cancellationToken);
            }
        }
    }

    private static int ScalarBytes(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        _ => 8,
    };

    private static GgufValue Scalar(string key, GgufValueType type, long at, ulong bits) => type switch
    {
        GgufValueType.Bool when bits > 1 => throw new GgufFormatException(at, $"'{key}' is a bool with the value {bits}; 0 and 1 are known"),
        GgufValueType.Bool => new GgufValue.Flag(at, bits == 1),
        GgufValueType.Float32 => new GgufValue.Real(at, BitConverter.UInt32BitsToSingle((uint)bits)),
        GgufValueType.Float64 => new GgufValue.Real(at, BitConverter.UInt64BitsToDouble(bits)),
        GgufValueType.Int8 => new GgufValue.Integer(at, type, (sbyte)bits),
        GgufValueType.Int16 => new GgufValue.Integer(at, type, (short)bits),
        GgufValueType.Int32 => new GgufValue.Integer(at, type, (int)bits),
        GgufValueType.Int64 => new GgufValue.Integer(at, type, (long)bits),
        _ => new GgufValue.Integer(at, type, bits),
    };
}
