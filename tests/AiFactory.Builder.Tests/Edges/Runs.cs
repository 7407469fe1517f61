using System.Net.ServerSentEvents;
using System.Text.Json;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;

namespace AiFactory.Builder.Tests.Edges;

/// <summary>Short ways to make flows and run them over HTTP.</summary>
internal static class Runs
{
    internal const string Base = "/api/builder/projects/default";

    internal static async Task MakeFlowAsync(this HttpClient client, string name, FlowGraph graph)
    {
        await client.PostAsync<FlowRequest, FlowResponse>($"{Base}/flows", new FlowRequest(name, null, null, null, null));
        var saved = await client.PutAsync<GraphRequest, GraphSaved>($"{Base}/flows/{name}/graph", new GraphRequest(1, graph));
        saved.Problems.ShouldBeEmpty();
    }

    internal static Task<RunResponse> StartRunAsync(this HttpClient client, string flow, object input) =>
        client.PostAsync<RunRequest, RunResponse>($"{Base}/flows/{flow}/runs", new RunRequest(JsonSerializer.SerializeToElement(input), null, null));

    internal static Task<RunResponse> EndedRunAsync(this HttpClient client, Guid id) =>
        client.UntilAsync<RunResponse>($"{Base}/runs/{id}", run => run.State is RunStates.Succeeded or RunStates.Failed or RunStates.Cancelled);

    /// <summary>Makes the flow, runs it with that text, and waits for its end.</summary>
    internal static async Task<RunResponse> RunAsync(this HttpClient client, FlowGraph graph, string text = "Hello")
    {
        var name = $"f{Guid.CreateVersion7():n}";
        await client.MakeFlowAsync(name, graph);
        return await client.EndedRunAsync((await client.StartRunAsync(name, new { text })).Id);
    }

    internal static async IAsyncEnumerable<RunEventResponse> FollowAsync(this HttpClient client, Guid id, long? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Base}/runs/{id}/events");
        if (lastEventId is { } last)
        {
            request.Headers.Add("Last-Event-ID", last.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("text/event-stream");
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(TestContext.Current.CancellationToken))
        {
            yield return JsonSerializer.Deserialize<RunEventResponse>(item.Data, JsonSerializerOptions.Web) ?? throw new InvalidOperationException("The event is null.");
        }
    }

    internal static string? Text(this RunResponse run) => run.Output is { } output && output.TryGetProperty("text", out var text) ? text.GetString() : null;
}
