using System.Diagnostics;
using AiFactory.Inference.Native;

namespace AiFactory.Benchmarks.LlamaServer;

/// <summary>Starts the worker as a server of one model, without a library.</summary>
internal static class WorkerStart
{
    private const string Key = "a key for benchmarks, at least 32 characters long";

    /// <param name="folder">For what it keeps; it is the caller's to delete.</param>
    /// <param name="settings">Where the model is to be found.</param>
    /// <returns>When it is ready.</returns>
    public static Task<ServingSide> RunAsync(string folder, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken) => ServingSide.StartAsync(
        "the worker",
        address =>
        {
            var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "AiFactory.Inference.dll")]) { WorkingDirectory = AppContext.BaseDirectory };
            var all = new Dictionary<string, string>(settings)
            {
                ["ASPNETCORE_URLS"] = address.ToString(),
                ["Identity__Key"] = Key,
                ["Cache__Directory"] = Path.Combine(folder, "cache"),
                ["Worker__StateDirectory"] = Path.Combine(folder, "state"),
                ["services__library__http__0"] = "http://127.0.0.1:9",
                // As its image has it, and as a worker starts the processes of its models.
                [NativeHeap.Tunables] = NativeHeap.HugePages,
            };
            foreach (var (name, value) in all)
            {
                start.Environment[name] = value;
            }

            return start;
        },
        "readyz",
        BenchmarkIdentity.Token(Key, TimeSpan.FromHours(2)),
        cancellationToken);
}
