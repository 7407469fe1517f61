using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Weights.Gguf;

/// <summary>Gives mangled files to a process that must outlive them all. <c>AIFACTORY_FUZZ_SEED</c> and <c>AIFACTORY_FUZZ_COUNT</c> look further than the suite does.</summary>
/// <param name="directory">Where the files lie.</param>
/// <param name="kind">Names what is kept of a file that ended the process.</param>
/// <param name="probe">What the process is told at its start.</param>
internal sealed class FileFuzzer(string directory, string kind, params string[] probe)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="good">Is used; what is made of it is mostly refused.</param>
    public async Task RunAsync(byte[] good, int count)
    {
        var seed = Number("AIFACTORY_FUZZ_SEED") ?? 1;
        count = Number("AIFACTORY_FUZZ_COUNT") ?? count;
        var mangler = new GgufMangler(good, new Random(seed));
        var path = Path.Combine(directory, "fuzzed.gguf");
        var outcomes = new Dictionary<string, int>();
        var deaths = new List<string>();
        var process = ProbeProcess.Start(probe);
        try
        {
            await File.WriteAllBytesAsync(path, good, Token);
            (await process.AskAsync(path, Patience, Token)).ShouldBe("used");
            for (var index = 0; index < count; index++)
            {
                await File.WriteAllBytesAsync(path, mangler.Next(), Token);
                var answer = await process.AskAsync(path, Patience, Token);
                var outcome = answer?.Split(' ')[0] ?? "died";
                outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
                if (answer is null)
                {
                    var kept = Path.Combine(Path.GetTempPath(), $"aifactory-deadly-{kind}-{seed}-{index}.gguf");
                    File.Copy(path, kept, overwrite: true);
                    deaths.Add(kept);
                    process.Dispose();
                    process = ProbeProcess.Start(probe);
                }
            }
        }
        finally
        {
            process.Dispose();
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", outcomes.Select(pair => $"{pair.Key} {pair.Value}")));
        deaths.ShouldBeEmpty();
        // The test would see nothing if all were refused alike, or none.
        outcomes["refused"].ShouldBeGreaterThan(count / 2);
        outcomes["used"].ShouldBeGreaterThan(0);
    }

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : null;
}
