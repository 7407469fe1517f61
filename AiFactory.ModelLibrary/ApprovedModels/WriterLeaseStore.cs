using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.ApprovedModels;

internal sealed class WriterLeaseStore(Database database)
{
    /// <summary>Takes or keeps the lease; false while another library has it.</summary>
    internal async Task<bool> ClaimAsync(Guid lease, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            "update approved_model_writer set lease_id = @lease, lease_until = @until where lease_id = @lease or lease_until is null or lease_until < @now",
            new { lease, now, until },
            cancellationToken) == 1;

    internal Task ReleaseAsync(Guid lease, CancellationToken cancellationToken) =>
        database.ExecuteAsync("update approved_model_writer set lease_id = null, lease_until = null where lease_id = @lease", new { lease }, cancellationToken);
}
