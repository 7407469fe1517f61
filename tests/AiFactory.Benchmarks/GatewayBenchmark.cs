using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Factory;

namespace AiFactory.Benchmarks;

/// <summary>What the gateway adds to the time to first byte, beside the worker called directly, in turn, in one run.</summary>
internal static class GatewayBenchmark
{
    private const int Warmup = 300;
    private const int Rounds = 2_000;

    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        await using var factory = await FactoryProcess.StartAsync(cancellationToken: cancellationToken);
        using var admin = factory.CreateClient();
        var deployment = await admin.GetFromJsonAsync<DeploymentResponse>("api/library/projects/default/deployments/demo-embed", cancellationToken)
            ?? throw new InvalidOperationException("the library answered null");
        var replica = new Uri(deployment.Observed[0].Url);
        var gatewayPort = new Uri(factory.Child("AiFactory.Gateway").Environment("ASPNETCORE_URLS")!.Split(';')[0]); // the AppHost gives every service its address

        using var direct = new HttpClient { BaseAddress = replica };
        using var gateway = factory.CreateClient();
        gateway.BaseAddress = gatewayPort;
        using var proxied = factory.CreateClient();
        var tokens = IdentityTokensFor(factory);
        Func<HttpRequestMessage> toWorker = () => Request(tokens, deployment.Id);
        Func<HttpRequestMessage> toGateway = () => Request(null, null);

        var samples = new[] { new List<double>(), [], [] };
        for (var round = -Warmup; round < Rounds; round++)
        {
            var times = new[]
            {
                await TimeAsync(direct, toWorker(), cancellationToken),
                await TimeAsync(gateway, toGateway(), cancellationToken),
                await TimeAsync(proxied, toGateway(), cancellationToken),
            };
            for (var side = 0; side < samples.Length && round >= 0; side++)
            {
                samples[side].Add(times[side]);
            }
        }

        return new BenchmarkSection(
            "gateway",
            "Time to first byte through the gateway",
            $"One input embedded by `demo-embed`, {Rounds} times after {Warmup} to warm up, the three ways in turn on kept-alive connections; time from the request to the response's headers. Everything is on: keys, telemetry to the dashboard at full sampling.",
            [
                ["way", "p50", "p99", "p50 added", "p99 added"],
                Row("worker called directly", samples[0], samples[0]),
                Row("through the gateway", samples[1], samples[0]),
                Row("through the AppHost's proxy port and the gateway", samples[2], samples[0]),
            ]);
    }

    private static Func<string> IdentityTokensFor(FactoryProcess factory)
    {
        var key = factory.Child("AiFactory.Inference").Environment("Identity__Key") ?? throw new InvalidOperationException("the worker has no Identity__Key");
        return () => BenchmarkIdentity.Token(key);
    }

    private static HttpRequestMessage Request(Func<string>? token, Guid? deployment)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "v1/embeddings") { Content = JsonContent.Create(new { model = "demo-embed", input = "one short sentence" }) };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token());
            request.Headers.Add(WireHeaders.Deployment, deployment.ToString());
        }

        return request;
    }

    private static async Task<double> TimeAsync(HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            var begin = Stopwatch.GetTimestamp();
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var elapsed = Stopwatch.GetElapsedTime(begin);
            response.EnsureSuccessStatusCode();
            await response.Content.CopyToAsync(Stream.Null, cancellationToken);
            return elapsed.TotalMilliseconds;
        }
    }

    private static string[] Row(string way, List<double> samples, List<double> reference) =>
    [
        way,
        Milliseconds(Percentile(samples, 0.5)),
        Milliseconds(Percentile(samples, 0.99)),
        Milliseconds(Percentile(samples, 0.5) - Percentile(reference, 0.5)),
        Milliseconds(Percentile(samples, 0.99) - Percentile(reference, 0.99)),
    ];

    private static double Percentile(List<double> samples, double share) => samples.Order().ElementAt((int)(share * (samples.Count - 1)));

    private static string Milliseconds(double time) => string.Create(CultureInfo.InvariantCulture, $"{time:F2} ms");
}
