using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using AiFactory.Benchmarks.LlamaServer;
using AiFactory.Inference.Benchmarking;
using AiFactory.ModelGenerator.Models;
using AiFactory.Testing.S3;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace AiFactory.Benchmarks;

/// <summary>A worker's start on a node that never saw the model, and its next one there, for which the store is gone: not a byte can be pulled.</summary>
internal static class WarmStartBenchmark
{
    private const int Rounds = 3;
    private const double Bar = 3;
    private const string Bucket = "models";

    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-warm-start-").FullName;
        try
        {
            var file = Path.Combine(folder, "model.gguf");
            await using (var stream = File.Create(file))
            {
                // 600 million parameters: a small model by what is served, and large enough to be more than the start of a process.
                ChatModel.Create(ChatModelOptions.Large with { Name = "random-600m", SizeLabel = "600M", Width = 1536, Layers = 20, Heads = 24, KeyValueHeads = 8, FeedForward = 4096 }).WriteTo(stream);
            }

            string digest;
            await using (var stream = File.OpenRead(file))
            {
                digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
            }

            var (cold, warm) = (new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                var node = Directory.CreateDirectory(Path.Combine(folder, $"node-{round}")).FullName;
                Dictionary<string, string> settings;
                await using (var store = await S3Server.StartAsync(cancellationToken))
                {
                    settings = new()
                    {
                        ["Serve__Deployment"] = "model",
                        ["Serve__ObjectKey"] = "model.gguf",
                        ["Serve__Digest"] = $"sha256:{digest}",
                        ["Serve__SizeBytes"] = new FileInfo(file).Length.ToString(CultureInfo.InvariantCulture),
                        ["Serve__ContextLength"] = "2048",
                        ["ConnectionStrings__objects"] = store.ConnectionString(Bucket),
                    };
                    await UploadAsync(store, file, cancellationToken);
                    cold.Add(await StartAsync(node, settings, cancellationToken));
                }

                warm.Add(await StartAsync(node, settings, cancellationToken));
                Directory.Delete(node, recursive: true);
            }

            var (first, second) = (Percentiles.Of(cold)?.P50 ?? 0, Percentiles.Of(warm)?.P50 ?? 0);
            var ratio = first / second;
            return new BenchmarkSection(
                "warm-start",
                "Warm start of a worker",
                $"A worker of one generated model ({Number(new FileInfo(file).Length / 1048576.0, "0")} MiB), from the start of its process until it is ready. Cold: downloaded from an S3 server on the loopback, verified and loaded. " +
                $"Warm: the same node again, with the S3 server stopped, so that nothing can be pulled. Medians of {Rounds} nodes.",
                [
                    ["start", "time", "times sooner", "bar", ""],
                    ["cold", $"{Number(first, "0.0")} s", "1", "", ""],
                    ["warm", $"{Number(second, "0.0")} s", Number(ratio, "0.0"), ">= 3", ratio >= Bar ? "met" : "missed"],
                ])
            {
                Missed = ratio < Bar ? [$"a warm start is {Number(ratio, "0.0")} times sooner than a cold one, the bar is 3"] : [],
            };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <returns>Seconds until it is ready.</returns>
    private static async Task<double> StartAsync(string node, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        await using var worker = await WorkerStart.RunAsync(node, settings, cancellationToken);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task UploadAsync(S3Server store, string file, CancellationToken cancellationToken)
    {
        // The SDK's newer checksums are refused by most servers but AWS.
        using var client = new AmazonS3Client(S3Server.AccessKey, S3Server.SecretKey, new AmazonS3Config
        {
            ServiceURL = store.Endpoint.ToString(),
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        });
        await client.PutBucketAsync(Bucket, cancellationToken);
        await client.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = "model.gguf", FilePath = file }, cancellationToken);
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
