namespace AiFactory.Gateway.Limits;

/// <summary>What one request has reserved of one limit.</summary>
internal readonly record struct Hold(Tally Tally, long Units);
