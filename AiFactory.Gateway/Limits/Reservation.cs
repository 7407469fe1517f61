using AiFactory.Gateway.Metering;

namespace AiFactory.Gateway.Limits;

/// <summary>What a request under way has reserved, of all limits that it is held against.</summary>
internal sealed class Reservation(Guid holder, LimitEstimate estimate)
{
    private readonly List<Hold> _holds = [];
    private bool _settled;

    public IReadOnlyList<Hold> Holds => _holds;

    public LimitEstimate Estimate => estimate;

    /// <summary>Whether it is held against this limit, in whichever window.</summary>
    public bool Has(Limit limit, string owner) => _holds.Exists(hold => hold.Tally.Limit.Id == limit.Id && hold.Tally.Owner == owner);

    public void Add(Hold hold) => _holds.Add(hold);

    /// <summary>Nothing came of the request.</summary>
    public void GiveBack() => Settle(default);

    /// <summary>The request has ended, and this is what it took. Once.</summary>
    public void Settle(in Taken taken)
    {
        if (_settled)
        {
            return;
        }

        _settled = true;
        foreach (var (tally, units) in _holds)
        {
            tally.Settle(units, taken.Of(tally.Limit.Measure));
        }
    }

    /// <summary>For the request's record; null where it took nothing that lasts.</summary>
    public Charge[]? Charges(in Taken taken)
    {
        List<Charge>? charges = null;
        foreach (var (tally, _) in _holds)
        {
            if (taken.Of(tally.Limit.Measure) is > 0 and var units)
            {
                (charges ??= []).Add(new Charge(holder, tally.Limit.Id, tally.Owner, tally.StartsAt, tally.EndsAt, units));
            }
        }

        return charges?.ToArray();
    }
}
