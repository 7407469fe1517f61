namespace AiFactory.Contracts;

/// <summary>When what was used is forgotten: at the end of the minute, hour, day or month of UTC, or never.</summary>
public static class LimitPeriods
{
    public const string Minute = "minute";
    public const string Hour = "hour";
    public const string Day = "day";
    public const string Month = "month";
    public const string Total = "total";

    public static IReadOnlyList<string> All { get; } = [Minute, Hour, Day, Month, Total];
}
