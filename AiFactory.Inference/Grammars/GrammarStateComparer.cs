namespace AiFactory.Inference.Grammars;

/// <summary>States are alike when their places and their begun characters are.</summary>
internal sealed class GrammarStateComparer : IEqualityComparer<GrammarState>
{
    public static readonly GrammarStateComparer Instance = new();

    public bool Equals(GrammarState? x, GrammarState? y) =>
        x is not null && y is not null && x.Accepts == y.Accepts && x.Character == y.Character && x.Nodes.AsSpan().SequenceEqual(y.Nodes);

    public int GetHashCode(GrammarState obj)
    {
        var hash = new HashCode();
        hash.Add(obj.Accepts);
        hash.Add(obj.Character);
        foreach (var node in obj.Nodes)
        {
            hash.Add(node.Id);
        }

        return hash.ToHashCode();
    }
}
