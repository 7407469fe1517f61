using AiFactory.Contracts.Builder.Knowledge;

namespace AiFactory.Builder.Agents;

/// <summary>The passages that an agent's searches found, numbered through: a model cites <c>[3]</c> whichever search brought it.</summary>
internal sealed class FoundPassages
{
    private readonly List<Passage> _all = [];

    internal IReadOnlyList<Passage> All => _all;

    /// <summary>The number of a passage, from 1; one that was found before keeps its number.</summary>
    internal int Number(Passage passage)
    {
        var known = _all.FindIndex(other => other.DocumentId == passage.DocumentId && other.Start == passage.Start && other.End == passage.End);
        if (known < 0)
        {
            _all.Add(passage);
            known = _all.Count - 1;
        }

        return known + 1;
    }
}
