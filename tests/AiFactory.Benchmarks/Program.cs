using AiFactory.Benchmarks;
using AiFactory.Benchmarks.GatewayLoad;
using AiFactory.Benchmarks.GatewayLoad.Upstream;
using AiFactory.Benchmarks.GatewaySoak;
using AiFactory.Benchmarks.LlamaServer;

if (args is [InstantUpstream.Command, var port])
{
    return InstantUpstream.Run(port);
}

// By itself, for it takes an hour: dotnet run -c Release --project tests/AiFactory.Benchmarks -- gateway-soak [--minutes 60] [--rate 200]
if (args is [SoakOptions.Command, .. var soak])
{
    return await GatewaySoakBenchmark.RunAsync(soak);
}

// dotnet run -c Release --project tests/AiFactory.Benchmarks -- [--print] [name ...]; ends with 1 when a bar is missed. With --print docs/benchmarks.md stays as it is.
var print = args.Contains("--print");
args = [.. args.Where(name => name != "--print")];
var benchmarks = new Dictionary<string, Func<CancellationToken, Task<BenchmarkSection>>>(StringComparer.Ordinal)
{
    ["startup"] = StartupBenchmark.RunAsync,
    ["gateway"] = GatewayBenchmark.RunAsync,
    ["gateway-load"] = GatewayLoadBenchmark.RunAsync,
    ["gateway-latency"] = GatewayLatencyBenchmark.RunAsync,
    ["gateway-cost"] = GatewayCostBenchmark.RunAsync,
    ["gateway-streams"] = GatewayStreamsBenchmark.RunAsync,
    ["gateway-leave"] = GatewayLeaveBenchmark.RunAsync,
    ["retrieval"] = RetrievalBenchmark.RunAsync,
    ["search"] = SearchBenchmark.RunAsync,
    ["chat"] = ChatBenchmark.RunAsync,
    ["prefix"] = PrefixBenchmark.RunAsync,
    ["flows"] = FlowBenchmark.RunAsync,
    ["embeddings"] = EmbeddingBenchmark.RunAsync,
    ["warm-start"] = WarmStartBenchmark.RunAsync,
    ["llama-server"] = LlamaServerBenchmark.LargeAsync,
    ["llama-server-demo"] = LlamaServerBenchmark.DemoAsync,
};

var unknown = args.Where(name => !benchmarks.ContainsKey(name)).ToList();
if (unknown.Count > 0)
{
    Console.Error.WriteLine($"No benchmark is called {string.Join(", ", unknown)}. There are: {string.Join(", ", benchmarks.Keys)}, and by itself {SoakOptions.Command}.");
    return 2;
}

using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(30));
var missed = false;
foreach (var name in args.Length > 0 ? args : [.. benchmarks.Keys])
{
    var section = await benchmarks[name](stop.Token);
    Console.WriteLine(section.ToMarkdown());
    if (!print)
    {
        BenchmarkReport.Write(section);
    }

    foreach (var bar in section.Missed)
    {
        Console.Error.WriteLine($"{name}: {bar}");
        missed = true;
    }
}

return missed ? 1 : 0;
