namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>A door on the loopback that the load goes to.</summary>
/// <param name="Headers">What its requests carry beside the ordinary ones.</param>
internal sealed record LoadTarget(string Name, int Port, string Model, IReadOnlyList<(string Name, string Value)> Headers);
