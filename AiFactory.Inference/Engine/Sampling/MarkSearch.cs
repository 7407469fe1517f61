namespace AiFactory.Inference.Engine.Sampling;

/// <summary>
/// Looks for texts in a stream of bytes, one step a byte (https://doi.org/10.1145/360825.360855, Aho and Corasick, with all steps worked out beforehand). Where one mark is another's beginning
/// the shorter one is found.
/// </summary>
internal sealed class MarkSearch
{
    private readonly short[] _next;

    /// <param name="marks">None empty.</param>
    public MarkSearch(IReadOnlyList<byte[]> marks)
    {
        // 1. A tree of the marks. 2. Level by level: where the tree has no step, that of the longest beginning that the bytes also end in.
        var (steps, found) = (new List<int[]> { NoSteps() }, new List<int> { -1 });
        for (var mark = 0; mark < marks.Count; mark++)
        {
            var at = 0;
            foreach (var next in marks[mark])
            {
                if (steps[at][next] < 0)
                {
                    steps[at][next] = steps.Count;
                    steps.Add(NoSteps());
                    found.Add(-1);
                }

                at = steps[at][next];
            }

            found[at] = found[at] < 0 ? mark : found[at];
        }

        var shorter = new int[steps.Count];
        var open = new Queue<int>([0]);
        while (open.TryDequeue(out var at))
        {
            for (var next = 0; next < 256; next++)
            {
                var beside = at == 0 ? 0 : steps[shorter[at]][next];
                if (steps[at][next] is >= 0 and var child)
                {
                    shorter[child] = beside;
                    found[child] = found[child] < 0 ? found[beside] : found[child];
                    open.Enqueue(child);
                }
                else
                {
                    steps[at][next] = beside;
                }
            }
        }

        _next = [.. steps.SelectMany(all => all).Select(to => (short)(found[to] < 0 ? to : ~found[to]))];
    }

    /// <param name="state">0, or what this gave for the byte before.</param>
    /// <returns>The state, or the complement of the mark's number when the byte ends one.</returns>
    public int Next(int state, byte next) => _next[(state << 8) + next];

    private static int[] NoSteps()
    {
        var steps = new int[256];
        Array.Fill(steps, -1);
        return steps;
    }
}
