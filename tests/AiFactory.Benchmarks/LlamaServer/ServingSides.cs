using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using AiFactory.Inference.Native;
using AiFactory.Testing;

namespace AiFactory.Benchmarks.LlamaServer;

/// <summary>How the two sides are started: the same file, threads, slots and context.</summary>
/// <param name="ContextLength">Of one slot.</param>
internal sealed record ServingSides(string Model, string File, int Threads, int Slots, int ContextLength)
{
    /// <summary>Where a built llama-server lies; without it the one of tools/llama-server.</summary>
    private const string BinaryVariable = "LLAMA_SERVER";

    public static string Binary
    {
        get
        {
            var path = Environment.GetEnvironmentVariable(BinaryVariable) is { Length: > 0 } set ? set : Path.Combine(RepositoryFolder.Root, "tools", "llama-server", "bin", "llama-server");
            return System.IO.File.Exists(path)
                ? path
                : throw new InvalidOperationException($"There is no llama-server at {path}. Build it with tools/llama-server/build.sh, or name one in the variable {BinaryVariable}.");
        }
    }

    /// <summary>Without a store in the machine's memory, as the other side.</summary>
    /// <param name="folder">For its cache; it is the caller's to delete.</param>
    public async Task<ServingSide> StartOursAsync(string folder, CancellationToken cancellationToken)
    {
        var store = Path.Combine(folder, "objects", "models");
        Directory.CreateDirectory(store);
        System.IO.File.Copy(File, Path.Combine(store, "model.gguf"));
        string digest;
        await using (var stream = System.IO.File.OpenRead(File))
        {
            digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
        }

        return await WorkerStart.RunAsync(folder, new Dictionary<string, string>
        {
            ["ConnectionStrings__objects"] = $"Directory={Path.Combine(folder, "objects")}",
            ["Serve__Deployment"] = Model,
            ["Serve__ObjectKey"] = "models/model.gguf",
            ["Serve__Digest"] = $"sha256:{digest}",
            ["Serve__SizeBytes"] = Number(new FileInfo(File).Length),
            ["Engine__Slots"] = Number(Slots),
            ["Engine__ContextLength"] = Number(ContextLength),
            ["Engine__Threads"] = Number(Threads),
            ["Engine__PrefixStoreBytes"] = "0",
        }, cancellationToken);
    }

    /// <summary>Without its cache in the machine's memory, which would count against its resident memory; its slots keep their prompts.</summary>
    public Task<ServingSide> StartTheirsAsync(IReadOnlyList<string> more, CancellationToken cancellationToken, bool hugePages = false) => ServingSide.StartAsync("llama-server", address => new ProcessStartInfo(Binary,
    [
        "--model", File, "--alias", Model, "--host", address.Host, "--port", Number(address.Port),
        "--threads", Number(Threads), "--threads-batch", Number(Threads), "--parallel", Number(Slots), "--ctx-size", Number((long)Slots * ContextLength), "--cache-ram", "0", "--log-disable", .. more,
    ]) { WorkingDirectory = AppContext.BaseDirectory, Environment = { [NativeHeap.Tunables] = hugePages ? NativeHeap.HugePages : "" } }, "health", key: null, cancellationToken);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
