using AiFactory.Inference.Engine.Prefixes;

namespace AiFactory.Inference.Engine;

/// <summary>Who has a slot, and who had to leave it for a more urgent request and goes on later. Only the engine's thread touches it.</summary>
/// <param name="aging">A request that went on keeps its slot for so long at least; one that waits goes before those that are more urgent after so long for each number between their priorities.</param>
internal sealed class Seats(PrefixCache prefixes, int slots, TimeSpan aging, TimeProvider time)
{
    /// <summary>Steps that sequences may lie apart: mostly one that comes takes the place between them.</summary>
    private const int MostApart = 8;

    private readonly SlotOrder _order = new(slots);
    private int _apart;

    /// <summary>Those that have a slot, in its order.</summary>
    public List<Sequence> Active { get; } = [];

    /// <summary>Those that will go on.</summary>
    public List<Sequence> Out { get; } = [];

    public bool HasFree => Active.Count < slots;

    /// <summary>Slots in use; less than <see cref="Active"/> while those that ended are taken out of it.</summary>
    public int Taken { get; private set; }

    /// <param name="hasTurn">Whether it goes before somebody more urgent, for it waited so long: then it keeps the slot for a while.</param>
    public void Seat(Sequence sequence, bool hasTurn = false)
    {
        var slot = prefixes.Choose(sequence, _order);
        _order[slot.Slot] = sequence;
        Taken++;
        if (Out.Remove(sequence) || hasTurn)
        {
            sequence.MovedAt = time.GetTimestamp();
        }

        Insert(sequence, slot);
    }

    /// <summary>It has ended. The caller takes it out of its list.</summary>
    public void Leave(Sequence sequence)
    {
        if (sequence.Slot >= 0)
        {
            prefixes.MarkUsed(sequence.Slot);
            _order[sequence.Slot] = null;
            Taken--;
        }

        sequence.Unpin();
    }

    /// <summary>It leaves its slot and goes on later, from what is stored of it or by computing it again.</summary>
    public void SendOut(Sequence sequence)
    {
        var stored = sequence.HasBegun ? prefixes.Store(sequence.Slot, isOwn: !sequence.ReadsCache) : null;
        Leave(sequence);
        Active.Remove(sequence);
        sequence.LeaveSlot(stored);
        sequence.MovedAt = time.GetTimestamp();
        Out.Add(sequence);
    }

    /// <summary>What lies apart for some steps is moved beside the others of its adapter, one at a time.</summary>
    public void Close()
    {
        _apart = _order.IsApart ? _apart + 1 : 0;
        if (_apart < MostApart)
        {
            return;
        }

        _apart = 0;
        if (_order.NextMove() is var (moved, place) && prefixes.Move(moved.Slot, place))
        {
            (_order[moved.Slot], _order[place]) = (null, moved);
            Active.Remove(moved);
            Insert(moved, prefixes[place]);
        }
    }

    /// <summary>
    /// Who would have to leave for a more urgent request: the least urgent, of these the one that came last; null when all are to keep their slots. A prompt that is being computed keeps its slot where what was
    /// computed of it could not be stored.
    /// </summary>
    /// <param name="above">Only priorities above this: that of the most urgent who waits.</param>
    public Sequence? Victim(int above = int.MinValue)
    {
        Sequence? victim = null;
        foreach (var sequence in Active)
        {
            if (sequence.Priority > above
                && (victim is null || (sequence.Priority, sequence.Number).CompareTo((victim.Priority, victim.Number)) > 0)
                && !sequence.OwesToken
                && (sequence.MovedAt is not { } moved || time.GetElapsedTime(moved) >= aging)
                && (!sequence.HasBegun || !sequence.IsPrefilling || prefixes.CanStore(sequence.Slot)))
            {
                victim = sequence;
            }
        }

        return victim;
    }

    /// <summary>Who goes on in a free slot, before a request of that priority which waits; null when nobody does.</summary>
    public Sequence? NextBack(int? waiting) => Out.Count == 0 ? null
        : Out.MinBy(Rank) is { } first && (waiting is null || Rank(first) <= waiting) ? first : null;

    /// <summary>The priority of the most urgent who will go on; null when nobody does.</summary>
    public int? MostUrgentBack() => Out.Count == 0 ? null : Out.Min(sequence => sequence.Priority);

    /// <summary>Who goes on in the slot of another.</summary>
    /// <param name="below">Only priorities below this.</param>
    public Sequence? NextUrgentBack(int below) => Out.Where(sequence => sequence.Priority < below).MinBy(sequence => (sequence.Priority, sequence.Number));

    private void Insert(Sequence sequence, SlotTokens slot)
    {
        sequence.Seat(slot);
        var place = Active.FindIndex(other => other.Slot > slot.Slot);
        Active.Insert(place < 0 ? Active.Count : place, sequence);
    }

    private double Rank(Sequence sequence) => sequence.Priority - (sequence.MovedAt is { } moved ? time.GetElapsedTime(moved) / aging : 0);
}
