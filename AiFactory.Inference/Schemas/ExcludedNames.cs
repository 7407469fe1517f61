using System.Globalization;
using System.Text;
using AiFactory.Inference.Grammars;

namespace AiFactory.Inference.Schemas;

/// <summary>Names of members that are none of those given: the same name twice would let the second one through unchecked. Written without escapes, so that each name has one form.</summary>
internal static class ExcludedNames
{
    private static readonly CharacterClass Plain = CharacterClass.Of([('\0', '\x1F'), ('"', '"'), ('\\', '\\'), (0x7F, 0x7F)], isNegated: true);

    /// <param name="rule">The name of the rule that is written; those that it needs have names that begin with it.</param>
    public static void Write(StringBuilder grammar, string rule, IEnumerable<string> names)
    {
        // 1. The names as a tree: a rule for each beginning. 2. From each, the next character is one of the tree's, or another, and then anything follows.
        var beginnings = new List<(SortedDictionary<int, int> Next, bool IsName)> { ([], false) };
        foreach (var name in names)
        {
            var at = 0;
            foreach (var character in name.EnumerateRunes())
            {
                if (!beginnings[at].Next.TryGetValue(character.Value, out var next))
                {
                    beginnings[at].Next[character.Value] = next = beginnings.Count;
                    beginnings.Add(([], false));
                }

                at = next;
            }

            beginnings[at] = (beginnings[at].Next, true);
        }

        var plain = GbnfText.Class(Plain);
        grammar.Append(CultureInfo.InvariantCulture, $"{rule} ::= \"\\\"\" {rule}-0 \"\\\"\"\n");
        for (var i = 0; i < beginnings.Count; i++)
        {
            var (next, isName) = beginnings[i];
            var others = GbnfText.Class(Plain.Without(CharacterClass.Of(next.Keys.Select(character => (character, character)), isNegated: false)));
            grammar.Append(CultureInfo.InvariantCulture, $"{rule}-{i} ::= {others} {plain}*{(isName ? "" : " | \"\"")}");
            foreach (var (character, to) in next.Where(pair => Plain.Contains(pair.Key)))
            {
                grammar.Append(CultureInfo.InvariantCulture, $" | {GbnfText.Class(CharacterClass.Of(character))} {rule}-{to}");
            }

            grammar.Append('\n');
        }
    }
}
