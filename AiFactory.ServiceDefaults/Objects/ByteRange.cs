namespace AiFactory.ServiceDefaults.Objects;

/// <param name="Offset">The first byte, from 0.</param>
/// <param name="Length">Bytes, at least 1; to the end when null.</param>
public readonly record struct ByteRange(long Offset, long? Length = null)
{
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Offset);
        if (Length is { } length)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        }
    }

    internal static ArgumentOutOfRangeException BeyondEnd(string key, ByteRange range) =>
        new(nameof(range), $"The range begins at {range.Offset}, but the object '{key}' ends before it.");
}
