namespace AiFactory.Gateway.Limits;

/// <summary>What one request took of one limit, as its record brings it to the database.</summary>
/// <param name="Holder">The gateway, as it was from its start to its end, out of whose share it was taken.</param>
internal readonly record struct Charge(Guid Holder, Guid Limit, string Owner, DateTimeOffset StartsAt, DateTimeOffset EndsAt, long Units);
