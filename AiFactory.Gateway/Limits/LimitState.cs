namespace AiFactory.Gateway.Limits;

/// <summary>How one limit stands now, for one owner; the list that <c>GET /api/limits</c> answers is made of these. Money is in units of the currency.</summary>
/// <param name="Owner">Null where there is nobody to tell apart.</param>
/// <param name="Used">What the ledger has of its requests.</param>
/// <param name="Reserved">By requests under way at the gateway that answers.</param>
/// <param name="Leased">What gateways hold, all together: reserved, at once for the next request, or used and not yet in the ledger.</param>
/// <param name="Remaining">What nobody has used or holds.</param>
/// <param name="ResetsAt">Null where it never does.</param>
internal sealed record LimitState(
    Guid Id,
    string Name,
    string? Project,
    string Scope,
    string? Owner,
    string? Model,
    string Measure,
    string? Period,
    decimal Amount,
    decimal Used,
    decimal Reserved,
    decimal Leased,
    decimal Remaining,
    DateTimeOffset? ResetsAt);
