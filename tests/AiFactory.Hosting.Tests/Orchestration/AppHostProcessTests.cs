using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using AiFactory.Testing.Factory;

namespace AiFactory.Hosting.Tests.Orchestration;

/// <summary>A whole AppHost as a process of its own: what it prints, how it ends, and what it leaves.</summary>
public sealed class AppHostProcessTests : IDisposable
{
    private readonly TestHost _host = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(Signals.Kill)]
    [InlineData(Signals.Terminate)]
    public async Task Nothing_that_it_started_outlives_it(int signal)
    {
        using var appHost = Start();
        await ReadyAsync(appHost);
        var children = ChildProcess.DescendantsOf(appHost.Process.Id);
        children.Count(c => c.CommandLine.Contains("TestApp", StringComparison.Ordinal)).ShouldBe(2);
        children.ShouldContain(c => c.CommandLine.StartsWith("sleep 1111", StringComparison.Ordinal));

        var started = Stopwatch.GetTimestamp();
        Signals.Send(appHost.Process.Id, signal);
        await appHost.Process.WaitForExitAsync(_cancellation);
        while (children.Any(c => c.IsAlive()))
        {
            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30), string.Join('\n', children.Where(c => c.IsAlive())));
            await Task.Delay(50, _cancellation);
        }

        appHost.Process.ExitCode.ShouldBe(signal == Signals.Kill ? 137 : 0);
    }

    [Fact]
    public async Task A_killed_sentinel_is_replaced_at_once_by_one_that_knows_all_children()
    {
        using var appHost = Start();
        await ReadyAsync(appHost);
        var killed = Sentinel(appHost);
        Signals.Send(killed.Id, Signals.Kill);
        await TestHost.Soon(Task.Run(
            async () =>
            {
                while (!ChildProcess.DescendantsOf(appHost.Process.Id).Any(c => c.Id != killed.Id && IsSentinel(c)))
                {
                    await Task.Delay(50, _cancellation);
                }
            },
            _cancellation));
        var children = ChildProcess.DescendantsOf(appHost.Process.Id);
        Signals.Send(appHost.Process.Id, Signals.Kill);
        await TestHost.Soon(Task.Run(
            async () =>
            {
                while (children.Any(c => c.IsAlive()))
                {
                    await Task.Delay(50, _cancellation);
                }
            },
            _cancellation));
    }

    [Fact]
    public async Task A_taken_port_ends_it_with_one_sentence_and_exit_code_1()
    {
        using var first = Start();
        var port = new Uri(await ReadyAsync(first)).Port;
        using var second = Start("--port", port.ToString(CultureInfo.InvariantCulture), "--Aspire:Store:Path", Path.Combine(_host.Folder, "elsewhere"));
        await TestHost.Soon(second.Process.WaitForExitAsync(_cancellation));

        second.Process.ExitCode.ShouldBe(1);
        var text = second.Text();
        text.ShouldContain($"Port {port} (endpoint 'http' of 'service') is taken by another AiFactory.Hosting.TestAppHost (process {first.Process.Id})");
        text.ShouldNotContain("   at ");
        Signals.Send(first.Process.Id, Signals.Terminate);
        await TestHost.Soon(first.Process.WaitForExitAsync(_cancellation));
    }

    [Fact]
    public async Task A_missing_parameter_ends_it_with_one_sentence_and_exit_code_1()
    {
        using var appHost = Start("--needs", "admin-key");
        await TestHost.Soon(appHost.Process.WaitForExitAsync(_cancellation));
        appHost.Process.ExitCode.ShouldBe(1);
        appHost.Text().ShouldContain("Parameters__admin_key");
        appHost.Text().ShouldNotContain("   at ");
    }

    private static ChildProcess Sentinel(Running appHost)
        => ChildProcess.DescendantsOf(appHost.Process.Id).Single(IsSentinel);

    private static bool IsSentinel(ChildProcess process) => process.CommandLine.EndsWith("aifactory-sentinel", StringComparison.Ordinal);

    private static Task<string> ReadyAsync(Running appHost) => TestHost.Soon(appHost.Ready.Task);

    private Running Start(params string[] args)
    {
        var start = new ProcessStartInfo(Path.Combine(TestHost.AppHostFolder, "AiFactory.Hosting.TestAppHost"), args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _host.Folder,
        };
        start.Environment["Aspire__Store__Path"] = Path.Combine(_host.Folder, "store");
        start.Environment["DOTNET_USER_SECRETS_FALLBACK_DIR"] = _host.Folder;
        start.Environment["HOME"] = _host.Folder;
        return new Running(Process.Start(start) ?? throw new InvalidOperationException("It did not start."));
    }

    private sealed class Running : IDisposable
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public Running(Process process)
        {
            Process = process;
            process.OutputDataReceived += (_, e) => Line(e.Data);
            process.ErrorDataReceived += (_, e) => Line(e.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public Process Process { get; }

        public TaskCompletionSource<string> Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Text() => string.Join('\n', _lines);

        public void Dispose()
        {
            if (!Process.HasExited)
            {
                Process.Kill();
            }

            Process.Dispose();
        }

        private void Line(string? line)
        {
            _lines.Enqueue(line ?? "");
            if (line?.StartsWith("ready ", StringComparison.Ordinal) == true)
            {
                Ready.TrySetResult(line["ready ".Length..]);
            }
        }
    }
}
