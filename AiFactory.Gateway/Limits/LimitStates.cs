namespace AiFactory.Gateway.Limits;

/// <param name="Currency">Of the limits that count money.</param>
/// <param name="Gateways">How many share them.</param>
internal sealed record LimitStates(IReadOnlyList<LimitState> Items, string Currency, int Gateways);
