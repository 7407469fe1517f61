using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Mvc;

namespace AiFactory.Gateway.Usage;

/// <summary>What a caller asks for: <c>?from=2026-11-01T00:00:00Z&amp;to=...&amp;project=...</c>.</summary>
internal sealed class UsageQuery
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(30);

    /// <summary>Included; 30 days before <see cref="To"/> when absent.</summary>
    [FromQuery(Name = "from")]
    public DateTimeOffset? From { get; init; }

    /// <summary>Not included; now when absent.</summary>
    [FromQuery(Name = "to")]
    public DateTimeOffset? To { get; init; }

    [FromQuery(Name = "project")]
    public string? Project { get; init; }

    [FromQuery(Name = "key")]
    public Guid? Key { get; init; }

    [FromQuery(Name = "user")]
    public string? User { get; init; }

    [FromQuery(Name = "model")]
    public string? Model { get; init; }

    [FromQuery(Name = "deployment")]
    public string? Deployment { get; init; }

    [FromQuery(Name = "operation")]
    public string? Operation { get; init; }

    /// <summary>What this caller may see of it: a caller of one project, that project alone.</summary>
    public Outcome<UsageFilter> For(InternalIdentity caller, DateTimeOffset now)
    {
        var to = To ?? now;
        if (to < DateTimeOffset.UnixEpoch)
        {
            return FieldErrors.Of<UsageFilter>("to", "to must not be before 1970.");
        }

        var from = From ?? to - Usual;
        if (from > to)
        {
            return FieldErrors.Of<UsageFilter>("from", "from must not be later than to.");
        }

        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[("project", Project), ("user", User), ("model", Model), ("deployment", Deployment), ("operation", Operation)])
        {
            if (value?.Contains('\0', StringComparison.Ordinal) == true)
            {
                return FieldErrors.Of<UsageFilter>(name, $"{name} must not have a zero character in it: no record has one.");
            }
        }

        var project = string.IsNullOrEmpty(Project) ? caller.FactoryWide ? null : caller.Project ?? "" : Project;
        if (project is not null && !caller.CoversProject(project))
        {
            return new Outcome<UsageFilter>.Forbidden("The caller may see the usage of its own project only.");
        }

        return new UsageFilter(from.ToUniversalTime(), to.ToUniversalTime())
        {
            Project = project, Key = Key, User = User, Model = Model, Deployment = Deployment, Operation = Operation,
        };
    }
}
