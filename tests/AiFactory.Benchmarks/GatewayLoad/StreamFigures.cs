namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>What a fleet of streams saw in its window.</summary>
/// <param name="Rate">Chunks a second, of all streams.</param>
/// <param name="Failed">Streams that did not come, or ended before the upstream ended them.</param>
/// <param name="Gaps">Between two chunks of a stream.</param>
/// <param name="Transits">From the upstream's sending of a chunk to the client's reading of it.</param>
/// <param name="Memory">Of the door in MiB, with all streams open.</param>
/// <param name="Processor">Of the door, microseconds for a chunk.</param>
internal sealed record StreamFigures(int Streams, double Rate, int Failed, LatencyHistogram Gaps, LatencyHistogram Transits, double Memory, double Processor);
