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

        var alone = branches.ConvertAll(branch => new OverlapSide(source, [branch]));
        var written = branches.ConvertAll(branch => new OverlapSide(source, [.. rest, branch]));
        for (var first = 0; first < branches.Count; first++)
        {
            for (var second = 0; second < branches.Count; second++)
            {
                if (first != second && !IsApart(written[first], alone[second], path))
                {
                    throw new SchemaException(path, $"a value may meet the branches {Math.Min(first, second)} and {Math.Max(first, second)} at once: use anyOf, or tell them apart by a required member with a const");
                }
            }
        }
    }

    /// <param name="written">What values are written for.</param>
    /// <param name="other">What they must not meet.</param>
    private bool IsApart(OverlapSide written, OverlapSide other, string path)
    {
        if (written.IsApartByValue(other, path))
        {
            return true;
        }

        return written.Types == SchemaTypes.Object && !written.HasValues
            && ((!written.AllowsOthers && other.Required.Any(name => Look() && !written.Names(name) && !written.Required.Contains(name)))
                || written.Required.Any(name => Look() && (other.Names(name) ? AreApart(name) : other.RefusesOthers)));

        bool AreApart(string name) => written.Names(name) ? written.Member(name).IsApartByValue(other.Member(name), path) : other.Member(name).Declared == SchemaTypes.None;

        bool Look()
        {
            source.Work.Spend(1, path);
            return true;
        }
    }
}
