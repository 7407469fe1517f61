namespace AiFactory.Inference.Grammars;

/// <summary>The bytes of a UTF-8 character that have come (RFC 3629). A token may end in the middle of one.</summary>
/// <param name="Value">Their bits.</param>
/// <param name="Remaining">Bytes that are missing; 0 between characters.</param>
/// <param name="Length">Bytes of the character.</param>
internal readonly record struct PartialCharacter(int Value, int Remaining, int Length)
{
    private const int FirstSurrogate = 0xD800;
    private const int LastSurrogate = 0xDFFF;

    /// <summary>The least character it can become; longer forms of what is shorter are none.</summary>
    public int Least => Math.Max(Value << (6 * Remaining), Length switch { 2 => 0x80, 3 => 0x800, 4 => 0x10000, _ => 0 });

    public int Most => Math.Min(((Value + 1) << (6 * Remaining)) - 1, 0x10FFFF);

    /// <returns>False when no character begins or goes on so.</returns>
    public bool TryAdd(byte next, out PartialCharacter character)
    {
        character = Remaining > 0 ? new PartialCharacter((Value << 6) | (next & 0x3F), Remaining - 1, Length) : Begin(next);
        return (Remaining == 0 || (next & 0xC0) == 0x80)
            && character.Length > 0
            && character.Least <= character.Most
            && (character.Least < FirstSurrogate || character.Most > LastSurrogate);
    }

    private static PartialCharacter Begin(byte first) => first switch
    {
        < 0x80 => new PartialCharacter(first, 0, 1),
        < 0xC0 => default,
        < 0xE0 => new PartialCharacter(first & 0x1F, 1, 2),
        < 0xF0 => new PartialCharacter(first & 0x0F, 2, 3),
        < 0xF8 => new PartialCharacter(first & 0x07, 3, 4),
        _ => default,
    };
}
