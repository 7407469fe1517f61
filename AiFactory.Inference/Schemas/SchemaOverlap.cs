using System.Text.Json;

namespace AiFactory.Inference.Schemas;

/// <summary>
/// Whether a value that is written for one branch of a <c>oneOf</c> may meet another too, which exactly one may. Told apart are branches by their types, by their values, by a
/// member that both name and the first requires, by one that only the second requires, and by one that the second does not allow.
/// </summary>
/// <param name="rest">What else the values meet.</param>
internal sealed class SchemaOverlap(SchemaSource source, List<SchemaItem> rest)
{
    private const int MostBranches = 200;

    /// <exception cref="SchemaException">Two of them cannot be told apart.</exception>
    public void Refuse(List<SchemaItem> branches, string path)
    {
        if (branches.Count > MostBranches)
        {
            throw new SchemaException(path, $"has more than {MostBranches} branches");
        }

        var alone = branches.ConvertAll(branch => new SchemaShape(Bare([branch])));
        var written = branches.ConvertAll(branch => new SchemaShape(Bare([.. rest, branch])));
        for (var first = 0; first < branches.Count; first++)
        {
            for (var second = 0; second < branches.Count; second++)
            {
                if (first != second && !IsApart(written[first], alone[second]))
                {
                    throw new SchemaException(path, $"a value may meet the branches {Math.Min(first, second)} and {Math.Max(first, second)} at once: use anyOf, or tell them apart by a required member with a const");
                }
            }
        }
    }

    /// <param name="written">What values are written for.</param>
    /// <param name="other">What they must not meet.</param>
    private bool IsApart(SchemaShape written, SchemaShape other)
    {
        if ((written.Types & other.Declared) == 0 || (written.Values, other.Values) is ({ } mine, { } theirs) && !mine.Exists(value => theirs.Exists(their => JsonElement.DeepEquals(value, their))))
        {
            return true;
        }

        if (written.Types != SchemaTypes.Object || written.Values is not null)
        {
            return false;
        }

        var (always, never) = (Names(written, "required"), new HashSet<string>(Names(written, "properties").Union(Names(written, "required"))));
        var isOpen = written.All("additionalProperties").Any(others => others.Value.ValueKind != JsonValueKind.False) || written.All("patternProperties").Any() || never.Count == 0;
        if (!isOpen && Names(other, "required").Exists(name => !never.Contains(name)))
        {
            return true;
        }

        return always.Exists(name =>
            (other.All("additionalProperties").Any(others => others.Value.ValueKind == JsonValueKind.False) && !other.All("patternProperties").Any() && !Names(other, "properties").Contains(name))
            || AreApart(Member(written, name), Member(other, name)));
    }

    private static bool AreApart(SchemaShape written, SchemaShape other) => other.Objects.Count > 0
        && ((written.Types & other.Declared) == 0
            || ((written.Values, other.Values) is ({ } mine, { } theirs) && !mine.Exists(value => theirs.Exists(their => JsonElement.DeepEquals(value, their)))));

    private SchemaShape Member(SchemaShape shape, string name) => new(Bare([.. shape.All("properties")
        .Where(properties => properties.Value.ValueKind == JsonValueKind.Object && properties.Value.TryGetProperty(name, out _))
        .Select(properties => new SchemaItem(SchemaItemKind.Whole, properties.Value.GetProperty(name), SchemaSource.Append(properties.Path, name)))]));

    private IEnumerable<SchemaItem> Bare(IEnumerable<SchemaItem> items) => source.Flatten(items).Where(item => item.Kind is SchemaItemKind.Bare or SchemaItemKind.Whole);

    private static List<string> Names(SchemaShape shape, string keyword) => [.. shape.All(keyword).SelectMany(names => names.Value.ValueKind switch
    {
        JsonValueKind.Object => names.Value.EnumerateObject().Select(member => member.Name),
        JsonValueKind.Array => names.Value.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString() ?? ""),
        _ => [],
    })];
}
