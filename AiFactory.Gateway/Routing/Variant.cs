namespace AiFactory.Gateway.Routing;

/// <summary>A deployment that takes part in a policy's choice.</summary>
/// <param name="Share">In percent.</param>
internal readonly record struct Variant(Deployment Deployment, int Share);
