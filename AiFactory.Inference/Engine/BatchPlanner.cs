using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine;

/// <summary>Fills one step's batch.</summary>
internal static class BatchPlanner
{
    /// <summary>
    /// 1. Every running answer gets its one token: nobody's stream stalls for another's prompt. 2. The rest of the batch is shared among prompts: equal parts,
    /// and what a short prompt does not need goes to the longer ones. 3. Tokens go in by slot: llama.cpp is 2 to 4 times slower when they are mixed.
    /// </summary>
    /// <param name="sequences">In the order of their slots; no more than the batch has places. Those that have not begun get none.</param>
    public static void Fill(LlamaBatchBuffer batch, IReadOnlyCollection<Sequence> sequences)
    {
        batch.Clear();
        var begun = sequences.Where(sequence => sequence.HasBegun).ToList();
        var places = batch.Capacity - begun.Count(sequence => !sequence.IsPrefilling);
        var shares = Share(places, begun.Where(sequence => sequence.IsPrefilling));
        foreach (var sequence in begun)
        {
            sequence.AddTo(batch, shares.GetValueOrDefault(sequence));
        }
    }

    private static Dictionary<Sequence, int> Share(int places, IEnumerable<Sequence> prefilling)
    {
        var shares = new Dictionary<Sequence, int>();
        var shortestFirst = prefilling.OrderBy(sequence => sequence.PromptRemaining).ToList();
        for (var i = 0; i < shortestFirst.Count; i++)
        {
            var share = Math.Min(shortestFirst[i].PromptRemaining, places / (shortestFirst.Count - i));
            shares[shortestFirst[i]] = share;
            places -= share;
        }

        return shares;
    }
}
