using System.Security.Cryptography;
using AiFactory.Inference.Weights;
using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Weights;

/// <summary>A web address whose query is a signature: the server gets it, and nobody else.</summary>
public sealed class SecretAddressTests : IDisposable
{
    private const string Secret = "c2lnbmF0dXJl";

    private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-secret-").FullName;
    private readonly LogLines _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_query_is_sent_and_never_said()
    {
        await using var server = new SignedFile();
        await server.StartAsync();
        using var source = new HttpSource();
        var cache = new WeightsCache(source, Verified.In(_directory), Options.Create(new WeightsOptions { Directory = _directory, Attempts = 1 }), TimeProvider.System, _log);
        var key = ModelUri.Parse($"{server.Address}chat.gguf?sig={Secret}", allowHttp: true).Key;
        async Task<string> RefusedAsync(WeightsPart part) => (await Should.ThrowAsync<WeightsException>(() => cache.AcquireAsync(part, _ => { }, Token))).Message;

        (await cache.AcquireAsync(new WeightsPart(key, "", 0), _ => { }, Token)).Hold.Dispose();
        var refusals = new List<string>
        {
            await RefusedAsync(new WeightsPart(key, "", 7)),
            await RefusedAsync(new WeightsPart(key, $"sha256:{new string('a', 64)}", 0)),
            await RefusedAsync(new WeightsPart(key.Replace("chat", "gone", StringComparison.Ordinal), "", 0)),
        };
        server.IgnoresRanges = true;
        refusals.Add(await RefusedAsync(new WeightsPart(key, $"sha256:{new string('b', 64)}", 0)));

        refusals.ShouldAllBe(refusal => refusal.Contains(".gguf", StringComparison.Ordinal));
        _log.Lines.ShouldContain(line => line.Contains("chat.gguf", StringComparison.Ordinal));
        refusals.Concat(_log.Lines).ShouldAllBe(text => !text.Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://h/a.gguf?X-Amz-Signature=1&X-Amz-Date=2", "https://h/a.gguf?X-Amz-Signature=3&X-Amz-Date=4", true)]
    [InlineData("https://h/a.gguf?sig=1&se=2", "https://h/a.gguf?sig=3&se=4", true)]
    [InlineData("https://h/get?file=a&sig=1", "https://h/get?file=b&sig=1", false)]
    [InlineData("https://h/get?session=a", "https://h/get?session=b", false)]
    [InlineData("models/a?sig=1", "models/a?sig=2", false)]
    public void An_address_that_is_signed_anew_is_the_same_file(string one, string other, bool same) =>
        (ModelUri.WithoutSignature(one) == ModelUri.WithoutSignature(other)).ShouldBe(same);

    private sealed class SignedFile : KestrelEdge
    {
        private readonly byte[] _bytes = RandomNumberGenerator.GetBytes(100_000);

        public bool IgnoresRanges { get; set; }

        protected override async Task AnswerAsync(HttpContext context)
        {
            if (context.Request.Query["sig"] != Secret || context.Request.Path != "/chat.gguf")
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            await Results.Bytes(_bytes, enableRangeProcessing: !IgnoresRanges).ExecuteAsync(context);
        }
    }

    private sealed class LogLines : ILogger<WeightsCache>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines)
            {
                Lines.Add(formatter(state, exception) + exception);
            }
        }
    }
}
