using AiFactory.Inference.Engine.Prefixes;

namespace AiFactory.Inference.Engine;

/// <summary>Who has a slot, and who had to leave it for a more urgent request and goes on later. Only the engine's thread touches it.</summary>
/// <param name="aging">A request that went on keeps its slot for so long at least; one that waits goes before those that are more urgent after so long for each number between their priorities.</param>
internal sealed class Seats(PrefixCache prefixes, int slots, TimeSpan aging, TimeProvider time)
{
    private readonly bool[] _taken = new bool[slots];

    /// <summary>Those that have a slot, in its order.</summary>
    public List<Sequence> Active { get; } = [];

    /// <summary>Those that will go on.</summary>
    public List<Sequence> Out { get; } = [];

    public bool HasFree => Active.Count < slots;

    /// <summary>Slots in use; less than <see cref="Active"/> while those that ended are taken out of it.</summary>
    public int Taken { get; private set; }

    public void Seat(Sequence sequence)
    {
        var slot = prefixes.Choose(sequence, taken => _taken[taken]);
        _taken[slot.Slot] = true;
        Taken++;
        if (Out.Remove(sequence))
        {
            sequence.MovedAt = time.GetTimestamp();
        }

        sequence.Seat(slot);
        var place = Active.FindIndex(other => other.Slot > slot.Slot);
        Active.Insert(place < 0 ? Active.Count : place, sequence);
    }

    /// <summary>It has ended. The caller takes it out of its list.</summary>
    public void Leave(Sequence sequence)
    {
        if (sequence.Slot >= 0)
        {
            prefixes.MarkUsed(sequence.Slot);
            _taken[sequence.Slot] = false;
            Taken--;
        }
    }

    /// <summary>It leaves its slot and goes on later, from what is stored of it or by computing it again.</summary>
    public void SendOut(Sequence sequence)
    {
        if (sequence.HasBegun)
        {
            prefixes.Store(sequence.Slot);
        }

        Leave(sequence);
        Active.Remove(sequence);
        sequence.LeaveSlot();
        sequence.MovedAt = time.GetTimestamp();
        Out.Add(sequence);
    }

    /// <summary>Who would have to leave for a more urgent request: the least urgent, of these the one that came last; null when all are to keep their slots.</summary>
    public Sequence? Victim()
    {
        Sequence? victim = null;
        foreach (var sequence in Active)
        {
            if ((victim is null || (sequence.Priority, sequence.Number).CompareTo((victim.Priority, victim.Number)) > 0)
                && (sequence.MovedAt is not { } moved || time.GetElapsedTime(moved) >= aging))
            {
                victim = sequence;
            }
        }

        return victim;
    }

    /// <summary>Who goes on in a free slot, before a request of that priority which waits; null when nobody does.</summary>
    public Sequence? NextBack(int? waiting) => Out.Count == 0 ? null
        : Out.MinBy(Rank) is { } first && (waiting is null || Rank(first) <= waiting) ? first : null;

    /// <summary>Who goes on in the slot of another.</summary>
    /// <param name="below">Only priorities below this.</param>
    public Sequence? NextUrgentBack(int below) => Out.Where(sequence => sequence.Priority < below).MinBy(sequence => (sequence.Priority, sequence.Number));

    private double Rank(Sequence sequence) => sequence.Priority - (sequence.MovedAt is { } moved ? time.GetElapsedTime(moved) / aging : 0);
}
