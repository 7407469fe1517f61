namespace AiFactory.Contracts.Routing;

/// <summary>What may be used at most, as the gateway enforces it.</summary>
/// <param name="Name">Unique in its project, or among those of the whole factory; refusals name it.</param>
/// <param name="Project">Whose requests count; null for all of the factory's.</param>
/// <param name="Scope">One of <see cref="LimitScopes"/>.</param>
/// <param name="Owner">The key's id, the user's subject, or the project; null where each one has the whole amount for itself, and for the scope <c>factory</c>.</param>
/// <param name="Model">The name that clients send; null for every model together.</param>
/// <param name="Measure">One of <see cref="LimitMeasures"/>.</param>
/// <param name="Period">One of <see cref="LimitPeriods"/>; null for requests at once.</param>
/// <param name="Amount">Requests, tokens, or units of the price table's currency with at most six decimals.</param>
public sealed record LimitRoute(Guid Id, string Name, string? Project, string Scope, string? Owner, string? Model, string Measure, string? Period, decimal Amount);
