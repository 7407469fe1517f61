using System.CommandLine;

namespace AiFactory.Inference.Benchmarking;

/// <summary><c>AiFactory.Inference benchmark ...</c>: measures a server that runs already, this worker or another. It starts none.</summary>
internal static class BenchmarkCommand
{
    private const int Failed = 1;
    private const int Interrupted = 130;

    public static Task<int> RunAsync(string[] args) => RunAsync(args, TimeProvider.System, Console.Out, Console.Error, CancellationToken.None);

    /// <returns>0 when every request was answered, 1 when one failed or nothing could be measured, 130 after Ctrl+C.</returns>
    internal static Task<int> RunAsync(string[] args, TimeProvider time, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var options = new BenchmarkCommandOptions();
        var command = options.ToCommand();
        command.SetAction((parsed, stop) => MeasureAsync(options.Read(parsed), parsed.GetValue(options.Output), time, output, error, stop));

        // The report is printed after Ctrl+C; what is under way is given up at once.
        return command.Parse(args).InvokeAsync(new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) }, cancellationToken);
    }

    private static async Task<int> MeasureAsync(BenchmarkSettings settings, FileInfo? file, TimeProvider time, TextWriter output, TextWriter error, CancellationToken stop)
    {
        using var runner = new BenchmarkRunner(settings, time);
        var interrupted = false;
        try
        {
            await runner.RunAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            interrupted = true;
        }
        catch (BenchmarkException refused)
        {
            await error.WriteLineAsync($"Nothing was measured: {refused.Message}");
            return Failed;
        }

        var report = runner.Report(interrupted);
        await output.WriteAsync(BenchmarkTable.ToText(report));
        if (file is not null)
        {
            try
            {
                await File.WriteAllTextAsync(file.FullName, BenchmarkTable.ToJson(report), CancellationToken.None);
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                await error.WriteLineAsync($"--output: {unwritable.Message}");
                return Failed;
            }
        }

        return interrupted ? Interrupted : report.Failed > 0 ? Failed : 0;
    }
}
