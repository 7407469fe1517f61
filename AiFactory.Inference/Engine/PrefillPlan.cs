namespace AiFactory.Inference.Engine;

/// <summary>Shares one step's places among prompts.</summary>
internal static class PrefillPlan
{
    /// <summary>Places that a prompt gets at least, unless it needs fewer: parts of a few tokens would compute slowly for all.</summary>
    public const int LeastPart = 16;

    /// <summary>
    /// 1. As many prompts as get a part worth the name: the oldest, so that it is done some day, and the shortest. 2. All the same number of tokens, but for those that need fewer: llama.cpp computes
    /// together what is of equal length, and the rest in further passes; so what cannot be shared evenly stays free.
    /// </summary>
    /// <param name="remaining">Tokens that each prompt still needs. Shape: [prompts].</param>
    /// <param name="oldest">The index of the prompt that came first.</param>
    /// <param name="shares">Tokens that each gets. Shape: [prompts].</param>
    public static void Share(ReadOnlySpan<int> remaining, int oldest, int places, Span<int> shares)
    {
        shares.Clear();
        if (remaining.IsEmpty || places <= 0)
        {
            return;
        }

        // The oldest sorts first, whatever it needs.
        Span<int> needs = stackalloc int[remaining.Length];
        Span<int> order = stackalloc int[remaining.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
            needs[i] = i == oldest ? 0 : remaining[i];
        }

        needs.Sort(order);
        order = order[..Math.Clamp(places / LeastPart, 1, order.Length)];
        needs = needs[..order.Length];
        for (var i = 0; i < order.Length; i++)
        {
            needs[i] = remaining[order[i]];
        }

        needs.Sort(order);
        var part = int.MaxValue;
        for (var i = 0; i < needs.Length; i++)
        {
            if (needs[i] > places / (needs.Length - i))
            {
                part = places / (needs.Length - i);
                break;
            }

            places -= needs[i];
        }

        foreach (var index in order)
        {
            shares[index] = Math.Min(remaining[index], part);
        }
    }
}
