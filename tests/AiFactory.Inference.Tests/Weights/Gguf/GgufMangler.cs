using System.Buffers.Binary;

namespace AiFactory.Inference.Tests.Weights.Gguf;

/// <summary>Makes a hostile file of a good one: each way aims at one thing that a reader may believe.</summary>
internal sealed class GgufMangler(byte[] good, Random random)
{
    private static readonly ulong[] Numbers = [0, 1, 2, 3, 5, 7, 8, 16, 31, 33, 63, 64, 65, 100, 127, 128, 255, 511, 512, 513, 4096, 65_535, 65_536, 1 << 20, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1UL << 32, 1UL << 40, (1UL << 62) + 1, long.MaxValue, 1UL << 63, ulong.MaxValue];
    private static readonly uint[] Floats = [0, 0x8000_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xBF80_0000, 0x7F7F_FFFF, 1];

    private readonly GgufMap _map = new(good);

    public byte[] Next()
    {
        var bytes = (byte[])good.Clone();
        var times = random.Next(3) == 0 ? random.Next(2, 5) : 1;
        for (var time = 0; time < times; time++)
        {
            bytes = Change(bytes);
        }

        return bytes;
    }

    private byte[] Change(byte[] bytes)
    {
        if (bytes.Length < good.Length)
        {
            return bytes; // cut: there may be nothing left to change
        }

        switch (random.Next(13))
        {
            case 0: // a bit somewhere
                bytes[random.Next(_map.HeaderLength)] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1: // a number anywhere
                Write(bytes, random.Next(Math.Max(1, _map.HeaderLength - 8)), random.Next(2) == 0 ? 4 : 8, Pick(Numbers));
                return bytes;
            case 2: // cut
                return bytes[..random.Next(Math.Min(bytes.Length, _map.HeaderLength * (random.Next(4) == 0 ? 8 : 1)))];
            case 3: // the counts
                Write(bytes, random.Next(2) == 0 ? 8 : 16, 8, random.Next(2) == 0 ? Pick(Numbers) : (ulong)random.Next(64));
                return bytes;
            case 4 or 5: // a number of the metadata
                var (_, (at, size)) = _map.Numbers.ElementAt(random.Next(_map.Numbers.Count));
                Write(bytes, at, size, size == 4 && random.Next(4) == 0 ? Floats[random.Next(Floats.Length)] : Pick(Numbers));
                return bytes;
            case 6: // the type of a value
                Write(bytes, _map.Types[random.Next(_map.Types.Count)], 4, (ulong)random.Next(16));
                return bytes;
            case 7: // an array's type or length
                var array = _map.Arrays.Values.ElementAt(random.Next(_map.Arrays.Count));
                Write(bytes, random.Next(3) == 0 ? array : array + 4, random.Next(3) == 0 ? 4 : 8, Pick(Numbers));
                return bytes;
            case 8: // a name that is no longer known, or known twice
                var names = random.Next(2) == 0 ? _map.Keys : _map.TensorNames;
                var (nameAt, length) = names[random.Next(names.Count)];
                var others = names.Where(other => other.Length == length).ToList();
                bytes.AsSpan(others[random.Next(others.Count)].At, length).CopyTo(bytes.AsSpan(nameAt));
                bytes[nameAt + random.Next(length)] = (byte)random.Next(256);
                return bytes;
            case 9: // a shape
                var ranks = random.Next(5) == 0;
                Write(bytes, ranks ? Pick(_map.TensorRanks) : Pick(_map.TensorDimensions), ranks ? 4 : 8, Pick(Numbers));
                return bytes;
            case 10: // a tensor's type
                Write(bytes, Pick(_map.TensorTypes), 4, (ulong)random.Next(44));
                return bytes;
            case 11: // a tensor's place
                Write(bytes, Pick(_map.TensorOffsets), 8, random.Next(2) == 0 ? Pick(Numbers) : (ulong)random.Next(64) * 32);
                return bytes;
            default: // a text
                var text = _map.Texts.Values.ElementAt(random.Next(_map.Texts.Count));
                random.NextBytes(bytes.AsSpan(text.At, Math.Min(text.Length, random.Next(1, 9))));
                return bytes;
        }
    }

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];

    private static void Write(byte[] bytes, int at, int size, ulong value)
    {
        Span<byte> all = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(all, value);
        all[..Math.Min(size, Math.Max(0, bytes.Length - at))].CopyTo(bytes.AsSpan(Math.Min(at, bytes.Length)));
    }
}
