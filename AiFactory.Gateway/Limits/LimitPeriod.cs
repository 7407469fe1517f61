namespace AiFactory.Gateway.Limits;

/// <summary>As <see cref="Contracts.LimitPeriods"/> has it.</summary>
internal enum LimitPeriod
{
    /// <summary>Of requests at once.</summary>
    None,
    Minute,
    Hour,
    Day,
    Month,
    Total,
}
