using AiFactory.Inference.Engine.Adapters;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine;

/// <summary>Fills one step's batch.</summary>
internal static class BatchPlanner
{
    /// <summary>
    /// 1. Every running answer gets its one token: nobody's stream stalls for another's prompt. 2. The rest of the batch, or what <paramref name="pacer"/> allows while an answer is written, is
    /// shared among prompts. 3. Tokens go in by slot: llama.cpp is 2 to 4 times slower when they are mixed.
    /// </summary>
    /// <param name="sequences">In the order of their slots; no more than the batch has places. Those that have not begun get none.</param>
    /// <param name="adapter">Whose step it is: those of others get none.</param>
    /// <returns>Tokens of answers; the others are of prompts.</returns>
    public static int Fill(LlamaBatchBuffer batch, List<Sequence> sequences, PrefillPacer pacer, EngineAdapter? adapter = null)
    {
        batch.Clear();
        Span<int> remaining = stackalloc int[sequences.Count];
        var (prompts, answers, waiting, oldest, number) = (0, 0, 0, 0, long.MaxValue);
        foreach (var sequence in sequences)
        {
            if (!sequence.HasBegun)
            {
                continue;
            }

            if (sequence.Adapter != adapter)
            {
                waiting += sequence.IsPrefilling ? 0 : 1;
                continue;
            }

            if (!sequence.IsPrefilling)
            {
                answers++;
                continue;
            }

            if (sequence.Number < number)
            {
                (oldest, number) = (prompts, sequence.Number);
            }

            remaining[prompts++] = sequence.PromptRemaining;
        }

        Span<int> shares = stackalloc int[prompts];
        PrefillPlan.Share(remaining[..prompts], oldest, answers + waiting == 0 ? batch.Capacity : Math.Min(batch.Capacity - answers, pacer.Tokens), shares);
        prompts = 0;
        foreach (var sequence in sequences)
        {
            if (sequence.Adapter != adapter)
            {
                sequence.Skip();
            }
            else if (sequence.HasBegun)
            {
                sequence.AddTo(batch, sequence.IsPrefilling ? shares[prompts++] : 0);
            }
        }

        return answers;
    }
}
