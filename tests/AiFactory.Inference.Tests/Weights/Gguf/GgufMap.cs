using System.Buffers.Binary;
using System.Text;

namespace AiFactory.Inference.Tests.Weights.Gguf;

/// <summary>Where things stand in a good GGUF file, so that a test can change them. It trusts the file, unlike what is tested.</summary>
internal sealed class GgufMap
{
    private readonly byte[] _bytes;
    private int _at = 8;

    public GgufMap(byte[] bytes)
    {
        _bytes = bytes;
        var tensors = (int)UInt64();
        var entries = (int)UInt64();
        for (var index = 0; index < entries; index++)
        {
            Keys.Add((_at + 8, (int)BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(_at))));
            var key = Text();
            Types.Add(_at);
            ReadValue(key, BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(_at)));
        }

        for (var index = 0; index < tensors; index++)
        {
            TensorNames.Add((_at + 8, (int)BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(_at))));
            Text();
            var dimensions = (int)BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(_at));
            TensorRanks.Add(_at);
            _at += 4;
            for (var dimension = 0; dimension < dimensions; dimension++, _at += 8)
            {
                TensorDimensions.Add(_at);
            }

            TensorTypes.Add(_at);
            TensorOffsets.Add(_at + 4);
            _at += 12;
        }

        HeaderLength = _at;
    }

    public int HeaderLength { get; }

    public List<(int At, int Length)> Keys { get; } = [];

    public List<int> Types { get; } = [];

    /// <summary>Numbers of 1, 2, 4 or 8 bytes.</summary>
    public Dictionary<string, (int At, int Size)> Numbers { get; } = [];

    /// <summary>Texts, without their length.</summary>
    public Dictionary<string, (int At, int Length)> Texts { get; } = [];

    /// <summary>Where the element type of an array stands; its count stands behind.</summary>
    public Dictionary<string, int> Arrays { get; } = [];

    public List<(int At, int Length)> TensorNames { get; } = [];

    public List<int> TensorRanks { get; } = [];

    public List<int> TensorDimensions { get; } = [];

    public List<int> TensorTypes { get; } = [];

    public List<int> TensorOffsets { get; } = [];

    private void ReadValue(string key, uint type)
    {
        _at += 4;
        switch (type)
        {
            case 8:
                Texts[key] = (_at + 8, (int)BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(_at)));
                Text();
                break;
            case 9:
                Arrays[key] = _at;
                var element = BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(_at));
                _at += 4;
                var count = (int)UInt64();
                for (var index = 0; index < count; index++)
                {
                    if (element == 8)
                    {
                        Text();
                    }
                    else
                    {
                        _at += Size(element);
                    }
                }

                break;
            default:
                Numbers[key] = (_at, Size(type));
                _at += Size(type);
                break;
        }
    }

    private static int Size(uint type) => type switch { 0 or 1 or 7 => 1, 2 or 3 => 2, 4 or 5 or 6 => 4, _ => 8 };

    private ulong UInt64()
    {
        _at += 8;
        return BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(_at - 8));
    }

    private string Text()
    {
        var length = (int)UInt64();
        _at += length;
        return Encoding.UTF8.GetString(_bytes.AsSpan(_at - length, length));
    }
}
