namespace AiFactory.Contracts.Routing;

/// <param name="Deployment">Its name.</param>
/// <param name="Percent">1 to 100.</param>
public sealed record TrafficSplit(string Deployment, int Percent);
