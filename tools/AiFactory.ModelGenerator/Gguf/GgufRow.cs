using System.Buffers.Binary;
using System.Numerics.Tensors;

namespace AiFactory.ModelGenerator.Gguf;

/// <summary>One row of a tensor as its type stores it.</summary>
public static class GgufRow
{
    private const int BlockValues = 32;
    private const int BlockBytes = 2 + BlockValues;

    public static long SizeBytes(GgufTensorType type, long values) => type switch
    {
        GgufTensorType.F32 => values * 4,
        GgufTensorType.F16 => values * 2,
        GgufTensorType.Q80 when values % BlockValues == 0 => values / BlockValues * BlockBytes,
        GgufTensorType.Q80 => throw new ArgumentException($"A row of Q8_0 is a multiple of {BlockValues} long, not {values}."),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "This type is not known."),
    };

    public static void Write(GgufTensorType type, ReadOnlySpan<float> values, Span<byte> bytes)
    {
        switch (type)
        {
            case GgufTensorType.F32:
                for (var i = 0; i < values.Length; i++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(bytes[(i * 4)..], values[i]);
                }

                break;
            case GgufTensorType.F16:
                for (var i = 0; i < values.Length; i++)
                {
                    BinaryPrimitives.WriteHalfLittleEndian(bytes[(i * 2)..], (Half)values[i]);
                }

                break;
            case GgufTensorType.Q80:
                for (var block = 0; block < values.Length / BlockValues; block++)
                {
                    WriteBlock(values.Slice(block * BlockValues, BlockValues), bytes.Slice(block * BlockBytes, BlockBytes));
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "This type is not known.");
        }
    }

    /// <summary>The largest value becomes 127 or -127; a value is scale * byte. As ggml's quantize_row_q8_0, halves are rounded away from zero.</summary>
    private static void WriteBlock(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        var scale = Math.Abs(TensorPrimitives.MaxMagnitude(values)) / 127f;
        var inverse = scale == 0f ? 0f : 1f / scale;
        BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)scale);
        for (var i = 0; i < BlockValues; i++)
        {
            bytes[2 + i] = unchecked((byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero));
        }
    }
}
