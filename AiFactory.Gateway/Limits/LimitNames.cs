using AiFactory.Contracts;

namespace AiFactory.Gateway.Limits;

/// <summary>The contract's words.</summary>
internal static class LimitNames
{
    public static string Of(LimitScope scope) => scope switch
    {
        LimitScope.Key => LimitScopes.Key,
        LimitScope.User => LimitScopes.User,
        LimitScope.Project => LimitScopes.Project,
        _ => LimitScopes.Factory,
    };

    public static string Of(LimitMeasure measure) => measure switch
    {
        LimitMeasure.Requests => LimitMeasures.Requests,
        LimitMeasure.Tokens => LimitMeasures.Tokens,
        LimitMeasure.Cost => LimitMeasures.Cost,
        _ => LimitMeasures.Concurrency,
    };

    public static string? Of(LimitPeriod period) => period switch
    {
        LimitPeriod.Minute => LimitPeriods.Minute,
        LimitPeriod.Hour => LimitPeriods.Hour,
        LimitPeriod.Day => LimitPeriods.Day,
        LimitPeriod.Month => LimitPeriods.Month,
        LimitPeriod.Total => LimitPeriods.Total,
        _ => null,
    };
}
