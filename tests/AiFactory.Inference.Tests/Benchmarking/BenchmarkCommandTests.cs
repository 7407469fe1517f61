using System.Text.Json;
using AiFactory.Inference.Benchmarking;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Inference.Tests.Benchmarking;

public sealed class BenchmarkCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-benchmark-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Directory.Delete(_directory, recursive: true);
        _output.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("completions")]
    public async Task Counts_are_those_that_the_server_sent(string endpoint)
    {
        await using var server = new ScriptedServer { Tokens = number => 2 + (number % 5) };
        await server.StartAsync();
        var file = Path.Combine(_directory, "report.json");
        (await RunAsync(server, "--endpoint", endpoint, "--requests", "13", "--concurrency", "3", "--prompt-tokens", "205", "--output-tokens", "8", "--output", file)).ShouldBe(0);

        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(file, Token));
        var root = report.RootElement;
        root.GetProperty("succeeded").GetInt32().ShouldBe(13);
        root.GetProperty("failed").GetInt32().ShouldBe(0);
        root.GetProperty("prompt_tokens").GetInt32().ShouldBe(server.PromptTokensSent);
        root.GetProperty("output_tokens").GetInt32().ShouldBe(server.OutputTokensSent);
        root.GetProperty("cached_tokens").GetInt32().ShouldBe(13 * 3);
        root.GetProperty("time_to_first_token").GetProperty("count").GetInt32().ShouldBe(13);
        root.GetProperty("inter_token_latency").GetProperty("count").GetInt32().ShouldBe(server.OutputTokensSent - 13);
        server.PromptTokensSent.ShouldBe(13 * 205);
        server.MostUnderWay.ShouldBeLessThanOrEqualTo(3);
        _output.ToString().ShouldContain($"output tokens     {server.OutputTokensSent}");
    }

    [Fact]
    public async Task Prompts_share_the_part_that_was_asked_for_and_no_more()
    {
        await using var server = new ScriptedServer();
        await server.StartAsync();
        (await RunAsync(server, "--requests", "4", "--prompt-tokens", "405", "--output-tokens", "4", "--shared-prefix", "0.9", "--warmup", "1")).ShouldBe(0);
        var prompts = server.Bodies.Select(body => body.GetProperty("messages")[0].GetProperty("content").GetString()!.Split(' ')).ToList(); // the server has read it
        prompts.ShouldAllBe(words => words.Length == 200);
        prompts.Select(words => string.Join(' ', words[..180])).Distinct().ShouldHaveSingleItem();
        prompts.Select(words => string.Join(' ', words[180..])).Distinct().Count().ShouldBe(5);
    }

    [Fact]
    public async Task At_a_rate_requests_do_not_wait_for_each_other()
    {
        var all = new TaskCompletionSource();
        await using var server = new ScriptedServer
        {
            Before = async (number, _) =>
            {
                if (number == 5)
                {
                    all.SetResult();
                }

                await all.Task;
                return false;
            },
        };
        await server.StartAsync();
        (await RunAsync(server, "--requests", "6", "--rate", "1000", "--output-tokens", "4")).ShouldBe(0);
        server.MostUnderWay.ShouldBe(6);
    }

    [Fact]
    public async Task What_a_server_refuses_is_told_and_counted()
    {
        await using var server = new ScriptedServer
        {
            Before = async (number, context) =>
            {
                context.Response.StatusCode = 429;
                await context.Response.WriteAsync("""{"error":{"message":"The queue is full."}}""");
                return true;
            },
        };
        await server.StartAsync();
        (await RunAsync(server, "--requests", "3", "--output-tokens", "4")).ShouldBe(1);
        _output.ToString().ShouldContain("3 x 429 Too Many Requests: The queue is full.");
    }

    [Fact]
    public async Task An_error_within_a_stream_is_a_failure()
    {
        await using var server = new ScriptedServer
        {
            Before = async (_, context) =>
            {
                await context.Response.WriteAsync("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"error\":{\"message\":\"The engine failed.\"}}\n\n");
                return true;
            },
        };
        await server.StartAsync();
        (await RunAsync(server, "--requests", "2", "--output-tokens", "4")).ShouldBe(1);
        _output.ToString().ShouldContain("2 x The engine failed.");
    }

    [Fact]
    public async Task What_is_there_so_far_is_printed_when_the_run_is_ended()
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var server = new ScriptedServer
        {
            Before = async (number, context) =>
            {
                if (number < 2)
                {
                    return false;
                }

                await leave.CancelAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return true;
            },
        };
        await server.StartAsync();
        (await RunAsync(server, leave.Token, "--requests", "10", "--output-tokens", "4")).ShouldBe(130);
        _output.ToString().ShouldContain("2 of 10 requests answered");
        _output.ToString().ShouldContain("(ended early)");
    }

    [Fact]
    public async Task The_key_comes_from_the_environment_and_stands_in_no_report()
    {
        const string Variable = "AIFACTORY_TEST_BENCHMARK_KEY";
        Environment.SetEnvironmentVariable(Variable, "secret-of-the-test");
        await using var server = new ScriptedServer();
        await server.StartAsync();
        var file = Path.Combine(_directory, "report.json");
        (await RunAsync(server, "--key-from", Variable, "--requests", "1", "--output-tokens", "4", "--output", file)).ShouldBe(0);
        server.Keys.ShouldBe(["Bearer secret-of-the-test"]);
        (_output + await File.ReadAllTextAsync(file, Token)).ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_server_that_tells_no_usage_cannot_be_measured()
    {
        await using var server = new ScriptedServer { TellsUsage = false };
        await server.StartAsync();
        (await RunAsync(server)).ShouldBe(1);
        _error.ToString().ShouldContain("stream_options.include_usage");
    }

    [Fact]
    public async Task Where_nothing_answers_the_address_is_named()
    {
        await using var server = new ScriptedServer();
        await server.StartAsync();
        await server.KillAsync();
        (await RunAsync(server)).ShouldBe(1);
        _error.ToString().ShouldContain($"nothing answers at {server.Address}v1/chat/completions");
    }

    [Theory]
    [InlineData("--concurrency and --rate are two kinds of load", "--concurrency", "2", "--rate", "3")]
    [InlineData("--shared-prefix must lie between 0 and 1: 90", "--shared-prefix", "90")]
    [InlineData("--requests must be 1 or more", "--requests", "0")]
    [InlineData("--rate must be above 0", "--rate", "0")]
    [InlineData("--key-from names an environment variable that is not set: AIFACTORY_NOT_SET", "--key-from", "AIFACTORY_NOT_SET")]
    [InlineData("--header must be of the form name=value", "--header", "nothing")]
    [InlineData("Cannot parse argument 'many'", "--requests", "many")]
    public async Task An_option_that_is_wrong_is_named(string message, params string[] options)
    {
        (await BenchmarkCommand.RunAsync(["--url", "http://127.0.0.1:1", "--model", "m", .. options], TimeProvider.System, _output, _error, Token)).ShouldBe(1);
        _error.ToString().ShouldContain(message);
    }

    [Fact]
    public async Task Without_a_server_it_says_what_is_missing()
    {
        (await BenchmarkCommand.RunAsync([], TimeProvider.System, _output, _error, Token)).ShouldBe(1);
        _error.ToString().ShouldContain("--url");
        _error.ToString().ShouldContain("--model");
        (await BenchmarkCommand.RunAsync(["--url", "localhost", "--model", "m"], TimeProvider.System, _output, _error, Token)).ShouldBe(1);
        _error.ToString().ShouldContain("--url must be an http or https address, not 'localhost'");
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        (await BenchmarkCommand.RunAsync(["--help"], TimeProvider.System, _output, _error, Token)).ShouldBe(0);
        foreach (var option in new[] { "--url", "--model", "--key-from", "--concurrency", "--rate", "--requests", "--prompt-tokens", "--output-tokens", "--shared-prefix", "--slo-ttft-ms", "--slo-itl-ms", "--output" })
        {
            _output.ToString().ShouldContain(option);
        }
    }

    private Task<int> RunAsync(ScriptedServer server, params string[] options) => RunAsync(server, Token, options);

    private Task<int> RunAsync(ScriptedServer server, CancellationToken token, params string[] options) =>
        BenchmarkCommand.RunAsync(["--url", server.Address.ToString(), "--model", "m", "--seed", "1", .. options], TimeProvider.System, _output, _error, token);
}
