using AiFactory.ServiceDefaults.Loops;

namespace AiFactory.ModelLibrary.ApprovedModels;

/// <summary>Of several libraries one writes to the cluster: two would each take the other's haste for drift. Used by one loop alone.</summary>
internal sealed class WriterLease(WriterLeaseStore store, Leases leases, TimeProvider time)
{
    private readonly Guid _id = Guid.CreateVersion7(time.GetUtcNow());
    private DateTimeOffset _renewAt = DateTimeOffset.MinValue;

    internal async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (now < _renewAt)
        {
            return true;
        }

        var taken = await store.ClaimAsync(_id, now, now + leases.Duration, cancellationToken);
        _renewAt = taken ? now + (leases.Duration / 3) : DateTimeOffset.MinValue;
        return taken;
    }

    /// <summary>Works while the lease is renewed; a lease that is lost cancels the work.</summary>
    internal Task HoldAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken) => leases.HoldAsync(
        (until, token) => store.ClaimAsync(_id, time.GetUtcNow(), until, token),
        async token =>
        {
            await work(token);
            return true;
        },
        cancellationToken);

    /// <summary>So that another library goes on at once.</summary>
    internal Task ReleaseAsync(CancellationToken cancellationToken)
    {
        _renewAt = DateTimeOffset.MinValue;
        return store.ReleaseAsync(_id, cancellationToken);
    }
}
