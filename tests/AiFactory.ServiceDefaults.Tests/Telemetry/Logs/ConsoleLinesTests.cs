using System.Text;
using AiFactory.ServiceDefaults.Telemetry.Logs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace AiFactory.ServiceDefaults.Tests.Telemetry.Logs;

public sealed class ConsoleLinesTests
{
    public static TheoryData<LogLevel, int, string, string?> Lines => new()
    {
        { LogLevel.Information, 100, "Request 1 answered 200", null },
        { LogLevel.Trace, 0, "Zürich, 東京, 🙂", null },
        { LogLevel.Debug, -7, "first\nsecond\n\nfourth", null },
        { LogLevel.Warning, int.MaxValue, "", "broken" },
        { LogLevel.Error, 1, "with its cause", "on two\nlines" },
        { LogLevel.Critical, 2, "", null },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_line_is_the_one_that_the_usual_formatter_writes(LogLevel level, int id, string message, string? thrown)
    {
        var exception = thrown is null ? null : new InvalidOperationException(thrown);
        using var services = new ServiceCollection().AddLogging(logging => logging.AddSimpleConsole(options => options.ColorBehavior = LoggerColorBehavior.Disabled)).BuildServiceProvider();
        using var usual = new StringWriter();
        var formatter = services.GetServices<ConsoleFormatter>().Single(each => each.Name == ConsoleFormatterNames.Simple);
        formatter.Write(new LogEntry<string>(level, "Some.Category", id, message, exception, (state, _) => state), null, usual);

        Written(logger => logger.Log(level, id, message, exception, (state, _) => state)).ShouldBe(usual.ToString());
    }

    [Fact]
    public void All_lines_of_all_threads_are_written_whole_when_it_ends()
    {
        const int Each = 2000;
        var text = Written(logger => Parallel.For(0, 4, thread =>
        {
            for (var i = 0; i < Each; i++)
            {
                logger.Log(LogLevel.Information, 0, (thread, i), null, (state, _) => $"<{state.thread}:{state.i}>");
            }
        }));

        var lines = text.Split('\n').Where(line => line.StartsWith("      <", StringComparison.Ordinal)).ToList();
        lines.Count.ShouldBe(4 * Each);
        for (var thread = 0; thread < 4; thread++)
        {
            lines.Where(line => line.StartsWith($"      <{thread}:", StringComparison.Ordinal)).ShouldBe(Enumerable.Range(0, Each).Select(i => $"      <{thread}:{i}>"));
        }
    }

    [Fact]
    public async Task Who_logs_more_than_the_output_takes_waits_for_it_and_loses_nothing()
    {
        const int Count = 300;
        using var output = new HeldStream();
        using var lines = new ConsoleLines(output);
        var line = Encoding.UTF8.GetBytes(new string('x', 9999) + "\n");
        var done = 0;
        var logging = Task.Run(
            () =>
            {
                for (; done < Count; Volatile.Write(ref done, done + 1))
                {
                    lines.Add(line, hurry: false);
                }
            },
            TestContext.Current.CancellationToken);

        // One buffer is with the output, which takes nothing, and one is full.
        await output.Asked.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Volatile.Read(ref done).ShouldBeLessThan(Count);
        logging.IsCompleted.ShouldBeFalse();

        output.Release();
        await logging.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        lines.Dispose();
        output.Written.ShouldBe(Count * line.Length);
        output.Largest.ShouldBeLessThanOrEqualTo(1 << 20);
    }

    [Fact]
    public void A_line_that_the_output_refuses_stops_nobody_and_the_next_is_written()
    {
        using var output = new FullStream();
        using var lines = new ConsoleLines(output);

        lines.Add("refused\n"u8, hurry: true);
        SpinWait.SpinUntil(() => output.HasRefused, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        lines.Add("taken\n"u8, hurry: true);
        lines.Dispose();
        lines.Add("behind the end\n"u8, hurry: true);
        Encoding.UTF8.GetString(output.ToArray()).ShouldBe("taken\nbehind the end\n");
    }

    public static TheoryData<string, Action<WebApplicationBuilder>, bool, bool> Consoles => new()
    {
        { "says nothing", _ => { }, true, true },
        { "is a terminal", _ => { }, false, false },
        { "says a level", builder => builder.Configuration["Logging:Console:LogLevel:Default"] = "Debug", true, true },
        { "says a form", builder => builder.Configuration["Logging:Console:FormatterName"] = "json", true, false },
        { "has a form by its program", builder => builder.Logging.AddJsonConsole(), true, false },
        // As an engine's process does: a line of its log on standard output would be none of its reports to its worker.
        { "goes to standard error", builder => builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace), true, false },
        { "is none", builder => builder.Logging.ClearProviders(), true, false },
    };

    [Theory]
    [MemberData(nameof(Consoles))]
    public void Only_a_console_of_which_nothing_is_said_is_replaced(string console, Action<WebApplicationBuilder> say, bool isRedirected, bool isReplaced)
    {
        var builder = WebApplication.CreateBuilder();
        say(builder);
        var before = builder.Services.Count(IsUsual);

        builder.UseConsoleLines(isRedirected);

        using var services = builder.Services.BuildServiceProvider();
        services.GetServices<ILoggerProvider>().OfType<ConsoleLineProvider>().Count().ShouldBe(isReplaced ? 1 : 0, console);
        builder.Services.Count(IsUsual).ShouldBe(isReplaced ? 0 : before, console);
    }

    private static bool IsUsual(ServiceDescriptor service) => service.ServiceType == typeof(ILoggerProvider) && service.ImplementationType == typeof(ConsoleLoggerProvider);

    private static string Written(Action<ILogger> log)
    {
        using var output = new MemoryStream();
        using (var provider = new ConsoleLineProvider(new ConsoleLines(output)))
        {
            log(provider.CreateLogger("Some.Category"));
        }

        return Encoding.UTF8.GetString(output.ToArray());
    }

    /// <summary>Takes nothing until it is released.</summary>
    private sealed class HeldStream : MemoryStream
    {
        private readonly ManualResetEventSlim _released = new();
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public long Written { get; private set; }

        public int Largest { get; private set; }

        public void Release() => _released.Set();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _asked.TrySetResult();
            _released.Wait(TimeSpan.FromSeconds(60));
            Written += buffer.Length;
            Largest = Math.Max(Largest, buffer.Length);
        }

        protected override void Dispose(bool disposing)
        {
            _released.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>Refuses the first write, as a full disk does.</summary>
    private sealed class FullStream : MemoryStream
    {
        private volatile bool _hasRefused;

        public bool HasRefused => _hasRefused;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (!_hasRefused)
            {
                _hasRefused = true;
                throw new IOException("No space left on device");
            }

            base.Write(buffer);
        }
    }
}
