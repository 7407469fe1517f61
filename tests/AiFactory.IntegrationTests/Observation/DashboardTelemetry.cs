using System.Text.Json;
using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests.Observation;

/// <summary>What the genuine dashboard holds, by its own API. Telemetry arrives in batches, so it is asked until all is there.</summary>
internal sealed class DashboardTelemetry(FactoryProcess factory)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public Task<string> LogsAsync(string search, Func<string, bool> isComplete) => AskAsync($"api/telemetry/logs?limit=1000&search={search}", isComplete);

    /// <summary>The spans of a trace, as soon as they are what is asked for.</summary>
    public async Task<IReadOnlyList<Span>> TraceAsync(string traceId, Func<IReadOnlyList<Span>, bool> isComplete) =>
        Read(await AskAsync($"api/telemetry/traces/{traceId}", text => isComplete(Read(text))));

    private async Task<string> AskAsync(string path, Func<string, bool> isComplete)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://localhost:{factory.Settings.DashboardPort}") };
        http.DefaultRequestHeaders.Add("x-api-key", factory.Child("aspire-managed").Environment("DASHBOARD__API__PRIMARYAPIKEY"));
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var response = await http.GetAsync(path, TestContext.Current.CancellationToken);
            var last = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (response.IsSuccessStatusCode && isComplete(last))
            {
                return last;
            }

            if (TimeProvider.System.GetElapsedTime(began) > LibraryClient.Patience)
            {
                throw new TimeoutException($"{path} never was complete; last seen: {(last.Length > 4000 ? last[..4000] : last)}");
            }

            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }

    private static List<Span> Read(string text)
    {
        using var document = JsonDocument.Parse(text);
        return
        [
            .. from resource in document.RootElement.GetProperty("data").GetProperty("resourceSpans").EnumerateArray()
               let service = Attributes(resource.GetProperty("resource")).GetValueOrDefault("service.name", "")
               from scope in resource.GetProperty("scopeSpans").EnumerateArray()
               from span in scope.GetProperty("spans").EnumerateArray()
               select new Span(
                   span.GetProperty("spanId").GetString() ?? "",
                   span.TryGetProperty("parentSpanId", out var parent) ? parent.GetString() : null,
                   service,
                   span.GetProperty("name").GetString() ?? "",
                   Attributes(span)),
        ];
    }

    private static Dictionary<string, string> Attributes(JsonElement holder) =>
        holder.TryGetProperty("attributes", out var attributes)
            ? attributes.EnumerateArray().ToDictionary(
                attribute => attribute.GetProperty("key").GetString() ?? "",
                attribute => attribute.GetProperty("value").EnumerateObject().First().Value.ToString(),
                StringComparer.Ordinal)
            : [];
}
