namespace AiFactory.Contracts.Library;

/// <summary>A limit as it is asked for. Once made only its amount changes: what was used is counted against what it measures.</summary>
/// <param name="Name">1 to 63 letters, digits, <c>.</c>, <c>_</c>, <c>-</c>; it stands in refusals.</param>
/// <param name="Scope">One of <see cref="LimitScopes"/>.</param>
/// <param name="Owner">The key's id, the user's subject, or the project; null for each one. Null for the scopes <c>factory</c>, and <c>project</c> below a project.</param>
/// <param name="Model">The name that clients send; null for every model together.</param>
/// <param name="Measure">One of <see cref="LimitMeasures"/>.</param>
/// <param name="Period">One of <see cref="LimitPeriods"/>; null with the measure <c>concurrency</c>, and only there.</param>
/// <param name="Amount">Whole, but for the measure <c>cost</c>, which takes six decimals.</param>
public sealed record LimitRequest(string Name, string Scope, string? Owner, string? Model, string Measure, string? Period, decimal Amount);
