using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Library;
using AiFactory.IntegrationTests.Clients;
using AiFactory.IntegrationTests.Observation;

namespace AiFactory.IntegrationTests.Applications;

/// <summary>A flow over documents, published, and asked by the official OpenAI client for JavaScript through the gateway.</summary>
[Collection(SharedFactory.Name)]
public sealed class PublishedFlowTests(FactoryFixture fixture)
{
    private const string Builder = "api/builder/projects/default";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_published_flow_is_a_model_whose_calls_are_one_trace()
    {
        using var client = new LibraryClient(fixture.Factory);
        await KnowledgeAsync(client);
        await client.PostAsync<FlowResponse>($"{Builder}/flows", new FlowRequest("harbour", "", "chat-over-documents", "harbour", "demo-chat"));
        await client.PostAsync<PublishedFlow>($"{Builder}/flows/harbour/publish", new PublishRequest("harbour", null));
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        try
        {
            var seen = JsonDocument.Parse(await NpmClient.RunAsync("openai-flow.mjs", new Dictionary<string, string>
            {
                ["BASE_URL"] = new Uri(fixture.Factory.GatewayAddress, "v1").ToString(),
                ["API_KEY"] = fixture.Factory.Settings.AdminKey,
                ["MODEL"] = "flow/harbour",
                ["QUESTION"] = "When does the harbour of Lindo open?",
                ["TRACEPARENT"] = $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01",
            })).RootElement;

            var chat = seen.GetProperty("chat");
            chat.GetProperty("text").GetString().ShouldNotBeNullOrWhiteSpace();
            chat.GetProperty("finish").GetString().ShouldBe("stop");
            chat.GetProperty("usage").GetProperty("completion_tokens").GetInt32().ShouldBeGreaterThan(0);
            var stream = seen.GetProperty("stream");
            stream.GetProperty("text").GetString().ShouldBe(chat.GetProperty("text").GetString(), "the template asks at temperature 0");
            stream.GetProperty("chunks").GetInt32().ShouldBeGreaterThan(3);
            stream.GetProperty("usage").GetProperty("total_tokens").GetInt32().ShouldBe(chat.GetProperty("usage").GetProperty("total_tokens").GetInt32());
            seen.GetProperty("models").EnumerateArray().Select(model => model.GetString()).ShouldContain("flow/harbour");
            seen.GetProperty("owner").GetString().ShouldBe("default");
            (seen.GetProperty("missing").GetProperty("status").GetInt32(), seen.GetProperty("missing").GetProperty("code").GetString()).ShouldBe((404, "model_not_found"));

            var run = await client.GetAsync<RunResponse>($"{Builder}/runs/{Guid.ParseExact(chat.GetProperty("id").GetString()!["chatcmpl-".Length..], "N")}"); // checked above: it is there
            (run.State, run.TraceId).ShouldBe((RunStates.Succeeded, trace));
            run.Output.ShouldNotBeNull().GetProperty("passages")[0].GetProperty("text").GetString().ShouldNotBeNull().ShouldContain("Lindo");
            await AssertTraceAsync(trace);
        }
        finally
        {
            await client.Http.DeleteAsync($"{Builder}/flows/harbour", Cancellation);
            await client.Http.DeleteAsync($"{Builder}/knowledge-bases/harbour", Cancellation);
        }
    }

    /// <summary>Each answer's two calls of a model lie below their step, through the gateway to the worker, with the tokens that they took.</summary>
    private async Task AssertTraceAsync(string traceId)
    {
        const int answers = 2; // the plain one and the streamed one
        (string Step, string Call, string Tokens)[] expected = [("step retrieve", "embeddings demo-embed", "gen_ai.usage.input_tokens"), ("step model", "chat demo-chat", "gen_ai.usage.output_tokens")];

        // Each service sends its spans when it likes: the trace is whole when those in between are there as well.
        var trace = await new DashboardTelemetry(fixture.Factory).TraceAsync(traceId, spans => expected.All(each =>
        {
            var made = spans.Where(span => span.Service == "builder" && span.Name == each.Step).ToList();
            return made.Count == answers && made.TrueForAll(step =>
                spans.Any(asked => asked.Service == "gateway" && asked.Name == "POST /v1/chat/completions" && step.IsBelow(asked, spans))
                && spans.Any(served => served.Service == "worker" && served.Name == each.Call && served.IsBelow(step, spans)));
        }));

        foreach (var (step, call, tokens) in expected)
        {
            foreach (var made in trace.Where(span => span.Service == "builder" && span.Name == step))
            {
                trace.ShouldContain(span => span.Service == "gateway" && span.Name == "POST /v1/chat/completions" && made.IsBelow(span, trace));
                var governed = trace.Single(span => span.Service == "gateway" && span.Name == call && span.IsBelow(made, trace));
                var served = trace.Single(span => span.Service == "worker" && span.Name == call && span.IsBelow(governed, trace));
                long.Parse(served.Attributes[tokens], CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
            }
        }
    }

    private static async Task KnowledgeAsync(LibraryClient client)
    {
        await client.PostAsync<KnowledgeBaseResponse>($"{Builder}/knowledge-bases", new KnowledgeBaseRequest("harbour", null, null, null, null));
        using var text = new StringContent("The harbour of Lindo opens at six in the morning. Its lighthouse was built in 1874.");
        using var uploaded = await client.Http.PostAsync($"{Builder}/knowledge-bases/harbour/documents?name=lindo.txt", text, Cancellation);
        uploaded.IsSuccessStatusCode.ShouldBeTrue();
        await client.WaitAsync<Page<DocumentResponse>>($"{Builder}/knowledge-bases/harbour/documents", page => page.Items.Single().State == DocumentStates.Ready);
    }
}
