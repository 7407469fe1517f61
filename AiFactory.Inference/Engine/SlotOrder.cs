using AiFactory.Inference.Engine.Adapters;

namespace AiFactory.Inference.Engine;

/// <summary>
/// Who has which slot. llama.cpp computes sequences of consecutive ids at once, and reads the weights again for each that lies apart; a step has those of one adapter, or those without one. So these are to lie beside each
/// other; where the others lie does not matter to them. Only the engine's thread touches it.
/// </summary>
internal sealed class SlotOrder(int slots)
{
    private readonly Sequence?[] _seated = new Sequence?[slots];
    private readonly HashSet<EngineAdapter?> _adapters = [];

    public Sequence? this[int slot]
    {
        get => slot >= 0 && slot < slots ? _seated[slot] : null;
        set => _seated[slot] = value;
    }

    /// <summary>Whether those of an adapter lie in several runs.</summary>
    public bool IsApart
    {
        get
        {
            _adapters.Clear();
            var runs = 0;
            for (var slot = 0; slot < slots; slot++)
            {
                if (_seated[slot] is { } sequence)
                {
                    _adapters.Add(sequence.Adapter);
                    runs += IsOf(slot - 1, sequence.Adapter) ? 0 : 1;
                }
            }

            return runs > _adapters.Count;
        }
    }

    /// <summary>How well a free slot suits one more of an adapter: most beside another of it, else the further from others the better, so that each has room to grow.</summary>
    public int Suits(int slot, EngineAdapter? adapter)
    {
        if (IsOf(slot - 1, adapter) || IsOf(slot + 1, adapter))
        {
            return int.MaxValue;
        }

        var distance = 1;
        while (distance < slots && this[slot - distance] is null && this[slot + distance] is null)
        {
            distance++;
        }

        return distance;
    }

    /// <summary>
    /// One that is to be moved beside others of its adapter: to the longest run that has a free slot beside it, from the end of one that is no longer; of these the one with the fewest tokens, for its cells in use are copied.
    /// Each move makes a run longer at the cost of one that is no longer, so they come to an end.
    /// </summary>
    /// <returns>Null when nobody can be moved.</returns>
    public (Sequence Sequence, int Slot)? NextMove()
    {
        var runs = Runs();
        ((int, int) Rank, Sequence Sequence, int Slot)? best = null;
        foreach (var run in runs)
        {
            var place = run.First > 0 && this[run.First - 1] is null ? run.First - 1 : run.Last + 1;
            if (place >= slots || this[place] is not null)
            {
                continue;
            }

            foreach (var other in runs.Where(other => other.First != run.First && other.Adapter == run.Adapter && other.Length <= run.Length))
            {
                foreach (var slot in (int[])[other.First, other.Last])
                {
                    if (this[slot] is { HasBegun: true } sequence && (-run.Length, sequence.Position) is var rank && (best is not { } known || rank.CompareTo(known.Rank) < 0))
                    {
                        best = (rank, sequence, place);
                    }
                }
            }
        }

        return best is { } found ? (found.Sequence, found.Slot) : null;
    }

    private List<Run> Runs()
    {
        var runs = new List<Run>();
        for (var slot = 0; slot < slots; slot++)
        {
            if (_seated[slot] is not { } sequence)
            {
                continue;
            }

            if (IsOf(slot - 1, sequence.Adapter))
            {
                runs[^1] = runs[^1] with { Last = slot };
            }
            else
            {
                runs.Add(new Run(slot, slot, sequence.Adapter));
            }
        }

        return runs;
    }

    /// <param name="adapter">Null for the model alone.</param>
    private bool IsOf(int slot, EngineAdapter? adapter) => this[slot] is { } sequence && sequence.Adapter == adapter;

    /// <param name="First">Its lowest slot.</param>
    /// <param name="Last">Its highest.</param>
    private readonly record struct Run(int First, int Last, EngineAdapter? Adapter)
    {
        public int Length => Last - First + 1;
    }
}
