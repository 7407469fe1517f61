namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>Equal classes of all patterns once, as long as one of them lives: policies say the same in many places, and each is asked of .NET by a search of 65,536 characters.</summary>
internal static class CharacterClasses
{
    private const int FewestToForget = 256;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<(string Text, bool IgnoresCase, bool TakesLineEnds), WeakReference<CharacterClass>> Known = [];
    private static int _forgetAt = FewestToForget;

    public static CharacterClass Of(PatternNode.Character character)
    {
        // What else is set changes nothing of one character.
        var key = (character.Text, character.Options.Contains('i'), character is { Text: "." } && character.Options.Contains('s'));
        if (Find(key) is { } known)
        {
            return known;
        }

        // Outside of the lock, for it takes a millisecond: two threads may both make it, and one of theirs is kept.
        var made = CharacterClass.Of(character);
        lock (Gate)
        {
            if (Known.TryGetValue(key, out var other) && other.TryGetTarget(out var first))
            {
                return first;
            }

            Forget_NeedsLock();
            Known[key] = new WeakReference<CharacterClass>(made);
            return made;
        }
    }

    private static CharacterClass? Find((string, bool, bool) key)
    {
        lock (Gate)
        {
            return Known.TryGetValue(key, out var weak) && weak.TryGetTarget(out var known) ? known : null;
        }
    }

    /// <summary>Those that no pattern has any more; seldom, for it looks at all.</summary>
    private static void Forget_NeedsLock()
    {
        if (Known.Count < _forgetAt)
        {
            return;
        }

        foreach (var (key, weak) in Known)
        {
            if (!weak.TryGetTarget(out _))
            {
                Known.Remove(key);
            }
        }

        _forgetAt = Math.Max(FewestToForget, Known.Count * 2);
    }
}
