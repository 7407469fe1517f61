using System.CommandLine;
using System.CommandLine.Parsing;

namespace AiFactory.Inference.Benchmarking;

/// <summary>The options of the command, and the settings that they make.</summary>
internal sealed class BenchmarkCommandOptions
{
    private static readonly BenchmarkSettings s_defaults = new(new Uri("http://localhost"), "");

    private readonly Option<Uri> _url = new("--url") { Description = "The server, with or without /v1.", Required = true, HelpName = "http://host:port", CustomParser = ParseUrl };
    private readonly Option<string> _model = new("--model") { Description = "The model's name, as the server knows it.", Required = true };
    private readonly Option<string?> _keyFrom = new("--key-from") { Description = "The environment variable that holds the API key, so that it is in no command line.", HelpName = "variable" };
    private readonly Option<string[]> _headers = new("--header") { Description = "A header for every request; may be given several times.", HelpName = "name=value" };
    private readonly Option<string> _route = new("--endpoint") { Description = "chat or completions.", DefaultValueFactory = _ => "chat" };
    private readonly Option<int?> _concurrency = Number<int?>("--concurrency", "Requests under way at any time (default 1).");
    private readonly Option<double?> _rate = Number<double?>("--rate", "Requests that begin in a second, at random times, however many are under way; in the place of --concurrency.");
    private readonly Option<int> _requests = Number("--requests", "Requests in all.", s_defaults.Requests);
    private readonly Option<int> _warmup = Number("--warmup", "Requests before the measured ones, one after the other.", s_defaults.Warmup);
    private readonly Option<int> _promptTokens = Number("--prompt-tokens", "Tokens of a prompt, about.", s_defaults.PromptTokens);
    private readonly Option<int> _outputTokens = Number("--output-tokens", "Tokens of an answer, at most.", s_defaults.OutputTokens);
    private readonly Option<double> _shared = Number("--shared-prefix", "The part of each prompt, from its beginning, that all requests share: 0 to 1.", s_defaults.SharedPrefix);
    private readonly Option<bool> _ignoreEnd = new("--ignore-eos") { Description = "Sends ignore_eos: servers that know it give as many tokens as asked for." };
    private readonly Option<double> _temperature = Number("--temperature", "The sampling temperature.", s_defaults.Temperature);
    private readonly Option<int?> _seed = Number<int?>("--seed", "The prompts' seed; without it another one each time, so that the server's cache does not know the prompts.");
    private readonly Option<double?> _firstGoal = Number<double?>("--slo-ttft-ms", "Goodput counts requests whose first token came within these milliseconds.");
    private readonly Option<double?> _betweenGoal = Number<double?>("--slo-itl-ms", "Goodput counts requests whose tokens came at these milliseconds each, in the mean.");
    private readonly Option<double> _timeout = Number("--timeout-s", "Seconds that one request may take.", s_defaults.Timeout.TotalSeconds);

    public Option<FileInfo?> Output { get; } = new("--output") { Description = "Also writes the report as JSON.", HelpName = "file.json" };

    public RootCommand ToCommand()
    {
        Must(_requests, value => value >= 1, "must be 1 or more");
        Must(_warmup, value => value >= 0, "must be 0 or more");
        Must(_promptTokens, value => value >= 1, "must be 1 or more");
        Must(_outputTokens, value => value >= 1, "must be 1 or more");
        Must(_shared, value => value is >= 0 and <= 1, "must lie between 0 and 1");
        Must(_temperature, value => value is >= 0 and <= 2, "must lie between 0 and 2");
        Must(_timeout, value => value is >= 0.1 and <= 86_400, "must lie between 0.1 and 86400");
        Must(_concurrency, value => value is null or >= 1, "must be 1 or more");
        Must(_rate, value => value is null or (> 0 and <= 100_000), "must be above 0, and 100000 at most");
        Must(_firstGoal, value => value is null or > 0, "must be above 0");
        Must(_betweenGoal, value => value is null or > 0, "must be above 0");
        Must(_keyFrom, name => name is null || Environment.GetEnvironmentVariable(name) is { Length: > 0 }, "names an environment variable that is not set");
        Must(_headers, headers => headers.All(header => header.IndexOf('=', StringComparison.Ordinal) > 0), "must be of the form name=value");
        _route.AcceptOnlyFromAmong("chat", "completions");

        var command = new RootCommand("Measures a server that speaks OpenAI's protocol under a stated load: time to first token, inter-token latency, tokens a second, goodput.")
        {
            _url, _model, _keyFrom, _headers, _route, _concurrency, _rate, _requests, _warmup, _promptTokens, _outputTokens, _shared, _ignoreEnd, _temperature, _seed, _firstGoal, _betweenGoal, _timeout, Output,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(_concurrency) is not null && result.GetResult(_rate) is not null)
            {
                result.AddError("--concurrency and --rate are two kinds of load: give one of them.");
            }
        });
        return command;
    }

    public BenchmarkSettings Read(ParseResult parsed) => new(parsed.GetRequiredValue(_url), parsed.GetRequiredValue(_model))
    {
        Key = parsed.GetValue(_keyFrom) is { } name ? Environment.GetEnvironmentVariable(name) : null,
        Headers = [.. (parsed.GetValue(_headers) ?? []).Select(header => header.Split('=', 2)).Select(parts => KeyValuePair.Create(parts[0].Trim(), parts[1].Trim()))],
        Chat = parsed.GetValue(_route) == "chat",
        Concurrency = parsed.GetValue(_concurrency) ?? 1,
        Rate = parsed.GetValue(_rate),
        Requests = parsed.GetValue(_requests),
        Warmup = parsed.GetValue(_warmup),
        PromptTokens = parsed.GetValue(_promptTokens),
        OutputTokens = parsed.GetValue(_outputTokens),
        SharedPrefix = parsed.GetValue(_shared),
        IgnoreEnd = parsed.GetValue(_ignoreEnd),
        Temperature = parsed.GetValue(_temperature),
        Seed = parsed.GetValue(_seed) ?? Random.Shared.Next(),
        FirstTokenGoal = parsed.GetValue(_firstGoal),
        InterTokenGoal = parsed.GetValue(_betweenGoal),
        Timeout = TimeSpan.FromSeconds(parsed.GetValue(_timeout)),
    };

    private static Option<T> Number<T>(string name, string description) => new(name) { Description = description, HelpName = "n" };

    private static Option<T> Number<T>(string name, string description, T value) => new(name) { Description = description, HelpName = "n", DefaultValueFactory = _ => value };

    private static void Must<T>(Option<T> option, Func<T, bool> isRight, string what) => option.Validators.Add(result =>
    {
        try
        {
            if (!isRight(result.GetRequiredValue(option)))
            {
                result.AddError($"{option.Name} {what}: {string.Join(' ', result.Tokens.Select(token => token.Value))}");
            }
        }
        catch (InvalidOperationException unreadable)
        {
            // It is no number at all.
            result.AddError(unreadable.Message);
        }
    });

    private static Uri? ParseUrl(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return url;
        }

        result.AddError($"--url must be an http or https address, not '{text}'.");
        return null;
    }
}
