namespace AiFactory.Gateway.Limits;

/// <summary>As <see cref="Contracts.LimitMeasures"/> has it.</summary>
internal enum LimitMeasure
{
    Requests,
    Tokens,

    /// <summary>In millionths of the currency.</summary>
    Cost,
    Concurrency,
}
