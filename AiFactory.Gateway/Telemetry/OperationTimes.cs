namespace AiFactory.Gateway.Telemetry;

/// <summary>How long one operation took, from the request's being read.</summary>
/// <param name="FirstToken">To the first token of a streamed answer.</param>
internal readonly record struct OperationTimes(TimeSpan Total, TimeSpan? FirstToken);
